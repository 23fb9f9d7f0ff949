"""Checks of fidelity: frequencies, distributions, types, number formats and dependence are kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.testing.determinism import Make
from artesian.testing.tables import every_type, people, purchases, table

ROWS = 4000


def check_category_frequencies(make: Make) -> None:
    """Every category has its real frequency."""
    real, synthetic = _pair(make, people(ROWS))
    for name in ("plan", "city", "member"):
        want, got = _frequencies(real[name]), _frequencies(synthetic[name])
        assert set(got) <= set(want), f"{name!r} has values that the data does not have: {set(got)}"
        error = max(abs(p - got.get(value, 0.0)) for value, p in want.items())
        assert error < 0.04, f"{name!r}: frequencies {got} instead of {want}"


def check_null_rates(make: Make) -> None:
    """Every column has its real null rate, exactly 0 if no value is missing."""
    real, synthetic = _pair(make, people(ROWS))
    for name in real.columns:
        want, got = (frame[name].null_count() / ROWS for frame in (real, synthetic))
        assert abs(want - got) < 0.03, f"{name!r}: null rate {got:.3f} instead of {want:.3f}"
        assert want > 0 or got == 0, f"{name!r}: missing values, where the data has none"


def check_number_distributions(make: Make) -> None:
    """Numbers and times have their real distribution, by the Kolmogorov-Smirnov statistic."""
    real, synthetic = _pair(make, people(ROWS))
    for name in ("age", "income", "score", "joined", "rating"):
        one, two = (
            np.sort(f[name].drop_nulls().to_physical().to_numpy()) for f in (real, synthetic)
        )
        both = np.concatenate([one, two])
        statistic = np.abs(
            np.searchsorted(one, both, side="right") / len(one)
            - np.searchsorted(two, both, side="right") / len(two)
        ).max()
        assert statistic < 0.05, f"{name!r}: Kolmogorov-Smirnov statistic {statistic:.3f}"


def check_types(make: Make) -> None:
    """Every type is kept, in the first block of rows and in later ones."""
    data = every_type()
    model = make().fit(data, run=Run.from_seed(1))
    assert model.empty().frame.schema == data.frame.schema, "empty() has other types"
    for rows in (0, 10, 5000):
        synthetic = model.sample(rows, run=Run.from_seed(2)).frame
        assert synthetic.schema == data.frame.schema, (
            f"{_type_changes(data.frame, synthetic)} in {rows} rows"
        )
    for name in data.frame.columns:
        assert 0 < synthetic[name].null_count() < 5000, (
            f"{name}: no missing values, or nothing else"
        )


def check_integers_and_decimals(make: Make) -> None:
    """Floats that are integers stay so, decimals keep their number of places, and times keep their
    resolution."""
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
    synthetic = (
        make().fit(table(frame), run=Run.from_seed(1)).sample(3000, run=Run.from_seed(2)).frame
    )
    assert (synthetic["whole"] % 1 == 0).all(), "integers became fractions"
    assert (synthetic["tens"] % 10 == 0).all(), "multiples of ten became other numbers"
    assert (synthetic["cents"].round(2) == synthetic["cents"]).all(), "more than two decimals"
    short = synthetic["short"].cast(pl.Float64)
    assert ((short - short.round(1)).abs() < 1e-4).all(), "more than one decimal of a Float32"
    assert (synthetic["milli"].to_physical() % 10**6 == 0).all(), (
        "times are finer than milliseconds"
    )
    assert ((synthetic["huge"] - 2**62) % 3 == 0).all(), (
        "integers beyond 2**53 lost their last digits"
    )


def check_bounds(make: Make) -> None:
    """Values stay in the data's range but for fitted tails, and keep a sign that all values have."""
    real, synthetic = _pair(make, people(ROWS))
    for name in ("age", "income", "score", "joined", "rating"):
        one, two = (f[name].drop_nulls().to_physical().to_numpy() for f in (real, synthetic))
        low, high = float(one.min()), float(one.max())
        tail = 0.5 * (high - low)
        beyond = float(((two < low) | (two > high)).mean())
        assert beyond < 0.01, f"{beyond:.1%} of {name!r} lie outside {low}..{high}"
        assert low - tail <= two.min() <= two.max() <= high + tail, (
            f"{name!r} has values far outside {low}..{high}"
        )
        assert low < 0 or two.min() >= 0, f"{name!r} has negative values"


def check_dependence(make: Make) -> None:
    """Correlations and conditional frequencies are kept, and independent columns stay independent."""
    real, synthetic = _pair(make, people(ROWS))
    for one, two in (("age", "income"), ("age", "score"), ("income", "score")):
        want, got = (float(np.corrcoef(f[one], f[two])[0, 1]) for f in (real, synthetic))
        assert abs(want - got) < 0.1, (
            f"the correlation of {one} and {two} is {got:.2f} instead of {want:.2f}"
        )
    real, synthetic = _pair(make, purchases())
    north = pl.col("region") == "north"
    want, got = (float(f.filter(north)["buys"].to_numpy().mean()) for f in (real, synthetic))
    assert abs(want - got) < 0.05, f"P(buys | north) is {got:.2f} instead of {want:.2f}"
    spurious = float(np.corrcoef(synthetic["noise"], synthetic["spent"])[0, 1])
    assert abs(spurious) < 0.1, f"noise has a correlation of {spurious:.2f}"


def _pair(make: Make, data: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    return data.frame, make().fit(data, run=Run.from_seed(1)).sample(
        ROWS, run=Run.from_seed(2)
    ).frame


def _frequencies(column: pl.Series) -> dict[object, float]:
    counted = column.value_counts(normalize=True)
    return dict(zip(counted.to_series(0), counted.to_series(1), strict=True))


def _type_changes(real: pl.DataFrame, synthetic: pl.DataFrame) -> str:
    return ", ".join(
        f"{name}: {dtype} became {synthetic.schema[name]}"
        for name, dtype in real.schema.items()
        if synthetic.schema[name] != dtype
    )
