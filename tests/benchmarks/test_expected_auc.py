"""The expected success of attacks is a fit to measured figures, and the code has its constants."""

import json

import numpy as np
import pytest

from artesian.synthesizers import memorisation
from expected_auc import fitted
from machine import RESULTS


def test_the_fit_finds_the_constants_of_exact_figures():
    rows = [
        {
            "set": name,
            "method": "trees",
            "splits": {
                "0": {
                    "nats": nats,
                    **{str(f): [0.05 * np.sqrt(nats * f / (f + 2.0)), 1e-4, "a"] for f in (1, 20)},
                }
            },
        }
        for name, nats in (("one", 0.5), ("two", 3.0))
    ]
    assert fitted(rows) == pytest.approx((0.05, 2.0), rel=0.02)


def test_the_constants_are_those_of_the_results():
    rows = json.loads((RESULTS / "memorisation.json").read_text(encoding="utf-8"))["sets"]
    advantage, half = fitted(rows)
    assert pytest.approx(advantage, abs=0.0006) == memorisation.ADVANTAGE
    assert pytest.approx(half, abs=0.06) == memorisation.ROWS_FACTOR
