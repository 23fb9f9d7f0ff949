"""Steps of units and currencies, days since a visit, ranks, annuities, and limits in the row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def texts(source: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(source))]


def synthetic(source: pl.DataFrame, **settings: object) -> pl.DataFrame:
    result = ar.synth(source, method="trees", seed=1, metrics=["validity"], **settings)  # type: ignore[arg-type]
    return result.data


def multiples(values: pl.Series, step: float) -> pl.Series:
    return ((values / step) - (values / step).round()).abs() < 1e-6


def sales(seed: int, pieces: list[str], measured: list[str]) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    unit = rng.choice([*pieces, *measured], 900)
    whole = np.isin(unit, pieces)
    quantity = np.where(whole, rng.integers(1, 40, 900), np.round(rng.uniform(0.3, 30, 900), 1))
    price = np.round(rng.uniform(1, 90, 900), 2)
    return pl.DataFrame(
        {"unit": unit, "quantity": quantity, "price": price, "sum": np.round(quantity * price, 2)}
    )


@pytest.mark.parametrize(
    ("pieces", "measured"),
    [(["Stk", "Set"], ["kg", "m"]), (["szt."], ["l"]), (["pièce", "boîte"], ["heure"])],
)
def test_pieces_are_whole_and_kilograms_are_not(pieces: list[str], measured: list[str]) -> None:
    source = sales(3, pieces, measured)
    (found,) = [text for text in texts(source) if "in steps of" in text]
    assert found.startswith("quantity in steps of 1 if unit in (")
    made = synthetic(source)
    whole = made.filter(pl.col("unit").is_in(pieces))
    rest = made.filter(pl.col("unit").is_in(measured))
    assert multiples(whole["quantity"], 1).all()
    assert multiples(rest["quantity"], 1).mean() < 0.15  # type: ignore[operator]
    assert ((made["quantity"] * made["price"] - made["sum"]).abs() < 0.0051).all()


def test_yen_have_no_decimals_and_dinars_three() -> None:
    rng = np.random.default_rng(8)
    currency = rng.choice(["EUR", "JPY", "KWD", "USD"], 1_200, p=[0.4, 0.25, 0.1, 0.25])
    amount = np.exp(rng.normal(4, 1, 1_200))
    decimals = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
    values = [
        round(a * (150 if c == "JPY" else 1), decimals[c])
        for a, c in zip(amount, currency, strict=True)
    ]
    source = pl.DataFrame({"moneda": currency, "importe": values})
    made = synthetic(source)
    for code, digits in decimals.items():
        assert multiples(made.filter(pl.col("moneda") == code)["importe"], 10.0**-digits).all()
    dinars = made.filter(pl.col("moneda") == "KWD")["importe"]
    assert multiples(dinars, 0.01).mean() < 0.5  # type: ignore[operator]


def test_labels_without_steps_of_their_own_have_none() -> None:
    rng = np.random.default_rng(4)
    for _ in range(10):
        label = rng.choice(list("abcdefgh"), 500)
        columns = {
            "label": label,
            "cents": np.round(rng.exponential(40, 500), 2),
            "tenths": np.round(rng.normal(20, 5, 500), 1),
            "price": np.round(rng.choice([1.99, 2.49, 5.0, 7.5, 12.0, 20.0, 3.25], 500), 2),
        }
        assert not [text for text in texts(pl.DataFrame(columns)) if "in steps of" in text]


def visits(seed: int, person: str, day: str, gap: str, *, first: int | None) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(150):
        at = date(2021, 3, 1) + timedelta(int(rng.integers(0, 300)))
        for visit in range(int(rng.integers(1, 10))):
            days = int(rng.gamma(3, 12)) + 1
            at = at + timedelta(days if visit else 0)
            since = days if visit else first
            rows.append((f"P{1000 + number}", at, since, round(float(rng.exponential(60)), 2)))
    return pl.DataFrame(rows, schema=[person, day, gap, "amount"], orient="row")


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("customer_id", "visit_date", "days_since_last"), None),
        (("kunde_nr", "datum", "tage_seit_letztem"), 0),
        (("id_paciente", "fecha", "dias_desde_anterior"), None),
    ],
)
def test_days_since_the_visit_before(names: tuple[str, str, str], first: int | None) -> None:
    person, day, gap = names
    source = visits(5, *names, first=first)
    assert f"{gap} = since_previous({day}) by {person}" in texts(source)
    made = synthetic(source)
    before = made.sort(person, day).with_columns(
        since=pl.col(day).diff().dt.total_days().over(person)
    )
    first_rows = before.filter(pl.col("since").is_null())[gap]
    assert first_rows.is_null().all() if first is None else (first_rows == first).all()
    later = before.drop_nulls("since")
    assert (later["since"] == later[gap]).all()
    ends = source[day].min(), source[day].max()
    assert made[day].is_between(*ends).all()
    real, own = (float(frame[gap].filter(frame[gap] > 0).mean()) for frame in (source, made))  # type: ignore[arg-type]
    assert abs(own / real - 1) < 0.15


def test_days_that_have_nothing_to_do_with_visits() -> None:
    source = visits(6, "person", "day", "gap", first=None)
    rng = np.random.default_rng(1)
    shuffled = source.with_columns(pl.col("gap").gather(rng.permutation(len(source))))
    assert not [text for text in texts(shuffled) if "since_previous" in text]


@pytest.mark.parametrize("descending", [True, False])
def test_ranks_in_a_class(descending: bool) -> None:
    rng = np.random.default_rng(7)
    rows = []
    for number in range(36):
        for _ in range(int(rng.integers(15, 30))):
            rows.append((f"{5 + number % 9}{'abcd'[number // 9]}", int(rng.normal(60, 14))))
    source = pl.DataFrame(rows, schema=["klasse", "punkte"], orient="row").with_columns(
        platz=pl.col("punkte").rank("min", descending=descending).over("klasse")
    )
    made = synthetic(source)
    rank = made.select(pl.col("punkte").rank("min", descending=descending).over("klasse"))
    assert (made["platz"] == rank.to_series()).all()


def test_places_in_a_race() -> None:
    rng = np.random.default_rng(9)
    rows = []
    for race in range(80):
        for seconds in np.round(rng.normal(52, 3, int(rng.integers(6, 14))), 2):
            rows.append((f"R{race + 500}", seconds, rng.choice(["A", "B", "C"])))
    source = pl.DataFrame(rows, schema=["race_id", "seconds", "team"], orient="row").with_columns(
        place=pl.col("seconds").rank("min").over("race_id")
    )
    source = source.sample(fraction=1, shuffle=True, seed=2)
    assert "place = rank(seconds) by race_id" in texts(source)
    made = synthetic(source)
    rank = made.select(pl.col("seconds").rank("min").over("race_id")).to_series()
    assert (made["place"] == rank).all()


def payment(amount: np.ndarray, rate: np.ndarray, periods: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(amount * rate / (1 - (1 + rate) ** -periods))


def test_payments_of_loans_and_what_is_computed_from_them() -> None:
    rng = np.random.default_rng(5)
    amount, rate = rng.integers(20, 400, 700) * 100, np.round(rng.uniform(3, 24, 700), 2)
    months = rng.choice([12, 24, 36, 48, 60], 700)
    each = np.round(payment(amount, rate / 1200, months), 2)
    income = np.round(np.exp(rng.normal(8, 0.4, 700)), -1)
    source = pl.DataFrame(
        {
            "loan_amnt": amount,
            "int_rate": rate,
            "term": months,
            "installment": each,
            "total_paid": np.round(each * months, 2),
            "interest": np.round(each * months - amount, 2),
            "income": income,
            "dti": np.round(100 * each / income, 2),
        }
    )
    made = synthetic(source)
    amount, rate, months = (made[n].to_numpy() for n in ("loan_amnt", "int_rate", "term"))
    error = made["installment"].to_numpy() - payment(amount, rate / 1200, months)
    assert (abs(error) < 0.0051).all()
    paid = made["installment"] * made["term"]
    assert ((paid - made["total_paid"]).abs() < 0.0051).all()
    assert ((made["total_paid"] - made["loan_amnt"] - made["interest"]).abs() < 0.0051).all()
    assert ((100 * made["installment"] / made["income"] - made["dti"]).abs() < 0.0051).all()


def test_a_term_in_years_and_a_rate_that_is_a_fraction() -> None:
    rng = np.random.default_rng(6)
    amount, years = rng.integers(40, 600, 400) * 1000, rng.choice([10, 15, 20, 30], 400)
    rate = np.round(rng.uniform(0.009, 0.06, 400), 4)
    each = np.round(payment(amount, rate / 12, 12 * years), 2)
    source = pl.DataFrame({"Darlehen": amount, "Zins": rate, "Jahre": years, "Rate": each})
    assert "Rate = annuity(Darlehen, Zins / 12, 12 * Jahre) within 0.00500001" in texts(source)


def results(seed: int, labels: tuple[str | None, ...]) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    test = rng.choice(["Na", "K", "Glucose", "Hb", "CRP"], 1_000)
    limits = {"Na": (135, 145), "K": (3.5, 5.1), "Glucose": (70, 99), "Hb": (12, 16), "CRP": (0, 5)}
    low, high = (np.array([limits[t][k] for t in test], float) for k in (0, 1))
    value = np.round((low + high) / 2 + (high - low) * rng.normal(0, 0.42, 1_000), 1).clip(0)
    at = np.where(value < low, 0, np.where(value > high, 2, 1))
    return pl.DataFrame(
        {"test": test, "value": value, "low": low, "high": high, "flag": [labels[k] for k in at]}
    )


@pytest.mark.parametrize(
    "labels", [("L", None, "H"), ("zu tief", "normal", "zu hoch"), ("NOK", "OK", "NOK")]
)
def test_flags_of_results_follow_the_limits_of_their_row(labels: tuple[str | None, ...]) -> None:
    source = results(2, labels)
    made = synthetic(source)
    value, low, high = (made[name].to_numpy() for name in ("value", "low", "high"))
    at = np.where(value < low, 0, np.where(value > high, 2, 1))
    assert made["flag"].to_list() == [labels[k] for k in at]
    assert set(made["test"]) == {"Na", "K", "Glucose", "Hb", "CRP"}  # sodium is not missing


def test_flags_that_are_numbers_or_truth_values() -> None:
    source = results(3, ("0", "1", "0"))
    inside = source["flag"].cast(pl.Int64)
    for flag in (inside, inside == 1):
        made = synthetic(source.with_columns(flag.alias("flag")))
        within = made["value"].is_between(made["low"], made["high"])
        assert (made["flag"].cast(pl.Boolean) == within).all()


def test_flags_by_chance_are_not_listed() -> None:
    rng = np.random.default_rng(5)
    source = results(4, ("L", None, "H")).with_columns(
        pl.Series("flag", rng.choice(["a", "b"], 1_000))
    )
    assert not [text for text in texts(source) if "between(" in text]


def test_saved_models_and_schemas_keep_the_new_kinds(tmp_path: Path) -> None:
    sources = {
        "visits": visits(5, "customer_id", "visit_date", "since", first=None),
        "sales": sales(3, ["Stk"], ["kg"]),
        "results": results(2, ("L", None, "H")),
    }
    for name, source in sources.items():
        fitted = ar.Trees().fit(source)
        ar.save(fitted, tmp_path / name)
        again = ar.load(tmp_path / name)
        assert fitted.sample(200).equals(again.sample(200))


@pytest.mark.parametrize(
    "text",
    [
        "amount in steps of 0.05 if currency in ('CHF', 'a''b')",
        "flag = between(amount, low, high: 'L', missing, 'it''s')",
        "gap = since_previous(day) by person",
        "place = rank_desc(amount) by person",
        "rate = annuity(amount, low / 1200, 12 * high) within 0.005",
    ],
)
def test_relations_are_written_as_they_are_read(text: str) -> None:
    from artesian.relations.parse import parse_relation

    columns = ("amount", "currency", "flag", "low", "high", "gap", "day", "person", "place", "rate")
    assert str(parse_relation(text, columns)) == text


@pytest.mark.parametrize(
    "text",
    ["amount in steps of 0 if currency in ('x')", "amount in steps of 1e999 if currency in ('x')"],
)
def test_a_step_is_a_positive_number(text: str) -> None:
    from artesian.relations.parse import parse_relation

    with pytest.raises(ar.ArtesianError):
        parse_relation(text, ("amount", "currency"))
