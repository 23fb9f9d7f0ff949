"""Checks of `where`: exact in the columns it names, conditional distributions in the others."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import ConditionError, SchemaError
from artesian.core.run import Run
from artesian.synthesizers.protocol import Model, Range, Where
from artesian.testing.determinism import Make
from artesian.testing.tables import every_type, people, purchases, secrets

ROWS = 5000


def check_where_is_exact(make: Make) -> None:
    """A value, a list, a range or None: every row satisfies it, in a column of any type."""
    model = make().fit(people(), run=Run.from_seed(1))
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
        rows = _sample(model, where)
        assert rows.height == 200, f"{where}: {rows.height} rows instead of 200"
        assert rows.select(holds.fill_null(False).all()).item(), (
            f"{where} is not satisfied by every row"
        )
    _check_every_type(make)


def check_where_keeps_rows_the_same(make: Make) -> None:
    """With conditions, too, rows depend on the seed, not on the length, and batches are the sample."""
    model = make().fit(people(), run=Run.from_seed(1))
    where = {"plan": "gold", "age": Range(30, 60)}
    long = model.sample(ROWS, where, run=Run.from_seed(2)).frame
    assert model.sample(10, where, run=Run.from_seed(2)).frame.equals(long.head(10)), (
        "the length changes the rows"
    )
    batches = [batch.frame for batch in model.batches(ROWS, where, run=Run.from_seed(2))]
    assert pl.concat(batches).equals(long), "the batches differ from the sample"
    assert not model.sample(ROWS, where, run=Run.from_seed(3)).frame.equals(long), (
        "the seed changes nothing"
    )


def check_where_refuses_impossible_conditions(make: Make) -> None:
    """An unknown column or value, a suppressed value, an empty range, a key: an error with a hint."""
    model = make().fit(secrets(), run=Run.from_seed(1))
    problem = _refused(model, {"twon": "Rome"}, SchemaError)
    assert "'town'" in problem.hint, f"the hint does not suggest 'town': {problem.hint!r}"
    problem = _refused(model, {"town": "Rom"}, ConditionError)
    assert "Rome" in problem.hint, f"the hint does not suggest 'Rome': {problem.hint!r}"
    problem = _refused(model, {"town": "Atlantis"}, ConditionError)
    assert "suppressed" in problem.problem, f"suppression is not mentioned: {problem.problem!r}"
    _refused(model, {"town": "(rare)"}, ConditionError)
    _refused(model, {"town": None}, ConditionError)
    _refused(model, {"district": 77}, ConditionError)
    _refused(model, {"wealth": Range(5, 1)}, ConditionError)
    _refused(model, {"wealth": Range(1e12, None)}, ConditionError)
    _refused(model, {"wealth": "much"}, ConditionError)
    _refused(model, {"town": Range("A", "B")}, ConditionError)
    _refused(model, {"number": 5000}, ConditionError)
    _refused(model, {"note": "red blue 0"}, ConditionError)


def check_where_follows_the_conditional_distribution(make: Make) -> None:
    """The other columns are distributed as in real rows that satisfy the condition."""
    data = purchases()
    model = make().fit(data, run=Run.from_seed(1))
    cases: list[tuple[Where, pl.Expr]] = [
        ({"region": "north"}, pl.col("region") == "north"),
        ({"buys": True}, pl.col("buys")),
        ({"buys": False, "region": "north"}, ~pl.col("buys") & (pl.col("region") == "north")),
        ({"spent": Range(6, None)}, pl.col("spent") >= 6),
        ({"noise": Range(None, -1)}, pl.col("noise") <= -1),
    ]
    for where, holds in cases:
        real = data.frame.filter(holds)
        synthetic = model.sample(ROWS, where, run=Run.from_seed(2)).frame
        for name, what in (("buys", pl.col("buys")), ("north", pl.col("region") == "north")):
            want, got = (float(frame.select(what.mean()).item()) for frame in (real, synthetic))
            # Two standard errors of the real proportion, and the bias of a smooth model.
            tolerance = 0.04 + 2 * float(np.sqrt(want * (1 - want) / real.height))
            assert abs(want - got) < tolerance, (
                f"{where}: P({name}) is {got:.3f} instead of {want:.3f}"
            )
        want, got = (
            float(frame.select(pl.col("spent").mean()).item()) for frame in (real, synthetic)
        )
        assert abs(want - got) < 0.5, (
            f"{where}: the mean of spent is {got:.2f} instead of {want:.2f}"
        )
        different = synthetic.select("spent", "noise").n_unique()
        assert different > 0.99 * ROWS, f"{where}: only {different} of {ROWS} rows are distinct"


def _check_every_type(make: Make) -> None:
    data = every_type(400)
    for name in data.frame.columns:
        model = make().fit(data.select((name,)), run=Run.from_seed(1))
        column = data.frame[name].drop_nulls()
        value = column.mode(maintain_order=True)[0]
        if isinstance(value, datetime | timedelta) and "ns" in name:
            continue  # Python's times end at microseconds
        sampled = _sample(model, {name: value})[name]
        assert (sampled == value).fill_null(False).all(), (
            f"{name} = {value!r} is not satisfied by every row"
        )
        sampled = _sample(model, {name: None})[name]
        assert sampled.null_count() == len(sampled), f"{name} = None is not satisfied by every row"
        if data.schema[name].kind.value in ("number", "datetime"):
            low, high = (column.sort()[int(len(column) * q)] for q in (0.3, 0.6))
            sampled = _sample(model, {name: Range(low, high)})[name]
            inside = sampled.is_between(low, high).fill_null(False)
            assert inside.all(), f"{name}: a row lies outside {low}..{high}"


def _sample(model: Model, where: Where) -> pl.DataFrame:
    return model.sample(200, where, run=Run.from_seed(2)).frame


def _refused(model: Model, where: Where, error: type[Any]) -> Any:
    refusal = None
    try:
        model.sample(1, where)
    except error as problem:
        refusal = problem
    assert refusal is not None, f"{where} was accepted"
    assert refusal.hint, f"{where} was refused without a hint"
    return refusal
