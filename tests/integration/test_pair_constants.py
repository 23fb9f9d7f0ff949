"""Values that are the same for each pair of two columns, and differences to them."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar


def visits() -> pl.DataFrame:
    """Readings of four parameters of each subject, with its baseline and the change since."""
    rng = np.random.default_rng(1)
    usual = {
        "SYSBP": (125, 12, 0),
        "WEIGHT": (75, 12, 1),
        "PULSE": (70, 9, 0),
        "TEMP": (37, 0.3, 1),
    }
    rows = []
    for subject in range(60):
        start = date(2022, 1, 3) + timedelta(days=int(rng.integers(0, 200)))
        for parameter, (mean, spread, decimals) in usual.items():
            base = round(float(rng.normal(mean, spread)), decimals)
            for week in (0, 4, 8, 12):
                shift = float(rng.normal(-0.01 * mean, spread / 3)) if week else 0.0
                value = round(base + shift, decimals)
                rows.append(
                    {
                        "USUBJID": f"01-{701 + subject:04d}",
                        "PARAMCD": parameter,
                        "ADT": start + timedelta(days=7 * week),
                        "AVAL": value,
                        "BASE": base,
                        "CHG": round(value - base, decimals),
                    }
                )
    return pl.DataFrame(rows)


def yields() -> pl.DataFrame:
    """Yields of varieties on plots, with a reference of each plot and variety."""
    rng = np.random.default_rng(2)
    rows = []
    for plot in range(40):
        for variety in ("Gala", "Golden", "Boskoop"):
            reference = int(rng.integers(200, 600))
            for year in range(2014, 2023):
                harvest = int(reference + rng.normal(0, 60))
                rows.append(
                    {
                        "parcelle": f"PC{plot + 100}",
                        "variété": variety,
                        "année": year,
                        "récolte": harvest,
                        "référence": reference,
                        "écart": harvest - reference,
                    }
                )
    return pl.DataFrame(rows)


TABLES = {
    "visits": (visits, ("USUBJID", "PARAMCD"), "AVAL", "BASE", "CHG"),
    "yields": (yields, ("parcelle", "variété"), "récolte", "référence", "écart"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_pair_has_one_value_and_differences_to_it_are_right(name: str) -> None:
    make, pair, value, base, change = TABLES[name]
    source = make()
    synthesis = ar.synth(source, method="trees", seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    groups = rows.group_by(pair).agg(pl.col(base).n_unique().alias("values"), pl.len().alias("n"))
    several = groups.filter(pl.col("n") > 1)
    assert several["n"].sum() > 0.7 * len(rows)
    assert (several["values"] == 1).mean() >= 0.995
    assert ((rows[value] - rows[base] - rows[change]).abs() < 1e-6).all()
    # The change is modelled: a difference between two independent values would vary more.
    assert rows[change].std() == pytest.approx(source[change].std(), rel=0.3)
    # Real pairs of fewer than five training rows have another value among synthetic rows.
    assert synthesis.scorecard["relations"].parts[f"{pair[0]}, {pair[1]} -> {base}"] < 0.06
