"""Tables that break things: tiny, wide, constant, empty of values, of very many categories."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.synthesizers.store import load, save
from artesian.testing.determinism import Make
from artesian.testing.tables import people, secrets, table


def check_few_rows(make: Make) -> None:
    """One row is enough; none is enough or an error that says so."""
    for rows in (1, 2, 3, 9):
        _works(make, people(rows), f"{rows} rows")
    hint = "none needed"
    try:
        _works(make, people(0), "no rows")
    except DataError as problem:
        hint = problem.hint
    assert hint, "no rows were refused without a hint"


def check_one_column(make: Make) -> None:
    """A table of one column, of whatever kind."""
    for data in (people(60), secrets(60)):
        for name in data.schema.names:
            _works(make, data.select((name,)), f"only {name!r}")


def check_nothing_to_learn(make: Make) -> None:
    """Constant columns stay constant, and columns without a value stay so."""
    for data in (people(60), secrets(60)):
        constant = data.frame.with_columns(pl.all().first())
        keyed = [name for name in data.schema.names if data.schema[name].kind is not Kind.KEY]
        made = _works(make, data.with_frame(constant).select(tuple(keyed)), "constant")
        for name in keyed:
            if data.schema[name].kind is not Kind.TEXT:
                assert made[name].n_unique() == 1, f"{name!r} is constant and was varied"
        empty = data.frame.with_columns(
            pl.lit(None, dtype=dtype).alias(name) for name, dtype in data.frame.schema.items()
        )
        made = _works(make, data.with_frame(empty), "all missing")
        assert made.null_count().sum_horizontal().item() == made.height * made.width, (
            "values were made where the data has none"
        )


def check_more_columns_than_rows(make: Make) -> None:
    """300 columns of 50 rows."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            f"c{i}": rng.normal(size=50) if i % 3 else rng.choice(["a", "b", "c"], 50)
            for i in range(300)
        }
    )
    _works(make, table(frame), "300 columns")


def check_very_many_categories(make: Make) -> None:
    """100,000 different categories: protected, all of them; frequent enough, each of them."""
    rng = np.random.default_rng(0)
    unique = pl.DataFrame(
        {"code": [f"c{i}" for i in range(100_000)], "x": rng.normal(size=100_000)}
    )
    made = _works(make, table(unique, code=Kind.CATEGORY), "100,000 categories")
    assert not set(made["code"]) & set(unique["code"]), "a category of one row was made"
    frame = pl.DataFrame({"code": [f"c{i % 10_000}" for i in range(100_000)]})
    made = make().fit(table(frame), run=Run.of(1)).sample(5000, run=Run.of(2)).frame
    assert set(made["code"]) <= set(frame["code"]), "a category that the data has not"
    # 5,000 draws from 10,000 equally frequent ones meet 3,935 different ones.
    assert 3800 < made["code"].n_unique() < 4070, f"{made['code'].n_unique()} different categories"


def _works(make: Make, data: Table, name: str) -> pl.DataFrame:
    """Fit, sample, save, load and sample again; no error, same rows, same types."""
    model = make().fit(data, run=Run.of(1))
    made = model.sample(100, run=Run.of(2)).frame
    assert made.height == 100, f"{name}: asked for 100 rows, got {made.height}"
    assert made.schema == data.frame.schema, f"{name}: the types changed"
    settings = make()
    with tempfile.TemporaryDirectory() as root:
        save(model, Path(root) / "model")
        again = load(Path(root) / "model", methods={settings.capabilities.name: type(settings)})
    assert again.sample(100, run=Run.of(2)).frame.equals(made), f"{name}: saved, it differs"
    return made
