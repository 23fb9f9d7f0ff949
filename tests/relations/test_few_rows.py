"""Relations that few rows show: they are no reason to break those of all rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

import artesian as ar
from artesian.core.run import Run
from artesian.encoding.table_codec import TableCodec
from artesian.relations.discover import discover
from artesian.relations.expressions import Floats


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def money(rng: np.random.Generator, rows: int, mean: float = 6) -> Floats:
    return np.asarray(np.round(rng.lognormal(mean, 0.8, rows), 2))


def rare(values: Floats, rng: np.random.Generator, rate: float) -> pl.Series:
    """The values in a few random rows, and none in the others."""
    return pl.Series(np.where(rng.random(len(values)) < rate, values, np.nan), nan_to_null=True)


def restored(frame: pl.DataFrame, rows: int = 2_000) -> pl.DataFrame:
    """Rows whose modelled columns are independent of each other."""
    table = ar.read(frame)
    codec = TableCodec.from_data(table, protect=False)
    rng = np.random.default_rng(1)
    codes = np.stack([row[rng.integers(0, len(frame), rows)] for row in codec.encode(table)])
    return codec.decode(codes, rng.random(codes.shape), 0, Run.from_seed(0).seed).frame


def test_a_sum_with_a_term_that_few_rows_have() -> None:
    rng = np.random.default_rng(0)
    value = money(rng, 2_000)
    duty = np.round(value * rng.choice([0, 0.04, 0.08, 0.12], 2_000), 2)
    surcharge = rare(np.round(value * rng.random(2_000), 2), rng, 0.03)
    costs = rng.choice([45.0, 60.0, 85.0, 120.0], 2_000)
    base = np.round(value + duty + surcharge.fill_null(0.0).to_numpy() + costs, 2)
    frame = pl.DataFrame(
        {"valeur": value, "droits": duty, "surtaxe": surcharge, "frais": costs, "base": base}
    )
    assert texts(frame)[0] == "base = valeur + droits + or_zero(surtaxe) + frais"


def test_a_rate_of_few_rows_is_a_term_of_a_total() -> None:
    rng = np.random.default_rng(3)
    wert = money(rng, 2_000)
    satz = rng.choice([0.0, 4.5, 8.0], 2_000)
    zoll = np.round(wert * satz / 100, 2)
    zuschlag = rare(np.round(wert * 0.228, 2), rng, 0.03)
    summe = np.round(wert + zoll + zuschlag.fill_null(0.0).to_numpy(), 2)
    listed = texts(
        pl.DataFrame(
            {"wert": wert, "satz": satz, "zoll": zoll, "zuschlag": zuschlag, "summe": summe}
        )
    )
    assert "summe = wert + zoll + or_zero(zuschlag)" in listed


def test_a_column_of_few_rows_bounds_no_column_of_all_rows() -> None:
    rng = np.random.default_rng(1)
    loss = money(rng, 2_400, 7.5)
    paid = np.round(loss * rng.choice([0.3, 0.5, 1.0], 2_400), 2)
    recovered = rare(np.round(paid * rng.choice([0.5, 1.0], 2_400), 2), rng, 0.02)
    net = np.round(paid - recovered.fill_null(0.0).to_numpy(), 2)
    frame = pl.DataFrame({"siniestro": loss, "pagos": paid, "recobro": recovered, "neto": net})
    listed = texts(frame)
    assert "neto = pagos - or_zero(recobro)" in listed
    assert not any(one.startswith("recobro + neto") for one in listed)
    rows = restored(frame)
    assert (rows["pagos"] <= rows["siniestro"]).all()
    assert (rows["recobro"] <= rows["pagos"]).all()  # where there is one


def test_orders_of_dates_that_few_rows_have() -> None:
    rng = np.random.default_rng(2)
    ordered = rng.integers(18_000, 19_000, 1_500)
    closed = ordered + rng.integers(20, 60, 1_500)
    returned = rare((ordered + rng.integers(1, 20, 1_500)).astype(float), rng, 0.05)
    frame = pl.DataFrame(
        {"besteld": ordered, "retour": returned.cast(pl.Int32), "gesloten": closed}
    ).with_columns(pl.all().cast(pl.Int32).cast(pl.Date))
    rows = restored(frame)
    assert (rows["besteld"] <= rows["gesloten"]).all()
    assert (rows["besteld"] <= rows["retour"]).all()
    assert (rows["retour"] <= rows["gesloten"]).mean() > 0.99


def test_a_time_is_no_formula_within_weeks() -> None:
    rng = np.random.default_rng(4)
    begun = rng.integers(17_000, 19_000, 2_000)
    semester = rng.integers(1, 9, 2_000)
    day = begun + 180 * semester - 50 + rng.integers(-36, 37, 2_000)
    exact = begun + 14 * semester
    frame = pl.DataFrame(
        {
            "inizio": begun,
            "semestre": semester,
            "esame": day,
            "avviso": exact,
        }
    ).with_columns(pl.exclude("semestre").cast(pl.Int32).cast(pl.Date))
    formulas = [one for one in texts(frame) if " = " in one]
    assert not any(one.startswith("esame") for one in formulas)
    assert any("14 * semestre" in one for one in formulas)


def test_no_formula_of_terms_that_cancel_each_other() -> None:
    rng = np.random.default_rng(5)
    rows = []
    for code, level in (("HUF", 390.0), ("JPY", 160.0), ("CHF", 0.95)):
        middle = np.round(level * (1 + 0.02 * rng.normal(size=600)), 4)
        rows.append(
            pl.DataFrame(
                {
                    "divisa": [code] * 600,
                    "denaro": np.round(middle * 0.9995, 4),
                    "medio": middle,
                    "inverso": np.round(1 / middle, 6),
                }
            )
        )
    listed = texts(pl.concat(rows))
    assert not any(one.startswith("inverso = denaro") for one in listed)


def test_a_sign_needs_amounts_in_the_rows_of_both_labels() -> None:
    rng = np.random.default_rng(6)
    amount = money(rng, 2_000)
    state = rng.choice(["betald", "delvis", "öppen"], 2_000, p=[0.7, 0.15, 0.15])
    part = np.round(amount * rng.choice([0.25, 0.5], 2_000), 2)
    paid = np.select([state == "betald", state == "delvis"], [amount, part], 0.0)
    rest = np.round(amount - paid, 2)
    frame = pl.DataFrame({"belopp": amount, "betalt": paid, "rest": rest, "status": state})
    listed = texts(frame)
    assert not any(" if status" in one and "-" in one.split(" if ")[0] for one in listed)
    # The rest is mostly 0: it is modelled, and the larger part is what it leaves.
    assert any(one.startswith("betalt = belopp - rest") for one in listed)
    moved = np.where(state == "delvis", np.round(amount + part, 2), np.round(amount - part, 2))
    frame = pl.DataFrame({"före": amount, "rörelse": part, "efter": moved, "typ": state})
    assert any("+ rörelse if typ in ('delvis') - rörelse if typ" in one for one in texts(frame))


def test_a_count_below_a_bound_stays_positive() -> None:
    rng = np.random.default_rng(7)
    pieces = np.maximum(rng.lognormal(5, 1.2, 2_000).astype(int), 3)
    weight = np.round(pieces * rng.uniform(0.5, 3, 2_000), 1)
    parcels = np.maximum(1, np.minimum(pieces, weight).astype(int) // rng.integers(8, 25, 2_000))
    frame = pl.DataFrame({"stuks": pieces, "gewicht": weight, "colli": parcels})
    rows = restored(frame)
    assert rows["colli"].min() >= 1  # type: ignore[operator]
    assert (rows["colli"] <= rows["stuks"]).all()


def test_relations_of_modelled_values_are_not_listed() -> None:
    rng = np.random.default_rng(8)
    months = [date(2019 + m // 12, m % 12 + 1, 1) for m in range(48)]
    chosen = rng.integers(0, 48, 600)
    first = [months[m] for m in chosen]
    last = [(months[m] + timedelta(days=31)).replace(day=1) - timedelta(days=1) for m in chosen]
    frame = pl.DataFrame({"mois": first, "arrêté": last, "montant": money(rng, 600)})
    codec = TableCodec.from_data(ar.read(frame), protect=False)
    assert "mois = arrêté" not in (codec.schema.relations or ())
    assert "arrêté = mois" not in (codec.schema.relations or ())
