"""MOSTLY AI's TabularARGN at its defaults.

One departure, in its favour: rare categories are replaced by draws from the frequent ones, not by
the word `_RARE_`, which a detector would know at once.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from mostlyai.engine import TabularARGN, set_random_state

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import harness


def fit(real: pd.DataFrame, asked: argparse.Namespace) -> Any:
    more = {"max_epochs": asked.epochs} if asked.epochs else {}
    return TabularARGN(random_state=0, device="cpu", **more).fit(real)


def draw(model: Any, rows: int, seed: int) -> pd.DataFrame:
    set_random_state(seed)
    return model.sample(n_samples=rows, rare_category_replacement_method="SAMPLE")


if __name__ == "__main__":
    harness.main(fit, draw, ["mostlyai-engine", "torch"], {"rare_categories": "sampled"})
