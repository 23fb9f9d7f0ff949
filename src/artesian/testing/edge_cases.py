"""Checks on extreme tables: tiny, wide, constant, without values, with very many categories."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.synthesizers.store import load, save
from artesian.testing.determinism import Make
from artesian.testing.tables import people, secrets, table


def check_few_rows(make: Make) -> None:
    """Five rows can be fitted; fewer can, or raise an error with a hint, as no value in them may be
    released."""
    for rows in (MIN_COUNT, 9, 20):
        _works(make, people(rows), f"{rows} rows")
    for rows in range(MIN_COUNT):
        refusal = None
        try:
            _works(make, people(rows), f"{rows} rows")
        except DataError as problem:
            refusal = problem
        assert refusal is None or refusal.hint, f"{rows} rows were refused without a hint"


def check_one_column(make: Make) -> None:
    """A table of one column of any kind."""
    for data in (people(60), secrets(60)):
        for name in data.schema.names:
            _works(make, data.select((name,)), f"the single column {name!r}")


def check_nothing_to_learn(make: Make) -> None:
    """Constant columns stay constant, and columns without values stay without."""
    for data in (people(60), secrets(60)):
        constant = data.frame.with_columns(pl.all().first())
        names = [name for name in data.schema.names if data.schema[name].kind is not Kind.KEY]
        rows = _works(make, data.with_frame(constant).select(tuple(names)), "constant")
        for name in names:
            if data.schema[name].kind is not Kind.TEXT:
                assert rows[name].n_unique() == 1, f"{name!r} is no longer constant"
        empty = data.frame.with_columns(
            pl.lit(None, dtype=dtype).alias(name) for name, dtype in data.frame.schema.items()
        )
        rows = _works(make, data.with_frame(empty), "all missing")
        assert rows.null_count().sum_horizontal().item() == rows.height * rows.width, (
            "columns without values got values"
        )


def check_more_columns_than_rows(make: Make) -> None:
    """300 columns of 50 rows, of which no relation is to be searched: that is no matter of a method."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            f"c{i}": rng.normal(size=50) if i % 3 else rng.choice(["a", "b", "c"], 50)
            for i in range(300)
        }
    )
    data = table(frame)
    _works(make, replace(data, schema=replace(data.schema, relations=())), "300 columns")


def check_very_many_categories(make: Make) -> None:
    """100,000 distinct categories: all suppressed if rare, all kept if frequent enough."""
    rng = np.random.default_rng(0)
    unique = pl.DataFrame(
        {
            "code": [f"c{i * 7_919_531 % 10**9}" for i in range(100_000)],
            "x": rng.normal(size=100_000),
        }
    )
    rows = _works(make, table(unique, code=Kind.CATEGORY), "100,000 categories")
    # Made-up codes of nine digits equal one of 100,000 by chance in one of 10,000 rows.
    copied = rows["code"].is_in(unique["code"].implode()).sum()
    assert copied <= 3, f"{copied} of 100 rows have a category of one row"
    frame = pl.DataFrame({"code": [f"c{i % 10_000}" for i in range(100_000)]})
    rows = make().fit(table(frame), run=Run.from_seed(1)).sample(5000, run=Run.from_seed(2)).frame
    assert set(rows["code"]) <= set(frame["code"]), "a category that the data does not have"
    # The expected number of distinct ones in 5,000 draws from 10,000 equally frequent ones is 3,935.
    distinct = rows["code"].n_unique()
    assert 3800 < distinct < 4070, f"{distinct} distinct categories instead of about 3935"


def _works(make: Make, data: Table, name: str) -> pl.DataFrame:
    """Fit, sample, save, load and sample again: no error, the same rows, the same types."""
    model = make().fit(data, run=Run.from_seed(1))
    rows = model.sample(100, run=Run.from_seed(2)).frame
    assert rows.height == 100, f"{name}: asked for 100 rows, got {rows.height}"
    assert rows.schema == data.frame.schema, f"{name}: the types changed"
    settings = make()
    with tempfile.TemporaryDirectory() as root:
        save(model, Path(root) / "model")
        again = load(Path(root) / "model", methods={settings.capabilities.name: type(settings)})
    assert again.sample(100, run=Run.from_seed(2)).frame.equals(rows), (
        f"{name}: the loaded model differs"
    )
    return rows
