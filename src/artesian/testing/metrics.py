"""The conformance suite for metrics. Public: a metric of another package may be held to it too.

    for check in metric_checks(MyMetric):
        check(MyMetric)

`make` is anything that gives a metric when called, such as its class. Each check raises
AssertionError with what is wrong.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
import polars as pl

from artesian.core.errors import Cancelled
from artesian.core.run import Run
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.metrics.protocol import Better, Comparison, Metric, Result, Spec
from artesian.testing.randomness import global_randomness_untouched

Make = Callable[[], Metric]
MetricCheck = Callable[[Make], None]

ROWS = 400


def metric_checks(make: Make) -> Iterator[MetricCheck]:
    """Every check that a metric made by `make` has to pass."""
    assert isinstance(make(), Metric), "a metric has a `spec` and can be called"
    yield check_better_rows_score_better
    yield check_range_and_interval
    yield check_has_its_reference
    yield check_says_what_it_found
    yield check_never_nan
    yield check_without_holdout
    yield check_without_its_columns
    yield check_ignores_row_order
    yield check_ignores_column_order
    yield check_same_seed_same_result
    yield check_leaves_global_randomness_alone
    yield check_leaves_its_input_alone
    yield check_tables_unequal_in_rows
    yield check_can_be_stopped


def told(make: Make, roles: Callable[[Schema], Schema]) -> Make:
    """Of a metric that wants columns with a role: one that is told of them in every table."""

    class Told:
        spec: ClassVar[Spec] = make().spec

        def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
            def with_roles(table: Table) -> Table:
                return replace(table, schema=roles(table.schema))

            held = None if tables.holdout is None else with_roles(tables.holdout)
            both = with_roles(tables.real), with_roles(tables.synthetic)
            return make()(Comparison(*both, held), run=run)

    return Told


def durations(schema: Schema) -> Schema:
    """Of `example`: 'spent' is a time until 'member'."""
    time, event = (name if name in schema.names else None for name in ("spent", "member"))
    return replace(schema, target=time, event=event)


def quasi_identifiers(schema: Schema) -> Schema:
    """Of `example`: 'member' and 'age' are known to outsiders."""
    return schema.with_columns(
        replace(column, quasi_identifier=column.name in ("member", "age")) for column in schema
    )


def example(rows: int = ROWS, *, seed: int = 0) -> Table:
    """Rows of one law, dependent, of most kinds, some missing, one category rare; other rows for
    another seed."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=rows)
    age = np.round(40 + 10 * taste + 3 * rng.normal(size=rows))
    spent = np.exp(taste + 0.3 * rng.normal(size=rows))
    days = rng.integers(0, 1000, rows)
    gaps = pl.Series(rng.random(rows) < 0.1)
    plan = np.where(taste + 0.5 * rng.normal(size=rows) > 0.3, "gold", "basic")
    member = taste + 0.7 * rng.normal(size=rows) > 0
    return _table(
        pl.DataFrame(
            {
                "id": [f"k{seed}-{i}" for i in range(rows)],
                "age": pl.Series(age).set(gaps, None),
                "spent": spent,
                "joined": pl.Series(days * 86_400_000_000).cast(pl.Datetime("us")),
                "plan": np.where(rng.random(rows) < 0.03, "trial", plan),
                "member": member,
            },
        )
    )


def noise(rows: int = ROWS, *, seed: int = 0) -> Table:
    """Rows of the same columns that are nothing like those of `example`."""
    rng = np.random.default_rng(seed)
    return _table(
        pl.DataFrame(
            {
                "id": [f"n{seed}-{i}" for i in range(rows)],
                "age": rng.uniform(60, 90, rows),
                "spent": rng.uniform(3, 9, rows),
                "joined": [datetime(2020, 1, 1)] * rows,
                "plan": rng.choice(["gold", "basic"], rows, p=[0.9, 0.1]),
                "member": rng.random(rows) < 0.9,
            },
            schema_overrides={"joined": pl.Datetime("us")},
        )
    )


def check_better_rows_score_better(make: Make) -> None:
    """Fresh rows of the real law beat noise; to metrics of privacy, they beat the training rows. A
    model that learned from noise guesses, which is as fair as can be: fairness is not held to it."""
    metric, real, holdout = make(), example(seed=1), example(seed=3)
    worse = real if metric.spec.family in ("privacy", "diagnostics") else noise()
    good = metric(Comparison(real, example(seed=2), holdout), run=Run.of(1))
    bad = metric(Comparison(real, worse, holdout), run=Run.of(1))
    assert good.value is not None, f"it was skipped: {good.skipped}"
    assert bad.value is not None, f"it was skipped: {bad.skipped}"
    assert good.better is metric.spec.better, "the result's direction differs from the spec's"
    if metric.spec.family == "fairness":
        return
    told = f"{good.value} for rows of the same law, {bad.value} for bad ones"
    if metric.spec.better is Better.LOWER:
        assert good.value < bad.value, told
    elif metric.spec.better is Better.HIGHER:
        assert good.value > bad.value, told


