"""The conformance suite for metrics, also for metrics of other packages.

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

MakeMetric = Callable[[], Metric]
MetricCheck = Callable[[MakeMetric], None]

ROWS = 400


def metric_checks(make: MakeMetric) -> Iterator[MetricCheck]:
    """Every check that the metric returned by `make` has to pass."""
    assert isinstance(make(), Metric), "a metric has a `spec` and can be called"
    yield check_better_rows_score_better
    yield check_range_and_interval
    yield check_has_its_reference
    yield check_explains_its_result
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


def with_roles(make: MakeMetric, roles: Callable[[Schema], Schema]) -> MakeMetric:
    """Wrap a metric that requires column roles: `roles` sets them in every table."""

    class WithRoles:
        spec: ClassVar[Spec] = make().spec

        def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
            def with_roles(table: Table) -> Table:
                return replace(table, schema=roles(table.schema))

            holdout = None if tables.holdout is None else with_roles(tables.holdout)
            both = with_roles(tables.real), with_roles(tables.synthetic)
            return make()(Comparison(*both, holdout), run=run)

    return WithRoles


def with_time_to_event(schema: Schema) -> Schema:
    """Make 'spent' of `example` a time-to-event target with the event indicator 'member'."""
    time, event = (name if name in schema.names else None for name in ("spent", "member"))
    return replace(schema, target=time, event=event)


def with_quasi_identifiers(schema: Schema) -> Schema:
    """Mark 'member' and 'age' of `example` as quasi-identifiers."""
    return schema.with_columns(
        replace(column, quasi_identifier=column.name in ("member", "age")) for column in schema
    )


def with_relations(schema: Schema) -> Schema:
    """Declare a relation that most rows of `example` keep: 'age' is near 40."""
    relations = ("age = 40 within 25",) if "age" in schema.names else ()
    return replace(schema, relations=relations)


def with_identifiers(schema: Schema) -> Schema:
    """Mark 'spent' of `example`, whose values are distinct, as an account number."""
    return schema.with_columns(
        replace(column, role="account_number" if column.name == "spent" else "")
        for column in schema
    )


def example(rows: int = ROWS, *, seed: int = 0) -> Table:
    """Sample dependent columns of most kinds, with missing values and a rare category.

    The distribution is the same for every seed.
    """
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=rows)
    age = np.round(40 + 10 * latent + 3 * rng.normal(size=rows))
    spent = np.exp(latent + 0.3 * rng.normal(size=rows))
    days = rng.integers(0, 1000, rows)
    missing = pl.Series(rng.random(rows) < 0.1)
    plan = np.where(latent + 0.5 * rng.normal(size=rows) > 0.3, "gold", "basic")
    member = latent + 0.7 * rng.normal(size=rows) > 0
    return _table(
        pl.DataFrame(
            {
                "id": [f"k{seed}-{i}" for i in range(rows)],
                "age": pl.Series(age).set(missing, None),
                "spent": spent,
                "joined": pl.Series(days * 86_400_000_000).cast(pl.Datetime("us")),
                "plan": np.where(rng.random(rows) < 0.03, "trial", plan),
                "member": member,
            },
        )
    )


def noise(rows: int = ROWS, *, seed: int = 0) -> Table:
    """Sample the columns of `example` from another distribution."""
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


def check_better_rows_score_better(make: MakeMetric) -> None:
    """Rows of the real distribution score better than noise; on privacy metrics, better than copies
    of the training rows. Fairness metrics are exempt: a model trained on noise guesses, which is
    fair."""
    metric, real, holdout = make(), example(seed=1), example(seed=3)
    bad_rows = real if metric.spec.family in ("privacy", "diagnostics") else noise()
    good = metric(Comparison(real, example(seed=2), holdout), run=Run.from_seed(1))
    bad = metric(Comparison(real, bad_rows, holdout), run=Run.from_seed(1))
    assert good.value is not None, f"it was skipped: {good.skipped}"
    assert bad.value is not None, f"it was skipped: {bad.skipped}"
    assert good.better is metric.spec.better, "the result's direction differs from the spec's"
    if metric.spec.family == "fairness":
        return
    scores = f"{good.value} for rows of the real distribution, {bad.value} for bad rows"
    if metric.spec.better is Better.LOWER:
        assert good.value < bad.value, scores
    elif metric.spec.better is Better.HIGHER:
        assert good.value > bad.value, scores


def check_range_and_interval(make: MakeMetric) -> None:
    """The value is within the range and its interval, the interval within the range."""
    metric = make()
    low, high = metric.spec.low, metric.spec.high
    for synthetic in (example(seed=2), noise(), example(seed=1)):
        result = metric(Comparison(example(seed=1), synthetic, example(seed=3)))
        assert result.value is not None
        assert low <= result.value <= high, f"{result.value} is outside {low}..{high}"
        if result.interval is None:
            assert result.explanation, "no interval, and no reason for it"
            continue
        low_end, high_end = result.interval
        assert low <= low_end <= result.value <= high_end <= high, (
            f"{result.value}, {result.interval}"
        )


def check_has_its_reference(make: MakeMetric) -> None:
    """With a holdout there is a reference, and rows of the real distribution score close to it."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2), example(seed=3)))
    assert result.reference is not None, "no reference although there is a holdout"
    assert metric.spec.low <= result.reference <= metric.spec.high, "it is outside the range"
    assert result.value is not None
    span = metric.spec.high - metric.spec.low
    assert abs(result.value - result.reference) < 0.15 * span, (
        f"rows of the real distribution score {result.value}, the reference is {result.reference}"
    )


