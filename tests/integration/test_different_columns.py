"""Home and away team, origin and destination, payer and payee: never the same."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar


def pairs(values: list[str], rows: int, seed: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    both = [rng.choice(len(values), 2, replace=False) for _ in range(rows)]
    return [values[a] for a, _ in both], [values[b] for _, b in both]


def matches() -> pl.DataFrame:
    home, away = pairs(["Lyon", "Lille", "Brest", "Nantes", "Metz", "Lens"], 400, 1)
    goals = np.random.default_rng(2).poisson(1.4, 400)
    return pl.DataFrame({"domicile": home, "extérieur": away, "buts": goals})


def flights() -> pl.DataFrame:
    start, end = pairs(["OSL", "BGO", "TRD", "CPH", "ARN", "HEL", "KEF", "AMS"], 600, 3)
    minutes = np.random.default_rng(4).normal(90, 20, 600).round()
    return pl.DataFrame({"origin": start, "destination": end, "minutes": minutes})


TABLES = {
    "matches": (matches, "domicile", "extérieur"),
    "flights": (flights, "origin", "destination"),
}


@pytest.mark.parametrize("method", ["trees", "boosted", "marginals"])
@pytest.mark.parametrize("name", TABLES)
def test_both_columns_never_have_one_value(name: str, method: str) -> None:
    make, one, other = TABLES[name]
    source = make()
    synthesis = ar.synth(source, method=method, seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    assert (rows[one] != rows[other]).all()
    assert f"{one} != {other}" in synthesis.scorecard["relations"].parts
    for column in (one, other):
        rates = [
            t[column].value_counts(normalize=True).sort(column)["proportion"]
            for t in (rows, source)
        ]
        assert (rates[0] - rates[1]).abs().max() < 0.08


def test_equal_values_are_named_in_a_comparison() -> None:
    source = flights()
    halves = source.head(300), source.tail(300)
    wrong = source.head(300).with_columns(pl.col("destination").shuffle(seed=1))
    card = ar.compare(halves[0], wrong, halves[1], metrics=["relations"])
    assert card["relations"].parts["origin != destination"] > 0.05
    assert "BREAKS RELATIONS" in card.verdict


def test_columns_that_may_be_equal_are_left_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    values = ["a", "b", "c", "d", "e"]
    frame = pl.DataFrame({"x": rng.choice(values, 300), "y": rng.choice(values, 300)})
    synthesis = ar.synth(frame, method="trees", seed=1, metrics=("relations",))
    assert (synthesis.table.frame["x"] == synthesis.table.frame["y"]).mean() > 0.1
    model = ar.synth(flights(), method="trees", seed=1, metrics=()).model
    ar.save(model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(200)
    assert rows.equals(model.sample(200))
    assert (rows["origin"] != rows["destination"]).all()
