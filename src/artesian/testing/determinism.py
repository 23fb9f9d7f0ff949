"""Checks of determinism: a row depends on data, settings, seed and its position, on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from artesian.core.errors import Cancelled
from artesian.core.run import Progress, Run, Seed
from artesian.synthesizers.protocol import Model, Synthesizer
from artesian.testing.randomness import global_randomness_untouched
from artesian.testing.tables import few_values, people

Make = Callable[[], Synthesizer]

MAX_BATCH = 100_000
"""Maximum number of rows of a batch."""


def check_schema_and_row_count(make: Make) -> None:
    """A sample has the data's schema and types and the requested number of rows."""
    data = few_values()
    model = make().fit(data)
    empty = model.empty()
    assert empty.frame.equals(model.sample(0).frame), "empty() is not a sample of no rows"
    assert empty.frame.schema == data.frame.schema, "empty() has other types"
    # A model adds the relations that it keeps.
    expected = replace(data.schema, relations=model.schema.relations)
    assert model.schema == empty.schema == expected, "empty() has another schema"
    assert model.origin == empty.origin == data.origin, "the origin of the data was lost"
    for rows in (0, 1, 299, 5000):
        out = model.sample(rows)
        assert len(out) == rows, f"asked for {rows} rows, got {len(out)}"
        assert out.schema == expected, "the sample's schema differs from the data's"
        assert out.frame.schema == data.frame.schema, f"{rows} rows have other types"


def check_same_seed_same_rows(make: Make) -> None:
    """The same seed gives the same rows, another seed other rows."""
    model = _fitted(make)
    one, two = model.sample(50, run=Run.from_seed(2)), model.sample(50, run=Run.from_seed(2))
    assert one.frame.equals(two.frame), "the same seed gave different rows"
    assert not one.frame.equals(model.sample(50, run=Run.from_seed(3)).frame), (
        "the seed changes nothing"
    )


def check_rows_do_not_depend_on_how_many(make: Make) -> None:
    """A short sample is a prefix of a long one."""
    model = _fitted(make)
    long = model.sample(5000, run=Run.from_seed(2)).frame
    for rows in (1, 10, 4096, 4097):
        short = model.sample(rows, run=Run.from_seed(2)).frame
        assert short.equals(long.head(rows)), f"the first {rows} of 5000 rows differ from {rows}"


def check_batches_are_the_sample(make: Make) -> None:
    """`batches` gives the rows of `sample`, in batches of bounded size."""
    model = make().fit(few_values(), run=Run.from_seed(1))
    rows = 2 * MAX_BATCH + 1
    batches = [batch.frame for batch in model.batches(rows, run=Run.from_seed(2))]
    assert max(batch.height for batch in batches) <= MAX_BATCH, "a batch is too long"
    whole = model.sample(rows, run=Run.from_seed(2)).frame
    assert pl.concat(batches).equals(whole), "the batches differ from the sample"
    assert not any(len(batch) for batch in model.batches(0)), "a batch of no rows has rows"


def check_workers_do_not_matter(make: Make) -> None:
    """One worker and several give the same model and the same rows."""
    frames = [
        make()
        .fit(people(300), run=Run(seed=Seed(1), workers=workers))
        .sample(70_000, run=Run(seed=Seed(2), workers=workers))
        .frame
        for workers in (1, 3)
    ]
    assert frames[0].equals(frames[1]), "the number of workers changes the rows"


def check_fit_is_deterministic(make: Make) -> None:
    """The same data and seed give the same model."""
    one, two = (_fitted(make).sample(200, run=Run.from_seed(2)).frame for _ in range(2))
    assert one.equals(two), "two fits of the same data with the same seed differ"


def check_leaves_global_randomness_alone(make: Make) -> None:
    """Global generators are neither drawn from nor seeded."""
    with global_randomness_untouched():
        _fitted(make).sample(20, run=Run.from_seed(1))


def check_leaves_its_input_alone(make: Make) -> None:
    """The caller's frame is not modified."""
    data = people(200)
    before = data.frame.clone()
    make().fit(data).sample(20)
    assert data.frame.equals(before), "fit() changed the data"
    assert data.frame.schema == before.schema, "fit() changed a column of the data"


def check_reports_progress(make: Make) -> None:
    """Fitting and sampling report progress, which ends at its total."""
    reports: list[Progress] = []
    run = Run(on_progress=reports.append)
    model = make().fit(people(200), run=run)
    assert reports, "fit() reported no progress"
    assert reports[-1].done == reports[-1].total, f"fit() ended at {reports[-1]}"
    reports.clear()
    model.sample(100, run=run)
    assert reports, "sample() reported no progress"
    assert reports[-1].done == reports[-1].total, f"sample() ended at {reports[-1]}"


def check_can_be_cancelled(make: Make) -> None:
    """A cancelled run stops fitting and sampling, a long sample between two batches."""
    cancelled = Run()
    cancelled.cancel()
    model = _fitted(make)
    assert _is_cancelled(lambda: make().fit(people(200), run=cancelled)), "fit() ignored cancel()"
    assert _is_cancelled(lambda: model.sample(100, run=cancelled)), "sample() ignored cancel()"
    later = Run(workers=1)
    batches = model.batches(100 * MAX_BATCH, run=later)
    next(batches)
    later.cancel()
    assert _is_cancelled(lambda: list(batches)), "batches() continued after cancel()"


def _is_cancelled(work: Callable[[], object]) -> bool:
    try:
        work()
    except Cancelled:
        return True
    return False


def _fitted(make: Make) -> Model:
    return make().fit(people(300), run=Run.from_seed(1))