def check_explains_its_result(make: MakeMetric) -> None:
    """The explanation is one line of sentences, the name is that of the spec, nothing is skipped."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2), example(seed=3)))
    assert result.metric == metric.spec.name, f"the result is called {result.metric!r}"
    assert result.explanation.strip().endswith("."), "the explanation is not a sentence"
    assert "\n" not in result.explanation, "the explanation has more than one line"
    assert not result.skipped, f"it was skipped: {result.skipped}"


def check_never_nan(make: MakeMetric) -> None:
    """Edge cases give finite numbers or a reason for skipping, never NaN, and no error."""
    metric, ordinary = make(), example(seed=1)
    for name, synthetic, real in _edge_case_tables():
        for tables in (
            Comparison(real, synthetic, real),
            Comparison(real, synthetic),
            Comparison(real, real, synthetic),
        ):
            _check_finite(metric(tables, run=Run.from_seed(1)), name)
    _check_finite(metric(Comparison(ordinary, example(seed=2), example(seed=3))), "usual")


def check_without_holdout(make: MakeMetric) -> None:
    """Without a holdout there is no reference: the explanation or the reason for skipping says so."""
    metric = make()
    result = metric(Comparison(example(seed=1), example(seed=2)))
    assert result.reference is None, "a reference without a holdout"
    if metric.spec.needs_holdout:
        assert result.value is None, "it needs a holdout, and has a value without one"
        assert "holdout" in result.skipped, f"the reason does not say so: {result.skipped!r}"
    else:
        assert result.value is not None, f"it was skipped: {result.skipped}"
        assert "holdout" in result.explanation, (
            "the explanation does not mention the missing reference"
        )


def check_without_its_columns(make: MakeMetric) -> None:
    """A table without any column that the metric uses is skipped with a reason; validity uses keys."""
    if make().spec.family == "validity":
        return
    real, synthetic, holdout = (example(seed=seed).select(("id",)) for seed in (1, 2, 3))
    result = make()(Comparison(real, synthetic, holdout))
    assert result.value is None, "a value for a table of keys alone"
    assert result.skipped, "it was skipped without a reason"


def check_ignores_row_order(make: MakeMetric) -> None:
    """The order of rows does not change any digit of the result."""
    metric, real, synthetic, holdout = make(), example(seed=1), example(seed=2), example(seed=3)

    def shuffled(table: Table, seed: int) -> Table:
        order = np.random.default_rng(seed).permutation(len(table))
        return table.with_frame(table.frame[order])

    first = metric(Comparison(real, synthetic, holdout))
    second = metric(Comparison(shuffled(real, 1), shuffled(synthetic, 2), shuffled(holdout, 3)))
    assert _same(first, second), f"{first.value} became {second.value} by shuffling rows"


def check_ignores_column_order(make: MakeMetric) -> None:
    """The order of columns does not change the result."""
    metric, synthetic = make(), example(seed=2)
    shuffled = synthetic.select(tuple(reversed(synthetic.schema.names)))
    first = metric(Comparison(example(seed=1), synthetic, example(seed=3)))
    second = metric(Comparison(example(seed=1), shuffled, example(seed=3)))
    assert _same(first, second), f"{first.value} became {second.value} by reordering columns"


def check_same_seed_same_result(make: MakeMetric) -> None:
    """The same seed gives the same result."""
    tables = Comparison(example(seed=1), example(seed=2), example(seed=3))
    first, second = make()(tables, run=Run.from_seed(5)), make()(tables, run=Run.from_seed(5))
    assert _same(first, second), f"the same seed gave {first.value} and {second.value}"


def check_leaves_global_randomness_alone(make: MakeMetric) -> None:
    """Global random generators are neither used nor seeded."""
    tables = [Comparison(example(seed=1), example(seed=2), example(seed=3)) for _ in range(2)]
    make()(tables[0], run=Run.from_seed(5))  # libraries may draw when they are imported
    with global_randomness_untouched():
        make()(tables[1], run=Run.from_seed(5))


def check_leaves_its_input_alone(make: MakeMetric) -> None:
    """The input tables are not changed."""
    tables = Comparison(example(seed=1), example(seed=2), example(seed=3))
    input_tables = [table for table in (tables.real, tables.synthetic, tables.holdout) if table]
    before = [table.frame.clone() for table in input_tables]
    make()(tables)
    for table, frame in zip(input_tables, before, strict=True):
        assert table.frame.equals(frame), "a table was changed"
        assert table.frame.schema == frame.schema, "a column was changed"


def check_tables_unequal_in_rows(make: MakeMetric) -> None:
    """Tables of very different lengths have a value."""
    for rows in ((ROWS, 90, ROWS), (90, ROWS, ROWS), (ROWS, ROWS, 90)):
        real, synthetic, holdout = (example(count, seed=i) for i, count in enumerate(rows))
        result = make()(Comparison(real, synthetic, holdout))
        assert result.value is not None, f"{rows} rows were skipped: {result.skipped}"
        _check_finite(result, f"{rows} rows")


def check_can_be_stopped(make: MakeMetric) -> None:
    """A cancelled run stops the metric."""
    cancelled = Run.from_seed(1)
    cancelled.cancel()
    try:
        make()(Comparison(example(seed=1), example(seed=2), example(seed=3)), run=cancelled)
    except Cancelled:
        return
    raise AssertionError("it continued although the run was cancelled")


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


def _edge_case_tables() -> Iterator[tuple[str, Table, Table]]:
    """(name, synthetic table, real table) of each edge case."""
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


def _check_finite(result: Result, name: str) -> None:
    numbers: list[float] = list(result.parts.values())
    numbers += [x for x in (result.value, result.reference) if x is not None]
    numbers += list(result.interval or ())
    assert all(math.isfinite(x) for x in numbers), f"{name}: not a finite number: {result}"
    assert (result.value is None) == bool(result.skipped), (
        f"{name}: value {result.value}, skipped {result.skipped!r}"
    )
    if result.interval is not None and result.value is not None:
        low_end, high_end = result.interval
        assert low_end <= result.value <= high_end, (
            f"{name}: {result.value} not in {result.interval}"
        )
    try:
        json.dumps(dict(result.detail), allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise AssertionError(f"{name}: its detail cannot be written as JSON: {problem}") from None


def _same(first: Result, second: Result) -> bool:
    def fields(result: Result) -> Any:
        parts = sorted(result.parts.items())
        return result.value, result.interval, result.reference, parts, result.skipped

    return bool(fields(first) == fields(second))
