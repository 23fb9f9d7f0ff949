"""Precision, recall, density and coverage of fixed points by the `prdc` package.

    python benchmarks/references/prdc.py     # in an environment with prdc.txt

Writes tests/reference/prdc.json, which the tests compare ours with.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.remove(str(HERE))  # this file has the package's name

OUT = HERE.parents[1] / "tests" / "reference"


def points(rows, start, spread):
    """Whole numbers from a fixed recurrence, so that everybody gets the same ones."""
    state, made = start, []
    for _ in range(rows * 4):
        state = (1103515245 * state + 12345) % 2**31
        made.append(state // 2**16 % spread)
    return np.array(made, float).reshape(rows, 4)


if __name__ == "__main__":
    from prdc import compute_prdc

    cases = {
        "alike": (points(180, 1, 100), points(150, 2, 100)),
        "narrow": (points(180, 1, 100), points(150, 3, 40)),
        "wide": (points(180, 4, 60), points(200, 5, 150)),
        "with repeats": (points(180, 6, 4), points(180, 7, 4)),
    }
    found = {
        name: {key: float(value) for key, value in compute_prdc(real, fake, nearest_k=5).items()}
        for name, (real, fake) in cases.items()
    }
    told = {
        "library": f"prdc {version('prdc')}",
        "points": {name: [real.tolist(), fake.tolist()] for name, (real, fake) in cases.items()},
        "figures": found,
    }
    (OUT / "prdc.json").write_text(json.dumps(told) + "\n")
