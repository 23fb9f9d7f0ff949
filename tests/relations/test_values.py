"""Relations of values: dependencies, missing values, implied events, exclusive sets."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation
from artesian.relations.search.evidence import reliable


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def unrelated(seed: int) -> pl.DataFrame:
    """Independent columns: rare and common flags, counts with zeros, categories, missing values."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([30, 100, 400, 1500]))
    columns: dict[str, pl.Series] = {}
    for at in range(12):
        kind = rng.integers(7)
        if kind == 0:
            values = pl.Series((rng.random(n) < rng.choice([0.003, 0.02, 0.1, 0.5])).astype(int))
        elif kind == 1:
            values = pl.Series(rng.poisson(rng.choice([0.05, 0.4, 2, 30]), n))
        elif kind == 2:
            amount = np.round(np.exp(rng.normal(3, 1, n)), 2)
            values = pl.Series(np.where(rng.random(n) < rng.choice([0.3, 0.9, 0.98]), 0.0, amount))
        elif kind == 3:
            levels = int(rng.choice([2, 3, 8, 40]))
            weights = rng.dirichlet(np.full(levels, 0.4))
            values = pl.Series([f"level {v}" for v in rng.choice(levels, n, p=weights)])
        elif kind == 4:
            values = pl.Series(np.round(rng.normal(0, 1, n), int(rng.integers(1, 4))))
        elif kind == 5:
            values = pl.Series(rng.integers(0, max(n // int(rng.choice([2, 3, 6])), 2), n))
        else:
            values = pl.Series(rng.random(n) < rng.choice([0.03, 0.5]))
        if rng.random() < 0.5:
            missing = rng.random(n) < rng.choice([0.02, 0.2, 0.8])
            values = values.set(pl.Series(missing), None)
        columns[f"c{at}"] = values
    return pl.DataFrame(columns)


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_independent_columns_have_no_relation(start: int) -> None:
    found = {
        seed: relations
        for seed in range(start, start + 50)
        if (relations := texts(unrelated(seed)))
    }
    assert len(found) <= 1, found


@pytest.mark.parametrize("seed", range(5))
def test_rare_flags_that_mostly_agree_have_no_relation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cancer = rng.random(900) < 0.02
    virus = cancer.copy()
    virus[np.flatnonzero(cancer)[:2]] = False
    virus[rng.integers(0, 900, 2)] = True
    frame = pl.DataFrame({"cancer": cancer.astype(int), "virus": virus.astype(int)})
    assert texts(frame) == []


def test_zero_exactly_where_another_is() -> None:
    rng = np.random.default_rng(1)
    is_open = (rng.random(2000) < 0.8).astype(int)
    frame = pl.DataFrame(
        {
            "sales": is_open * rng.integers(1, 9000, 2000),
            "open": is_open,
            "weather": rng.normal(size=2000).round(2),
        }
    )
    found = texts(frame)
    assert "sales = 0 exactly if open = 0" in found
    assert not [text for text in found if "weather" in text]


def test_a_duration_is_zero_where_nothing_was_counted() -> None:
    rng = np.random.default_rng(2)
    pages = rng.poisson(0.5, 6000)
    seconds = np.where(pages > 0, np.round(rng.exponential(60, 6000), 1), 0.0)
    seconds[(pages > 0) & (rng.random(6000) < 0.1)] = 0.0
    seconds[np.flatnonzero(pages == 0)[:8]] = -1.0  # a few that are unknown
    found = texts(pl.DataFrame({"pages": pages, "seconds": seconds}))
    assert found == ["seconds = 0 if pages = 0"]


def test_missing_values_in_one_direction() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    cancelled, diverted = rng.random(n) < 0.08, rng.random(n) < 0.05
    departure = pl.Series(rng.normal(600, 200, n).round()).set(pl.Series(cancelled), None)
    delay = pl.Series(rng.normal(0, 20, n).round()).set(pl.Series(cancelled | diverted), None)
    points = rng.integers(0, 9, n)
    points[cancelled] = 0
    frame = pl.DataFrame({"departure": departure, "delay": delay, "points": points})
    found = texts(frame)
    assert "missing(delay) if missing(departure)" in found
    assert "points = 0 if missing(departure)" in found
    assert not [text for text in found if "departure" in text.split(" if ")[0]]


def test_present_for_one_of_very_many_codes() -> None:
    rng = np.random.default_rng(4)
    status = np.where(rng.random(5000) < 0.3, 1, rng.integers(2, 120, 5000))
    time = pl.Series(rng.integers(10_000, 99_999, 5000)).set(pl.Series(status != 1), None)
    frame = pl.DataFrame({"status": [f"S{s}" for s in status], "time": time})
    assert "missing(time) = status not in ('S1')" in texts(frame)


def test_what_a_customer_determines_is_not_said_of_the_street() -> None:
    rng = np.random.default_rng(5)
    customers = 60
    # The town is the same for all orders of a customer, and so is the street.
    street = [
        f"{a} road {b}" for a, b in zip(rng.permutation(60), rng.integers(1, 99, 60), strict=True)
    ]
    street[1] = street[0]
    town, country = rng.integers(0, 54, customers), rng.integers(0, 6, 54)
    at = rng.integers(0, customers, 800)
    frame = pl.DataFrame(
        {
            "customer": [f"C{c:03}" for c in at],
            "street": [street[c] for c in at],
            "town": [f"town {town[c]}" for c in at],
            "country": [f"land {country[town[c]]}" for c in at],
        }
    )
    found = texts(frame)
    assert "customer -> street" in found
    assert "customer -> town" in found
    assert not [text for text in found if text.startswith("street ->")]
    sources = {text.split(" -> ")[0] for text in found if text.endswith("-> country")}
    assert sources
    assert sources <= {"customer", "town"}


def test_the_pair_with_few_groups_is_listed() -> None:
    rng = np.random.default_rng(6)
    origin, dest, flight = (
        rng.integers(0, 3, 6000),
        rng.integers(0, 80, 6000),
        rng.integers(0, 600, 6000),
    )
    miles = rng.integers(80, 3000, (3, 80))
    frame = pl.DataFrame(
        {
            "flight": flight,
            "origin": [f"O{o}" for o in origin],
            "dest": [f"D{d}" for d in dest],
            "distance": miles[origin, dest],
        }
    )
    assert "origin, dest -> distance" in texts(frame)


def test_exactly_one_of_includes_copies_and_flags_that_are_never_on() -> None:
    rng = np.random.default_rng(7)
    level = rng.choice([0, 1, 3], 1500, p=[0.4, 0.4, 0.2])
    frame = pl.DataFrame(
        {"health": (level == 0).astype(int), "other": rng.normal(size=1500).round(3)}
        | {f"class_{at}": (level == at).astype(int) for at in range(4)}
    )
    found = texts(frame)
    assert "exactly one of (class_0, class_1, class_2, class_3)" in found
    assert "class_0 = health" in found


def test_a_constant_of_few_rows_that_others_have_too_is_no_relation() -> None:
    rng = np.random.default_rng(8)
    day = rng.choice(["usual", "Easter", "Christmas"], 3000, p=[0.97, 0.015, 0.015])
    sales = np.where(rng.random(3000) < 0.17, 0, rng.integers(1, 9000, 3000))
    sales[day != "usual"] = 0
    assert texts(pl.DataFrame({"day": day, "sales": sales})) == []


@pytest.mark.parametrize(
    "text",
    [
        'missing(a) if missing("b c")',
        'a = 0 exactly if "b c" = -1.5',
        "a = 'x''y' if missing(d)",
        "missing(a) exactly if d = 1e-05",
        "missing(a) = d not in ('1', '2')",
    ],
)
def test_relations_of_events_are_parsed(text: str) -> None:
    assert str(parse_relation(text, ("a", "b c", "d"))) == text


def test_where_implied_events_hold() -> None:
    frame = pl.DataFrame(
        {"a": [0, 0, 5, None, 7], "b": [1, 0, 0, 0, None], "c": ["x", "y", None, "x", "x"]}
    )
    names = tuple(frame.columns)

    def holds(text: str) -> list[bool | None]:
        return parse_relation(text, names).holds(frame).to_list()

    assert holds("a = 0 if b = 0") == [None, True, False, None, None]
    assert holds("a = 0 exactly if b = 0") == [False, True, False, None, None]
    assert holds("missing(a) if c = 'x'") == [False, None, None, True, False]
    assert holds("a = 5 if missing(c)") == [None, None, True, None, None]
    assert holds("missing(a) = c not in ('y')") == [False, True, None, True, False]


@pytest.mark.parametrize("exceptions", [1, 5, 20])
def test_reliable_is_the_exact_limit(exceptions: int) -> None:
    from scipy.stats import beta

    rows = next(n for n in range(200, 20_000) if reliable(exceptions, n, clean=1))
    limit = beta.ppf(0.9, exceptions + 1, rows - exceptions)
    assert limit == pytest.approx(0.005, rel=0.01)


@pytest.mark.parametrize("labels", [["low", "normal", "high"], [3, 2, 1]])
def test_a_label_of_the_range_of_a_sum(labels: list[object]) -> None:
    rng = np.random.default_rng(9)
    kappa, extra = np.round(rng.gamma(3, 1, 3000), 2), np.round(rng.gamma(2, 1, 3000), 3)
    at = np.searchsorted([3.5, 6.0], kappa + extra + 1e-9, side="right")
    frame = pl.DataFrame({"kappa": kappa, "lambda": extra, "group": [labels[a] for a in at]})
    (found,) = discover(ar.read(frame))
    assert found.relation.columns == ("group", "kappa", "lambda")
    text = str(found.relation)
    assert text.startswith("group = bin(kappa + lambda: "), text
    assert str(parse_relation(text, tuple(frame.columns))) == text
    # Fresh rows have the same limits, up to the distance of the values around them.
    fresh = pl.DataFrame({"kappa": [1.0, 2.0, 9.0], "lambda": [2.0, 2.5, 1.0], "group": labels})
    assert found.relation.holds(fresh).to_list() == [True, True, True]


def test_where_bins_hold() -> None:
    frame = pl.DataFrame({"bmi": [18.4, 18.5, 40.0, None], "class": ["low", "low", "high", "low"]})
    text = "class = bin(bmi: 'low' below 18.5, 'normal' below 25, 'high')"
    relation = parse_relation(text, ("bmi", "class"))
    assert relation.holds(frame).to_list() == [True, False, True, None]


def bookings(n: int = 1_200) -> pl.DataFrame:
    """A room has a class, whose rate depends on the season: the rate tells the class too."""
    rng = np.random.default_rng(11)
    classes = {100 + k: ("single", "double", "twin", "suite")[k % 4] for k in range(40)}
    room = rng.choice(list(classes), n)
    season = rng.choice(["summer", "winter"], n)
    prices = {"single": 71, "double": 99, "twin": 105, "suite": 219}
    kind = [classes[int(one)] for one in room]
    rate = [prices[k] + (20 if s == "summer" else 0) for k, s in zip(kind, season, strict=True)]
    return pl.DataFrame({"room": room, "class": kind, "season": season, "rate": rate})


def test_columns_that_do_not_determine_each_other_both_determine_a_third_one() -> None:
    frame = bookings()
    assert "room -> class" in {str(one.relation) for one in discover(ar.read(frame))}
    made = ar.synth(frame, method="marginals", seed=1, metrics=()).table.frame
    known = dict(frame.select("room", "class").unique().iter_rows())
    usual = made.filter(pl.col("room").is_in(list(known)))
    right = usual.select(pl.col("room").replace_strict(known) == pl.col("class")).to_series()
    assert right.mean() > 0.995  # type: ignore[operator]


def test_what_follows_in_a_chain_is_listed_once() -> None:
    rng = np.random.default_rng(12)
    towns = {f"{10_000 + 7 * k}": f"Town {k % 9}" for k in range(30)}
    homes = {f"C{500 + k}": str(rng.choice(list(towns))) for k in range(120)}
    customers = rng.choice(list(homes), 1_500)
    codes = [homes[str(one)] for one in customers]
    frame = pl.DataFrame(
        {
            "customer": customers,
            "code": [f"K{one}" for one in codes],
            "place": [towns[one] for one in codes],
            "amount": np.round(rng.gamma(2, 30, 1_500), 2),
        }
    )
    listed = {str(one.relation) for one in discover(ar.read(frame))}
    assert {"customer -> code", "code -> place"} <= listed
    assert "customer -> place" not in listed


def test_what_two_columns_give_is_found_beside_a_total_that_shows_it() -> None:
    """A fee depends on method and amount; what is left of a gift, and the total of it, tell the fee."""
    rng = np.random.default_rng(13)
    method = rng.choice(["card", "wallet", "cheque", "debit"], 1_500, p=[0.12, 0.08, 0.2, 0.6])
    amount = rng.choice([5.0, 10, 20, 25, 50, 75, 100, 250], 1_500)
    rate = np.select([method == "card", method == "wallet"], [0.014, 0.029], 0.0)
    fee = np.round(rate * amount + np.where(rate > 0, 0.2, 0), 2)
    aid = np.where(rng.random(1_500) < 0.6, np.round(amount / 4, 2), 0.0)
    left = np.round(amount - fee, 2)
    frame = pl.DataFrame({"method": method, "amount": amount, "fee": fee, "left": left, "aid": aid})
    frame = frame.with_columns((pl.col("left") + pl.col("aid")).round(2).alias("worth"))
    listed = {str(one.relation) for one in discover(ar.read(frame))}
    assert listed & {"method, amount -> fee", "amount, method -> fee"}