def check_range_and_interval(make: Make) -> None:
    """The value lies in the range and in its interval, the interval in the range."""
    metric = make()
    low, high = metric.spec.low, metric.spec.high
    for synthetic in (example(seed=2), noise(), example(seed=1)):
        result = metric(Comparison(example(seed=1), synthetic, example(seed=3)))
        assert result.value is not None
        assert low <= result.value <= high, f"{result.value} is outside {low}..{high}"
        if result.interval is None:
            assert result.explanation, "no interval, and no reason for it"
            continue
        below, above = result.interval
        assert low <= below <= result.value <= above <= high, f"{result.value}, {result.interval}"


def check_has_its_reference(make: Make) -> None:
    """With a holdout there is a reference, and real rows of the same law come close to it."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2), example(seed=3)))
    assert result.reference is not None, "there is a holdout, and no reference"
    assert metric.spec.low <= result.reference <= metric.spec.high, "it is outside the range"
    assert result.value is not None
    span = metric.spec.high - metric.spec.low
    assert abs(result.value - result.reference) < 0.15 * span, (
        f"rows of the same law score {result.value}, the reference is {result.reference}"
    )


def check_says_what_it_found(make: Make) -> None:
    """One sentence for a person, the metric's own name, and no reason for skipping."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2), example(seed=3)))
    assert result.metric == metric.spec.name, f"the result is called {result.metric!r}"
    assert result.explanation.strip().endswith("."), "the explanation is not a sentence"
    assert "\n" not in result.explanation, "the explanation has more than one line"
    assert not result.skipped, f"it was skipped: {result.skipped}"


def check_never_nan(make: Make) -> None:
    """Odd tables give a finite number or a reason, never NaN, and no error."""
    metric, usual = make(), example(seed=1)
    for name, synthetic, real in _odd_tables():
        for tables in (
            Comparison(real, synthetic, real),
            Comparison(real, synthetic),
            Comparison(real, real, synthetic),
        ):
            _check_sound(metric(tables, run=Run.of(1)), name)
    _check_sound(metric(Comparison(usual, example(seed=2), example(seed=3))), "usual")


def check_without_holdout(make: Make) -> None:
    """Without a holdout there is no reference: a value that says so, or a reason for skipping."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2)))
    assert result.reference is None, "a reference without a holdout"
    if metric.spec.needs_holdout:
        assert result.value is None, "it needs a holdout, and has a value without one"
        assert "holdout" in result.skipped, f"the reason does not say so: {result.skipped!r}"
    else:
        assert result.value is not None, f"it was skipped: {result.skipped}"
        assert "holdout" in result.explanation, "nothing is said of the missing reference"


def check_without_its_columns(make: Make) -> None:
    """A table with no column that it looks at is skipped, with a reason; validity looks at keys too."""
    if make().spec.family == "validity":
        return
    real, synthetic, holdout = (example(seed=seed).select(("id",)) for seed in (1, 2, 3))
    result = make()(Comparison(real, synthetic, holdout))
    assert result.value is None, "a value for a table of nothing but keys"
    assert result.skipped, "it was skipped without a reason"


def check_ignores_row_order(make: Make) -> None:
    """Shuffled rows give the same result, to the last digit."""
    metric, real, synthetic, holdout = make(), example(seed=1), example(seed=2), example(seed=3)

    def turned(table: Table, seed: int) -> Table:
        order = np.random.default_rng(seed).permutation(len(table))
        return table.with_frame(table.frame[order])

    one = metric(Comparison(real, synthetic, holdout))
    two = metric(Comparison(turned(real, 1), turned(synthetic, 2), turned(holdout, 3)))
    assert _same(one, two), f"{one.value} became {two.value} by shuffling rows"


def check_ignores_column_order(make: Make) -> None:
    """A synthetic table with its columns in another order is the same table."""
    metric, synthetic = make(), example(seed=2)
    turned = synthetic.select(tuple(reversed(synthetic.schema.names)))
    one = metric(Comparison(example(seed=1), synthetic, example(seed=3)))
    two = metric(Comparison(example(seed=1), turned, example(seed=3)))
    assert _same(one, two), f"{one.value} became {two.value} by turning the columns round"


def check_same_seed_same_result(make: Make) -> None:
    """The seed decides all that is random."""
    tables = Comparison(example(seed=1), example(seed=2), example(seed=3))
    one, two = make()(tables, run=Run.of(5)), make()(tables, run=Run.of(5))
    assert _same(one, two), f"the same seed gave {one.value} and {two.value}"


def check_leaves_global_randomness_alone(make: Make) -> None:
    """Neither draws from a global generator nor seeds one."""
    tables = Comparison(example(seed=1), example(seed=2), example(seed=3))
    with global_randomness_untouched():
        make()(tables, run=Run.of(5))


def check_leaves_its_input_alone(make: Make) -> None:
    """The caller's frames are what they were."""
    tables = Comparison(example(seed=1), example(seed=2), example(seed=3))
    given = [table for table in (tables.real, tables.synthetic, tables.holdout) if table]
    before = [table.frame.clone() for table in given]
    make()(tables)
    for table, frame in zip(given, before, strict=True):
        assert table.frame.equals(frame), "a table was changed"
        assert table.frame.schema == frame.schema, "a column was changed"


