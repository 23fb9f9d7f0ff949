"""Regressions by the `statsmodels` package, for the fixed tables in tests/reference.

    python benchmarks/references/statsmodels.py     # in an environment with statsmodels.txt

Writes tests/reference/statsmodels.json, which the tests compare ours with.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.remove(str(HERE))  # this file has the package's name

OUT = HERE.parents[1] / "tests" / "reference"
ROWS = 500
NUMBERS = {
    "logistic": ["age", "education_num", "hours_per_week"],
    "linear": ["age", "education_num"],
    "cox": ["age", "education_num"],
}


def design(frame, base, names):
    """Numbers in standard deviations of `base`, and an indicator of the rarer sex."""
    import pandas as pd

    found = pd.DataFrame(
        {name: (frame[name] - base[name].mean()) / base[name].std(ddof=0) for name in names}
    )
    rarer = base["sex"].value_counts().index[-1]
    return found.assign(sex=(frame["sex"] == rarer).astype(float))


def fitted(model, frame, base):
    """Estimates and standard errors, without the intercept's."""
    import statsmodels.api as sm

    x = design(frame, base, NUMBERS[model])
    rich = (frame["income"] == ">50K").astype(float)
    hours = frame["hours_per_week"].astype(float)
    if model == "cox":
        found = sm.PHReg(hours, x, status=rich, ties="breslow").fit()
        return {"beta": list(found.params), "error": list(found.bse)}
    with_intercept = sm.add_constant(x)
    if model == "logistic":
        found = sm.Logit(rich, with_intercept).fit(disp=0, tol=1e-12)
    else:
        found = sm.OLS(hours / base["hours_per_week"].std(ddof=0), with_intercept).fit()
    return {"beta": list(found.params[1:]), "error": list(found.bse[1:])}


if __name__ == "__main__":
    import pandas as pd

    tables = {
        side: pd.read_csv(OUT / f"adult_{side}.csv").head(ROWS)
        for side in ("real", "synthetic", "holdout")
    }
    told = {"library": f"statsmodels {version('statsmodels')}", "rows": ROWS} | {
        model: {side: fitted(model, frame, tables["real"]) for side, frame in tables.items()}
        for model in NUMBERS
    }
    (OUT / "statsmodels.json").write_text(json.dumps(told, indent=1) + "\n")
