"""Singling out, linkability and inference by the `anonymeter` package, for the fixed tables.

    python benchmarks/references/anonymeter.py     # in an environment with anonymeter.txt

Writes tests/reference/anonymeter.json: rates of success on training and on unseen rows, which the tests
compare ours with. The synthetic rows are those of a model, and as the worst case the training rows.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.remove(str(HERE))  # this file has the package's name

OUT = HERE.parents[1] / "tests" / "reference"
ROWS = 500
KNOWN = ["age", "sex", "race", "education", "marital_status"]
SECRET = "income"
COLUMNS = 3


def rates(evaluator):
    found = evaluator.results()
    return {
        "trained": found.attack_rate.value,
        "unseen": found.control_rate.value,
        "attacks": int(found.n_attacks_ori),
    }


def attacked(real, made, held):
    import numpy as np
    from anonymeter.evaluators import (
        InferenceEvaluator,
        LinkabilityEvaluator,
        SinglingOutEvaluator,
    )

    np.random.seed(0)  # noqa: NPY002 - what the package draws from
    tables = {"ori": real, "syn": made, "control": held, "n_attacks": ROWS}
    rest = [name for name in real.columns if name not in KNOWN]
    others = [name for name in real.columns if name != SECRET]
    singled = SinglingOutEvaluator(n_cols=COLUMNS, **tables)
    linked = LinkabilityEvaluator(aux_cols=(KNOWN, rest), n_neighbors=1, **tables)
    guessed = InferenceEvaluator(aux_cols=others, secret=SECRET, regression=False, **tables)
    singled.evaluate(mode="multivariate")
    linked.evaluate(n_jobs=1)
    guessed.evaluate(n_jobs=1)
    return {
        "singling_out": rates(singled),
        "linkability": rates(linked),
        "attribute_inference": rates(guessed),
    }


if __name__ == "__main__":
    import pandas as pd

    warnings.simplefilter("ignore")
    real, made, held = (
        pd.read_csv(OUT / f"adult_{side}.csv", keep_default_na=False).head(ROWS)
        for side in ("real", "synthetic", "holdout")
    )
    told = {
        "library": f"anonymeter {version('anonymeter')}",
        "rows": ROWS,
        "known": KNOWN,
        "secret": SECRET,
        "columns": COLUMNS,
        "model": attacked(real, made, held),
        "copies": attacked(real, real, held),
    }
    (OUT / "anonymeter.json").write_text(json.dumps(told, indent=1) + "\n")
