"""What of the data has to be found again in a sample, as it was written."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.testing.determinism import Make
from artesian.testing.tables import every_type, law, people, table

ROWS = 4000


def check_value_shares_survive(make: Make) -> None:
    """Every category is as frequent as it was."""
    real, made = _pair(make, people(ROWS))
    for name in ("plan", "city", "member"):
        want, got = _shares(real[name]), _shares(made[name])
        assert set(got) <= set(want), f"{name!r} has values that the data has not: {set(got)}"
        gap = max(abs(share - got.get(value, 0.0)) for value, share in want.items())
        assert gap < 0.04, f"the shares of {name!r} moved by {gap:.3f}: {want} became {got}"


def check_null_rate_survives(make: Make) -> None:
    """As many values are missing as were, and none where none were."""
    real, made = _pair(make, people(ROWS))
    for name in real.columns:
        want, got = (frame[name].null_count() / ROWS for frame in (real, made))
        assert abs(want - got) < 0.03, f"missing in {name!r}: {want:.3f} became {got:.3f}"
        assert want > 0 or got == 0, f"missing values in {name!r}, where the data has none"


def check_numbers_survive(make: Make) -> None:
    """The distributions of numbers and times stay close (Kolmogorov-Smirnov)."""
    real, made = _pair(make, people(ROWS))
    for name in ("age", "income", "score", "joined", "rating"):
        one, two = (np.sort(f[name].drop_nulls().to_physical().to_numpy()) for f in (real, made))
        both = np.concatenate([one, two])
        gap = np.abs(
            np.searchsorted(one, both, side="right") / len(one)
            - np.searchsorted(two, both, side="right") / len(two)
        ).max()
        assert gap < 0.05, f"the distribution of {name!r} moved by {gap:.3f}"


def check_types_survive(make: Make) -> None:
    """Every type comes out as it went in, in the first block of rows and in later ones."""
    data = every_type()
    model = make().fit(data, run=Run.of(1))
    assert model.empty().frame.schema == data.frame.schema, "empty() has other types"
    for rows in (0, 10, 5000):
        made = model.sample(rows, run=Run.of(2)).frame
        assert made.schema == data.frame.schema, f"{_differing(data.frame, made)} in {rows} rows"
    for name in data.frame.columns:
        assert 0 < made[name].null_count() < 5000, f"{name}: missing values were lost or took over"


def check_whole_numbers_and_decimals_survive(make: Make) -> None:
    """Floats that hold whole numbers go on doing so; decimals keep their number of digits; times
    that stand on whole seconds or months stay there."""
    rng = np.random.default_rng(0)
    rows = 500
    base = 1_600_000_000_000_000_000
    frame = pl.DataFrame(
        {
            "whole": np.round(rng.normal(size=rows) * 1000),
            "tens": 10.0 * rng.integers(0, 50_000, rows),
            "cents": np.round(rng.normal(size=rows) * 1e4, 2),
            "short": pl.Series(np.round(rng.normal(size=rows) * 100, 1)).cast(pl.Float32),
            "milli": pl.Series(base + rng.integers(0, 10**11, rows) * 10**6).cast(
                pl.Datetime("ns")
            ),
            "huge": 2**62 + 3 * rng.integers(0, 10**6, rows),
        }
    )
    made = make().fit(table(frame), run=Run.of(1)).sample(3000, run=Run.of(2)).frame
    assert (made["whole"] % 1 == 0).all(), "whole numbers became fractions"
    assert (made["tens"] % 10 == 0).all(), "multiples of ten became others"
    assert (made["cents"].round(2) == made["cents"]).all(), "two decimals became more"
    short = made["short"].cast(pl.Float64)
    assert ((short - short.round(1)).abs() < 1e-4).all(), "one decimal of a Float32 became more"
    assert (made["milli"].to_physical() % 10**6 == 0).all(), "milliseconds became nanoseconds"
    assert ((made["huge"] - 2**62) % 3 == 0).all(), "numbers beyond 2**53 lost their last digits"


def check_values_stay_in_bounds(make: Make) -> None:
    """Nothing lies outside the data's range but what a fitted tail adds, and no sign is made up."""
    real, made = _pair(make, people(ROWS))
    for name in ("age", "income", "score", "joined", "rating"):
        one, two = (f[name].drop_nulls().to_physical().to_numpy() for f in (real, made))
        low, high = float(one.min()), float(one.max())
        tail = 0.5 * (high - low)
        beyond = float(((two < low) | (two > high)).mean())
        assert beyond < 0.01, f"{beyond:.1%} of {name!r} lie outside {low}..{high}"
        assert low - tail <= two.min() <= two.max() <= high + tail, f"{name!r} went far outside"
        assert low < 0 or two.min() >= 0, f"{name!r} has become negative"


def check_dependence_survives(make: Make) -> None:
    """Correlated numbers stay so, a category still tells of a number, and noise stays noise."""
    real, made = _pair(make, people(ROWS))
    for one, two in (("age", "income"), ("age", "score"), ("income", "score")):
        want, got = (float(np.corrcoef(f[one], f[two])[0, 1]) for f in (real, made))
        assert abs(want - got) < 0.1, f"the correlation of {one} and {two} {want:.2f} is {got:.2f}"
    real, made = _pair(make, law())
    north = pl.col("region") == "north"
    share, other = (float(f.filter(north)["buys"].to_numpy().mean()) for f in (real, made))
    assert abs(share - other) < 0.05, f"P(buys | north) was {share:.2f} and is {other:.2f}"
    stray = float(np.corrcoef(made["noise"], made["spent"])[0, 1])
    assert abs(stray) < 0.1, f"noise became correlated: {stray:.2f}"


def _pair(make: Make, data: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    return data.frame, make().fit(data, run=Run.of(1)).sample(ROWS, run=Run.of(2)).frame


def _shares(column: pl.Series) -> dict[object, float]:
    counted = column.value_counts(normalize=True)
    return dict(zip(counted.to_series(0), counted.to_series(1), strict=True))


def _differing(real: pl.DataFrame, made: pl.DataFrame) -> str:
    return ", ".join(
        f"{name}: {dtype} became {made.schema[name]}"
        for name, dtype in real.schema.items()
        if made.schema[name] != dtype
    )
