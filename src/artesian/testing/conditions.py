"""`where`: exact in the columns it names, and the law of the data in the others."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import ConditionError, SchemaError
from artesian.core.run import Run
from artesian.synthesizers.protocol import Model, Range, Where
from artesian.testing.determinism import Make
from artesian.testing.tables import every_type, law, people, secrets

ROWS = 5000


def check_where_is_exact(make: Make) -> None:
    """A value, a list, a range or None: every row has it, in a column of any type."""
    model = make().fit(people(), run=Run.of(1))
    cases: list[tuple[Where, pl.Expr]] = [
        ({"plan": "gold"}, pl.col("plan") == "gold"),
        ({"member": True, "city": ["Rome", "Lima"]}, pl.col("member") & (pl.col("city") != "Oslo")),
        ({"age": 33}, pl.col("age") == 33),
        ({"age": [33, 40]}, pl.col("age").is_in([33, 40])),
        ({"age": Range(30.5, 35.2)}, pl.col("age").is_between(31, 35)),
        ({"income": Range(900, None)}, pl.col("income") >= 900),
        ({"score": Range(None, -0.25)}, pl.col("score") <= -0.25),
        ({"joined": Range(date(2022, 6, 1), date(2022, 6, 30))}, pl.col("joined").dt.month() == 6),
        ({"rating": None}, pl.col("rating").is_null()),
        ({"rating": [5, None]}, pl.col("rating").fill_null(5) == 5),
        ({"rating": Range(4, 5), "plan": "basic"}, pl.col("rating").is_in([4, 5])),
    ]
    for where, holds in cases:
        made = _made(model, where)
        assert made.height == 200, f"{where}: {made.height} rows instead of 200"
        assert made.select(holds.fill_null(False).all()).item(), f"{where} is not met by every row"
    _check_every_type(make)


def check_where_keeps_rows_the_same(make: Make) -> None:
    """With conditions, too, the seed decides, length does not matter and batches are the sample."""
    model = make().fit(people(), run=Run.of(1))
    where = {"plan": "gold", "age": Range(30, 60)}
    long = model.sample(ROWS, where, run=Run.of(2)).frame
    assert model.sample(10, where, run=Run.of(2)).frame.equals(long.head(10)), "length matters"
    pieces = [piece.frame for piece in model.batches(ROWS, where, run=Run.of(2))]
    assert pl.concat(pieces).equals(long), "the pieces do not add up to the sample"
    assert not model.sample(ROWS, where, run=Run.of(3)).frame.equals(long), "the seed is not heard"


def check_where_refuses_what_it_cannot_give(make: Make) -> None:
    """An unknown column or value, a protected one, an empty range, a key: an error that helps."""
    model = make().fit(secrets(), run=Run.of(1))
    problem = _refused(model, {"twon": "Rome"}, SchemaError)
    assert "'town'" in problem.hint, f"no 'did you mean town': {problem.hint!r}"
    problem = _refused(model, {"town": "Rom"}, ConditionError)
    assert "Rome" in problem.hint, f"no 'did you mean Rome': {problem.hint!r}"
    problem = _refused(model, {"town": "Atlantis"}, ConditionError)
    assert "suppressed" in problem.problem, f"nothing is said of suppression: {problem.problem!r}"
    _refused(model, {"town": "(rare)"}, ConditionError)
    _refused(model, {"town": None}, ConditionError)
    _refused(model, {"district": 77}, ConditionError)
    _refused(model, {"wealth": Range(5, 1)}, ConditionError)
    _refused(model, {"wealth": Range(1e12, None)}, ConditionError)
    _refused(model, {"wealth": "much"}, ConditionError)
    _refused(model, {"town": Range("A", "B")}, ConditionError)
    _refused(model, {"number": 5000}, ConditionError)
    _refused(model, {"note": "red blue 0"}, ConditionError)


def check_where_follows_the_law(make: Make) -> None:
    """The other columns are those of real rows that meet the condition, whichever column it names."""
    data = law()
    model = make().fit(data, run=Run.of(1))
    cases: list[tuple[Where, pl.Expr]] = [
        ({"region": "north"}, pl.col("region") == "north"),
        ({"buys": True}, pl.col("buys")),
        ({"buys": False, "region": "north"}, ~pl.col("buys") & (pl.col("region") == "north")),
        ({"spent": Range(6, None)}, pl.col("spent") >= 6),
        ({"noise": Range(None, -1)}, pl.col("noise") <= -1),
    ]
    for where, holds in cases:
        real, made = data.frame.filter(holds), model.sample(ROWS, where, run=Run.of(2)).frame
        for name, what in (("buys", pl.col("buys")), ("north", pl.col("region") == "north")):
            want, got = (float(frame.select(what.mean()).item()) for frame in (real, made))
            # Two standard errors of the real share, and what a smooth model may be off.
            slack = 0.04 + 2 * float(np.sqrt(want * (1 - want) / real.height))
            assert abs(want - got) < slack, f"{where}: P({name}) is {got:.3f}, was {want:.3f}"
        want, got = (float(frame.select(pl.col("spent").mean()).item()) for frame in (real, made))
        assert abs(want - got) < 0.5, f"{where}: the mean of spent is {got:.2f}, was {want:.2f}"
        different = made.select("spent", "noise").n_unique()
        assert different > 0.99 * ROWS, f"{where}: only {different} of {ROWS} rows are different"


def _check_every_type(make: Make) -> None:
    data = every_type(400)
    for name in data.frame.columns:
        model = make().fit(data.select((name,)), run=Run.of(1))
        column = data.frame[name].drop_nulls()
        value = column.mode(maintain_order=True)[0]
        if isinstance(value, datetime | timedelta) and "ns" in name:
            continue  # Python's times end at microseconds
        made = _made(model, {name: value})[name]
        assert (made == value).fill_null(False).all(), f"{name} = {value!r} is not met by every row"
        made = _made(model, {name: None})[name]
        assert made.null_count() == len(made), f"{name} = None is not met by every row"
        if data.schema[name].kind.value in ("number", "datetime"):
            low, high = (column.sort()[int(len(column) * share)] for share in (0.3, 0.6))
            made = _made(model, {name: Range(low, high)})[name]
            inside = made.is_between(low, high).fill_null(False)
            assert inside.all(), f"{name}: a row lies outside {low}..{high}"


def _made(model: Model, where: Where) -> pl.DataFrame:
    return model.sample(200, where, run=Run.of(2)).frame


def _refused(model: Model, where: Where, error: type[Any]) -> Any:
    found = None
    try:
        model.sample(1, where)
    except error as problem:
        found = problem
    assert found is not None, f"{where} was accepted"
    assert found.hint, f"{where} was refused without a hint"
    return found
