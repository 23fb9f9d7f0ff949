"""What SDMetrics says of the fixed tables in tests/reference, for the tests of our metrics.

Run it with a Python of its own, from anywhere:

    python3 -m venv ENV && ENV/bin/pip install -r benchmarks/references/sdmetrics.txt
    ENV/bin/python benchmarks/references/sdmetrics.py
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path = [place for place in sys.path if Path(place or ".").resolve() != HERE]  # our own name

import pandas as pd  # noqa: E402
from sdmetrics.column_pairs import ContingencySimilarity, CorrelationSimilarity  # noqa: E402
from sdmetrics.single_column import (  # noqa: E402
    BoundaryAdherence,
    CategoryAdherence,
    CategoryCoverage,
    MissingValueSimilarity,
    RangeCoverage,
)

TABLES = HERE.parents[1] / "tests" / "reference"
NUMERIC = (RangeCoverage, BoundaryAdherence)
DISCRETE = (CategoryCoverage, CategoryAdherence)


def figures(real: pd.DataFrame, other: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Name of a metric -> column or pair -> its score."""
    numeric = list(real.select_dtypes("number"))
    discrete = [name for name in real if name not in numeric]
    found: dict[str, dict[str, float]] = {}
    for metrics, names in ((NUMERIC, numeric), (DISCRETE, discrete)):
        for metric in metrics:
            found[metric.__name__] = {n: float(metric.compute(real[n], other[n])) for n in names}
    found["MissingValueSimilarity"] = {
        n: float(MissingValueSimilarity.compute(real[n], other[n])) for n in real
    }
    for coefficient in ("Pearson", "Spearman"):
        found[f"CorrelationSimilarity {coefficient}"] = {
            f"{a} x {b}": float(
                CorrelationSimilarity.compute(real[[a, b]], other[[a, b]], coefficient=coefficient)
            )
            for a, b in combinations(numeric, 2)
        }
    found["ContingencySimilarity"] = {
        f"{a} x {b}": float(ContingencySimilarity.compute(real[[a, b]], other[[a, b]]))
        for a, b in combinations(discrete, 2)
    }
    return found


def main() -> None:
    real, synthetic, holdout = (
        pd.read_csv(TABLES / f"adult_{name}.csv") for name in ("real", "synthetic", "holdout")
    )
    told = {
        "sdmetrics": version("sdmetrics"),
        "synthetic": figures(real, synthetic),
        "holdout": figures(real, holdout),
    }
    text = json.dumps(told, indent=1)
    (TABLES / "sdmetrics.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
