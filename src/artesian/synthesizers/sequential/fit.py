"""Fitting a sequential model: all conditional distributions at once, each on real rows.

A conditional is fitted on the real values of the columns before it, not on synthetic ones, so the fits
are independent and run in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import ROWS_PER_BIN
from artesian.encoding.table_codec import TableCodec
from artesian.engine.threads import thread_map
from artesian.synthesizers.memorisation import Memorised, Privacy, budget
from artesian.synthesizers.protocol import BLOCK
from artesian.synthesizers.sequential.conditional import (
    Conditional,
    GrownTree,
    TreeSettings,
)
from artesian.synthesizers.sequential.conditioned import Factor
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.functional_dependencies import (
    FunctionalDependency,
    OneHot,
    determining_columns,
    one_hots,
)
from artesian.synthesizers.sequential.memorisation import choose, weight_limit
from artesian.synthesizers.sequential.model import Codes, SequentialModel, with_groups
from artesian.synthesizers.sequential.rejection import (
    MAX_ROWS,
    MIN_ROWS,
    SYNTHETIC_PER_REAL,
    RejectionSampler,
)
from artesian.synthesizers.sequential.scores import ScoreSettings

MAX_SHARED_COLUMNS = 300
"""Maximum number of columns for which one design matrix of all is kept; beyond it costs too much."""


def fit_sequential(
    settings: Any,
    data: Table,
    tree: TreeSettings,
    score: ScoreSettings | None,
    *,
    refinement: int = 0,
    protect: bool,
    privacy: Privacy,
    codec: TableCodec | None,
    run: Run,
) -> SequentialModel:
    """Fit every conditional distribution on `data`, in parallel over columns.

    Args:
        settings: The synthesizer, which the model carries.
        score: Settings of the boosted scores; None fits trees on the columns alone.
        refinement: Boosting rounds of the density ratio; 0 for no rejection step.
        protect: Suppress rare categories and the extremes of numbers.
        codec: Codes of the columns; None learns them from `data`.

    Raises:
        DataError: `data` has no rows.
    """
    from threadpoolctl import threadpool_limits

    if not len(data):
        raise DataError("there are no rows to fit on", hint="give at least one row")
    run.check("fit")
    if codec is None:
        codec = TableCodec.from_data(data, protect=protect, rows_per_bin=ROWS_PER_BIN)
    columns = codec.coded_table(data)
    groups = one_hots(codec, columns.codes)
    source, p = determining_columns(columns), columns.columns
    source |= {int(j): p + number for number, group in enumerate(groups) for j in group.columns}
    coded = with_groups(columns, groups)
    order = _order(coded.columns, groups, source)  # (p + g,)
    design = None
    if score is not None and len(order) <= MAX_SHARED_COLUMNS:
        design = Design.from_codes(coded, order[: len(order) - len(source)])

    def fit_factor(at: int) -> FunctionalDependency | GrownTree:
        run.check("fit")
        j = int(order[at])
        if j in source:
            return FunctionalDependency.fit(coded, source[j], j)
        return GrownTree.fit(
            coded,
            order[:at],
            j,
            design=design,
            tree=tree,
            score=score,
            rng=run.seed.child("fit", coded.names[j]).rng(),
        )

    # The last columns have the most predictors: started first, they leave no core idle at the end.
    positions = list(reversed(range(len(order))))
    # Each fit is a thread already; threads of the matrix products would only wait for each other.
    with threadpool_limits(1, user_api="blas"):
        grown = list(thread_map(fit_factor, positions, run=run, name="fit"))
    factors, memorised = regularised(list(reversed(grown)), tree, privacy, coded.rows)
    model = SequentialModel(settings, codec, groups, order, factors, memorised)
    if not refinement or coded.rows < MIN_ROWS or settings.temperature != 1.0:
        return model
    return replace(model, refinement=_fit_rejection(model, coded, refinement, run))


def regularised(
    grown: list[FunctionalDependency | GrownTree], tree: TreeSettings, privacy: Privacy, rows: int
) -> tuple[tuple[Factor, ...], Memorised]:
    """The conditionals within the budget of `privacy`, and what they memorise."""
    candidates = [each.candidates for each in grown if isinstance(each, GrownTree)]
    max_nats = budget(privacy, rows)
    choices = choose(candidates, max_nats, weight_limit(privacy, rows))
    memorised = Memorised(sum(choice.nats for choice in choices), max_nats, rows)
    remaining = iter(choices)
    factors = tuple(
        Conditional.from_tree(each, next(remaining), tree) if isinstance(each, GrownTree) else each
        for each in grown
    )
    return factors, memorised


def _fit_rejection(
    model: SequentialModel, coded: CodedTable, rounds: int, run: Run
) -> RejectionSampler:
    """Estimate the density ratio between the real rows of `coded` and rows that `model` draws."""
    real = coded
    if coded.rows > MAX_ROWS:
        rng = run.seed.child("refine", "rows").rng()
        chosen = np.sort(rng.choice(coded.rows, MAX_ROWS, replace=False))
        real = coded.with_codes(coded.codes[:, chosen])
    rows = SYNTHETIC_PER_REAL * real.rows

    def draw(first: int) -> Codes:
        run.check("refine")
        rng = run.seed.child("refine", first).rng()
        return model.propose(rng, min(BLOCK, rows - first), {})

    starts = range(0, rows, BLOCK)
    synthetic = np.concatenate(list(thread_map(draw, starts, run=run, name="refine")), axis=1)
    run.check("refine")
    factors = zip(model.order, model.factors, strict=True)
    columns = np.array([j for j, factor in factors if isinstance(factor, Conditional)], np.int64)
    return RejectionSampler.fit(real, synthetic, columns, rounds)


def _order(
    columns: int, groups: tuple[OneHot, ...], source: Mapping[int, int]
) -> NDArray[np.int64]:
    """The order in which columns are drawn: that of the table, a group before its first column.

    A determined column comes last, after its determining column: it adds nothing to what that says
    about the others.
    """
    place = [float(j) for j in range(columns - len(groups))]
    place += [float(group.columns[0]) - 0.5 for group in groups]

    def depth(j: int) -> int:
        return 1 + depth(source[j]) if j in source else 0

    return np.array(sorted(range(columns), key=lambda j: (depth(j), place[j])), np.int64)
