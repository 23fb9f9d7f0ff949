"""Gaps between groups by the `fairlearn` package, for fixed predictions.

    python benchmarks/references/fairlearn.py     # in an environment with fairlearn.txt

Writes tests/reference/fairlearn.json, which the tests compare ours with.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.remove(str(HERE))  # this file has the package's name

OUT = HERE.parents[1] / "tests" / "reference"


def cases(rows=400):
    """Truth, scores and groups from a fixed recurrence, so that everybody gets the same ones."""
    state, truth, scores, groups = 7, [], [], []
    for _ in range(rows):
        drawn = []
        for _ in range(3):
            state = (1103515245 * state + 12345) % 2**31
            drawn.append(state // 2**16 % 1000 / 1000)
        group = int(3 * drawn[0])
        groups.append(group)
        truth.append(int(drawn[1] < 0.3 + 0.15 * group))
        scores.append(min(0.999, max(0.001, 0.4 * truth[-1] + 0.5 * drawn[2] + 0.05 * group)))
    return truth, scores, groups


if __name__ == "__main__":
    from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference

    truth, scores, groups = cases()
    chosen = [int(score > 0.5) for score in scores]
    told = {
        "library": f"fairlearn {version('fairlearn')}",
        "truth": truth,
        "scores": scores,
        "groups": groups,
        "demographic_parity": demographic_parity_difference(
            truth, chosen, sensitive_features=groups
        ),
        "equalized_odds": equalized_odds_difference(truth, chosen, sensitive_features=groups),
    }
    (OUT / "fairlearn.json").write_text(json.dumps(told) + "\n")
