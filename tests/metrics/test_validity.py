"""Rows that break rules: planted one by one, and against SDMetrics."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, suppressing, table

import artesian
from artesian.core.errors import SchemaError
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison
from artesian.metrics.validity.valid_rows import Validity
from artesian.relations.constraints import parse_constraint

REFERENCE = Path(__file__).parents[1] / "reference"

FRAME = pl.DataFrame(
    {
        "low": [1, 2, None],
        "high": [2.0, 1.0, 0.0],
        "state": ["open", "shut", None],
        "begun": [dt.date(2020, 1, 1), dt.date(2021, 6, 1), dt.date(2022, 1, 1)],
        "ended": [dt.datetime(2020, 1, 1, 3)] * 3,
        "is paid": [True, False, None],
    }
)


def orders(rows=200, seed=1, **changes):
    """Valid orders; `changes` replaces whole columns."""
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 50, rows)
    columns = {
        "id": [f"k{seed}-{i}" for i in range(rows)],
        "low": low,
        "high": low + rng.integers(0, 50, rows),
        "state": rng.choice(["open", "shut"], rows),
        "day": [
            dt.date(2020, 1, 1) + dt.timedelta(days=int(d)) for d in rng.integers(0, 300, rows)
        ],
    }
    return table({**columns, **changes}, id=Kind.KEY, state=Kind.CATEGORY)


def ruled(real, *constraints, key=(), domain=None):
    schema = replace(real.schema, constraints=constraints, key=key)
    if domain:
        schema = schema.with_columns(
            [replace(schema[name], domain=values) for name, values in domain.items()]
        )
    return Table(real.frame, schema)


def first(values, put, count=10):
    return [*([put] * count), *values[count:]]


def broken(parts):
    return {name: round(1 - share, 6) for name, share in parts.items() if share < 1}


def test_the_real_rows_are_valid():
    real = ruled(orders(), "low <= high", key=("id",))
    result = Validity()(Comparison(real, real, real))
    assert result.value == result.reference == 1.0
    assert set(result.parts) >= {
        "low <= high",
        "id (unique key)",
        "low (whole number)",
        "low (range)",
        "state (category)",
        "day (range)",
        "state (not missing)",
    }


@pytest.mark.parametrize(
    ("column", "change", "rules"),
    [
        ("low", lambda v: first(v, 0.5), {"low (whole number)"}),
        ("low", lambda v: first(v, -1), {"low (range)", "0 <= low <= high"}),
        ("low", lambda v: first(v, None), {"low (not missing)"}),
        ("low", lambda v: first([str(x) for x in v], "many"), {"low (whole number)"}),
        ("state", lambda v: first(v, "lost"), {"state (category)"}),
        ("state", lambda v: first(v, None), {"state (not missing)"}),
        ("id", lambda v: first(v, None), {"id (not missing)", "id (unique key)"}),
        ("id", lambda v: first(v, "same"), {"id (unique key)", "id (format)"}),
        ("day", lambda v: first(v, dt.date(1999, 1, 1)), {"day (range)"}),
        ("day", lambda v: first([str(x) for x in v], "soon"), {"day (type)"}),
        ("high", lambda v: first(v, -1), {"high (range)", "0 <= low <= high"}),
    ],
)
def test_each_rule_is_broken_by_what_breaks_it(column, change, rules):
    real = ruled(orders(), "0 <= low <= high", key=("id",))
    values = real.frame[column].to_list()
    made = real.frame.with_columns(pl.Series(column, change(values), strict=False))
    result = Validity()(Comparison(real, Table(made, real.schema), real))
    assert broken(result.parts).keys() == rules
    assert result.value == pytest.approx(190 / 200)
    assert result.interval[0] < result.value < result.interval[1] < result.reference


def test_a_domain_says_more_than_the_real_rows():
    made = orders(seed=2, high=first(list(range(200)), 500), state=first(["open"] * 200, "new"))
    real = orders()
    strict = Validity()(Comparison(real, made, None)).parts
    assert strict["high (range)"] < 1 > strict["state (category)"]
    wide = ruled(real, domain={"high": (0, 1000), "state": ("open", "shut", "new")})
    parts = Validity()(Comparison(wide, made, None)).parts
    assert parts["high (range)"] == parts["state (category)"] == 1.0


def test_a_suppressed_category_is_valid():
    real = orders()
    made = orders(seed=2, state=first(["open"] * 200, "(rare)"))
    assert "state (category)" in broken(Validity()(Comparison(real, made)).parts)
    told = Validity()(Comparison(real, suppressing(made, state="(rare)")))
    assert "state (category)" not in broken(told.parts)


def test_a_key_of_two_columns_and_a_link_that_repeats():
    real = table({"order": ["a", "a", "b"], "line": ["1", "2", "1"]}, order=Kind.KEY, line=Kind.KEY)
    made = real.with_frame(pl.DataFrame({"order": ["a", "a", "b"], "line": ["1", "1", "1"]}))
    result = Validity()(Comparison(ruled(real, key=("order", "line")), made))
    assert result.parts["order & line (unique key)"] == pytest.approx(1 / 3)
    assert Validity()(Comparison(real, made)).value == 1.0  # no key is told, and both repeat


def test_adherence_equals_sdmetrics():
    names = ("real", "synthetic", "holdout")
    real, synthetic, holdout = (artesian.read(REFERENCE / f"adult_{n}.csv") for n in names)
    theirs = json.loads((REFERENCE / "sdmetrics.json").read_text())
    result = Validity()(Comparison(real, synthetic, holdout))
    for parts, side, frame in (
        (result.parts, "synthetic", synthetic.frame),
        (result.reference_parts, "holdout", holdout.frame),
    ):
        for name, score in theirs[side]["BoundaryAdherence"].items():
            assert parts[f"{name} (range)"] == pytest.approx(score)
        for name, score in theirs[side]["CategoryAdherence"].items():
            filled = 1 - frame[name].null_count() / len(frame)  # they count a gap as adhering
            assert (1 - parts[f"{name} (category)"]) * filled == pytest.approx(1 - score)
    assert any(score < 1 for score in theirs["holdout"]["BoundaryAdherence"].values())
    assert result.reference < 1  # unseen rows break rules of this kind too


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("low <= high", [True, False, True]),
        ("low<=high and state != 'shut'", [True, False, True]),
        ("0 < low < high", [True, False, True]),
        ("high >= -1e0", [True, True, True]),
        ("state = 'open'", [True, False, True]),
        ("begun <= ended", [True, False, False]),
        ("begun >= '2021-06-01'", [False, True, True]),
        ('"is paid" = true AND `is paid` == TRUE', [True, False, True]),
        ("low <> 2", [True, False, True]),
    ],
)
def test_constraints_are_read(rule, holds):
    assert parse_constraint(rule, tuple(FRAME.columns)).holds(FRAME).tolist() == holds


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("low", "it is not a comparison"),
        ("low <= high or low > 3", "it is not a comparison"),
        ("low <= high and", "it is not a comparison"),
        ("low + 1 < high", "'+ 1 < high' is not understood"),
        ("__import__('os').system('x')", "is not understood"),
        ("lwo <= high", "there is no column 'lwo'"),
        ("1 < 2", "names no column"),
        ("state < 'open'", "text values have no order"),
        ("state = 3", "it compares text with numbers"),
        ("begun < 'soon'", "'soon' is not a date"),
    ],
)
def test_a_constraint_that_cannot_be_read_says_why(rule, why):
    with pytest.raises(SchemaError, match="cannot be parsed") as problem:
        parse_constraint(rule, tuple(FRAME.columns)).holds(FRAME)
    assert why in problem.value.problem


def test_an_unreadable_constraint_is_reported_and_the_others_are_checked():
    real = ruled(orders(), "low <= hihg", "low <= high")
    result = Validity()(Comparison(real, real))
    assert "low <= high" in result.parts
    assert "no column 'hihg'" in result.detail["unreadable"]["low <= hihg"]
    assert "1 constraint of the schema was not parsed" in result.explanation


def test_fresh_rows_come_close_to_unseen_ones_and_noise_does_not():
    real, unseen = people(1000, 1), people(1000, 3)
    good = Validity()(Comparison(real, people(1000, 2), unseen))
    bad = Validity()(Comparison(real, people(1000, 2, blur=1.0), unseen))
    assert good.interval[0] <= good.reference <= good.interval[1]
    assert bad.interval[1] < bad.reference


def test_tables_without_rows_or_with_other_columns():
    real = orders()
    assert "no rows" in Validity()(Comparison(real, real.with_frame(real.frame[:0]))).skipped
    with pytest.raises(SchemaError, match="lacks the column 'low'"):
        Validity()(Comparison(real, real.select(("id", "high", "state", "day"))))
