"""The verdict and the findings agree, and tables of few distinct rows are not said to be copied."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar


def games(seed: int, rows: int = 600) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    pairs = [rng.permutation(6)[:2] for _ in range(rows)]
    teams = np.array(["Lyon", "Paris", "Lille", "Nice", "Brest", "Metz"])
    return pl.DataFrame(
        {
            "home": [str(teams[a]) for a, _ in pairs],
            "away": [str(teams[b]) for _, b in pairs],
            "goals": rng.poisson(2, rows),
        }
    )


def frequent(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that at least five rows equal."""
    return frame.filter(pl.len().over(frame.columns) >= 5)


def test_rows_that_many_share_are_no_copies() -> None:
    real, holdout = games(1), games(2, 150)
    # Without rare rows, as many synthetic rows as possible equal a training row.
    synthetic = frequent(games(3, 2_000)).head(600)
    card = ar.compare(real, synthetic, holdout=holdout, metrics=["exact_copies"])
    assert "COPIES" not in card.verdict
    real, holdout = games(1, 150), games(2, 400)
    copied = ar.compare(real, real.sample(140, seed=1), holdout=holdout, metrics=["exact_copies"])
    assert "COPIES" in copied.verdict


@pytest.mark.parametrize("broken", [0.05, 0.2])
def test_broken_relations_of_the_verdict_are_a_finding(broken: float) -> None:
    rng = np.random.default_rng(4)

    def products(rows: int) -> pl.DataFrame:
        price, grams = np.round(rng.uniform(1, 90, rows), 2), rng.choice([250, 330, 500, 750], rows)
        return pl.DataFrame({"cena": price, "g": grams, "za kg": np.round(1000 * price / grams, 2)})

    synthetic = products(600)
    wrong = pl.Series(rng.random(600) < broken)
    synthetic = synthetic.with_columns(
        pl.when(wrong).then(pl.col("za kg") * 1.5).otherwise("za kg").round(2).alias("za kg")
    )
    card = ar.compare(products(600), synthetic, holdout=products(60))
    assert "BREAKS RELATIONS" in card.verdict
    assert any(finding.code == "relations" for finding in card.findings)
