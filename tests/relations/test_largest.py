"""Categories that name the largest or smallest of several numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation


def votes() -> pl.DataFrame:
    """Votes for three parties in each ward, and who won."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(8, 40, (500, 3)))
    names = np.array(["Grüne Liste", "Freie Wähler", "Stadtpartei"])
    return pl.DataFrame(
        {
            "Bezirk": [f"B{k % 9}" for k in range(500)],
            "Berechtigte": counts.sum(axis=1) + rng.integers(50, 900, 500),
            "GL": counts[:, 0],
            "FW": counts[:, 1],
            "SP": counts[:, 2],
            "Sieger": names[counts.argmax(axis=1)],
        }
    )


def offers() -> pl.DataFrame:
    """Prices of four suppliers, of which the cheapest one gets the order."""
    rng = np.random.default_rng(2)
    prices = np.round(rng.uniform(20, 30, (300, 1)) + rng.normal(0, 3, (300, 4)), 2)
    names = ["acme", "bolt & co", "O'Hara", "delta"]
    columns = {f"offer {name[0]}": prices[:, k] for k, name in enumerate(names)}
    return pl.DataFrame({**columns, "ordered from": np.array(names)[prices.argmin(axis=1)]})


TABLES = {
    "votes": (
        votes,
        "Sieger = largest(GL: 'Grüne Liste', FW: 'Freie Wähler', SP: 'Stadtpartei')",
    ),
    "offers": (
        offers,
        '"ordered from" = smallest("offer a": \'acme\', "offer b": \'bolt & co\', '
        "\"offer O\": 'O''Hara', \"offer d\": 'delta')",
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_name_of_the_largest_is_kept(name: str, tmp_path: Path) -> None:
    make, wanted = TABLES[name]
    source = make()
    assert wanted in [str(one.relation) for one in discover(ar.read(source))]
    relation = parse_relation(wanted, tuple(source.columns))
    assert str(relation) == wanted
    assert relation.holds(source).all()
    model = ar.synth(source, method="trees", seed=1, metrics=()).model
    rows = model.sample(600)
    assert relation.holds(rows).all()
    target = relation.columns[0]
    assert rows[target].n_unique() == source[target].n_unique()
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(600).equals(rows)


def test_labels_that_no_number_decides_name_none() -> None:
    source = votes().with_columns(pl.col("Sieger").shuffle(seed=1))
    assert not any("largest" in str(one.relation) for one in discover(ar.read(source)))