def check_tables_unequal_in_rows(make: Make) -> None:
    """Tables of very different lengths give a number."""
    for rows in ((ROWS, 90, ROWS), (90, ROWS, ROWS), (ROWS, ROWS, 90)):
        real, synthetic, holdout = (example(count, seed=i) for i, count in enumerate(rows))
        result = make()(Comparison(real, synthetic, holdout))
        assert result.value is not None, f"{rows} rows were skipped: {result.skipped}"
        _check_sound(result, f"{rows} rows")


def check_can_be_stopped(make: Make) -> None:
    """A run that was cancelled stops it."""
    stopped = Run.of(1)
    stopped.cancel()
    try:
        make()(Comparison(example(seed=1), example(seed=2), example(seed=3)), run=stopped)
    except Cancelled:
        return
    raise AssertionError("it went on although the run was cancelled")


def _table(frame: pl.DataFrame) -> Table:
    columns = (
        Column(name="id", kind=Kind.KEY),
        Column(name="age", kind=Kind.NUMBER, nullable=True),
        Column(name="spent", kind=Kind.NUMBER),
        Column(name="joined", kind=Kind.DATETIME),
        Column(name="plan", kind=Kind.CATEGORY, sensitive=True),
        Column(name="member", kind=Kind.BOOLEAN),
    )
    return Table(frame, Schema(columns=columns, target="member"))


def _odd_tables() -> Iterator[tuple[str, Table, Table]]:
    """Name, synthetic, real."""
    real = example(seed=1)
    for count in (0, 1, 2, 60):
        yield f"{count} rows", example(count, seed=2), real
    yield "one row each", example(1, seed=2), example(1, seed=1)
    for name in real.schema.names:
        pair = [example(seed=seed).frame.select(name) for seed in (2, 1)]
        schema = Schema(columns=(real.schema[name],))
        yield f"only {name!r}", Table(pair[0], schema), Table(pair[1], schema)
    columns = real.frame.columns
    constant = real.frame.with_columns(pl.col(columns).first())
    yield "constant synthetic", real.with_frame(constant), real
    yield "constant", real.with_frame(constant), real.with_frame(constant)
    missing = real.frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in real.frame.schema.items()
    )
    yield "missing synthetic", real.with_frame(missing), real
    yield "missing", real.with_frame(missing), real.with_frame(missing)
    untyped = real.frame.with_columns(pl.lit(None).alias(name) for name in columns)
    yield "missing without a type", real.with_frame(untyped), real
    huge = real.frame.with_columns(
        pl.when(pl.col("spent") > 1).then(float("inf")).otherwise(-1e308).alias("spent")
    )
    yield "infinite", real.with_frame(huge), real


def _check_sound(result: Result, name: str) -> None:
    numbers: list[float] = list(result.parts.values())
    numbers += [x for x in (result.value, result.reference) if x is not None]
    numbers += list(result.interval or ())
    assert all(math.isfinite(x) for x in numbers), f"{name}: not a finite number: {result}"
    assert (result.value is None) == bool(result.skipped), (
        f"{name}: value {result.value}, skipped {result.skipped!r}"
    )
    if result.interval is not None and result.value is not None:
        below, above = result.interval
        assert below <= result.value <= above, f"{name}: {result.value} not in {result.interval}"
    try:
        json.dumps(dict(result.detail), allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise AssertionError(f"{name}: its detail cannot be written as JSON: {problem}") from None


def _same(one: Result, two: Result) -> bool:
    def told(result: Result) -> Any:
        parts = sorted(result.parts.items())
        return result.value, result.interval, result.reference, parts, result.skipped

    return bool(told(one) == told(two))
