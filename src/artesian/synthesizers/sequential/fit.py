"""Fitting of the chain: all conditionals at once, in parallel over columns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.table_codec import Codec
from artesian.synthesizers.protocol import BLOCK
from artesian.synthesizers.sequential.conditional import Conditional, TreeSettings
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.functional_dependencies import (
    FunctionalDependency,
    OneHot,
    one_hots,
    sources,
)
from artesian.synthesizers.sequential.model import SHARED, ChainModel, Codes, Link, with_groups
from artesian.synthesizers.sequential.rejection import DRAWN, FEWEST, ROWS, RejectionSampler
from artesian.synthesizers.sequential.scores import ScoreSettings


def fit_chain(
    settings: Any,
    data: Table,
    tree: TreeSettings,
    score: ScoreSettings | None,
    *,
    refinement: int = 0,
    protect: bool,
    run: Run,
) -> ChainModel:
    """Fit every conditional on `data`, in parallel over columns.

    Args:
        refinement: Boosting rounds of the refinement; 0 does without.

    Raises:
        DataError: there are no rows.
    """
    from threadpoolctl import threadpool_limits

    if not len(data):
        raise DataError("there are no rows to learn from", hint="give at least one row")
    run.check("fit")
    codec = Codec.from_data(data, protect=protect)
    columns = codec.coded_table(data)
    groups = one_hots(codec, columns.codes)
    source, p = sources(columns), columns.columns
    source |= {int(j): p + number for number, group in enumerate(groups) for j in group.columns}
    coded = with_groups(columns, groups)
    order = _order(coded.columns, groups, source)
    design = None
    if score is not None and len(order) <= SHARED:
        design = Design.of(coded, order[: len(order) - len(source)])

    def task(at: int) -> Link:
        run.check("fit")
        j = int(order[at])
        if j in source:
            return FunctionalDependency.fit(coded, source[j], j)
        return Conditional.fit(
            coded,
            order[:at],
            j,
            design=design,
            tree=tree,
            score=score,
            rng=run.seed.child("fit", coded.names[j]).rng(),
        )

    workers = run.workers or os.cpu_count() or 1
    # The last columns look at the most others: started first, they do not leave a core idle.
    begun = list(reversed(range(len(order))))
    links: list[Link | None] = [None] * len(order)
    # Each task is a thread already: those of the matrix products would wait for each other.
    with ThreadPoolExecutor(workers) as pool, threadpool_limits(1, user_api="blas"):
        tasks = {at: pool.submit(task, at) for at in begun}
        try:
            for at in run.track(begun, "fit", len(begun)):
                links[at] = tasks[at].result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    known = tuple(link for link in links if link is not None)
    model = ChainModel(settings, codec, groups, order, known)
    if not refinement or coded.rows < FEWEST or settings.temperature != 1.0:
        return model
    return replace(model, refinement=_refined(model, coded, refinement, run))


def _refined(
    model: ChainModel,
    coded: CodedTable,
    rounds: int,
    run: Run,
) -> RejectionSampler:
    """Learn to tell the model's rows from the real rows of `coded`."""
    real = coded
    if coded.rows > ROWS:
        rng = run.seed.child("refine", "rows").rng()
        rows = np.sort(rng.choice(coded.rows, ROWS, replace=False))
        real = coded.with_codes(coded.codes[:, rows])

    def block(first: int) -> Codes:
        run.check("refine")
        rng = run.seed.child("refine", first).rng()
        return model.unrefined(rng, min(BLOCK, DRAWN * real.rows - first), {})

    starts = range(0, DRAWN * real.rows, BLOCK)
    with ThreadPoolExecutor(run.workers or os.cpu_count() or 1) as pool:
        drawn = np.concatenate(list(pool.map(block, starts)), axis=1)
    run.check("refine")
    links = zip(model.order, model.links, strict=True)
    columns = np.array([j for j, link in links if isinstance(link, Conditional)], np.int64)
    return RejectionSampler.fit(real, drawn, columns, rounds)


def _order(
    columns: int, groups: tuple[OneHot, ...], source: Mapping[int, int]
) -> NDArray[np.int64]:
    """Columns as the table has them, a group in the place of its first column; what is determined comes
    last, behind what decides it, for it tells the other columns nothing new."""
    place = [float(j) for j in range(columns - len(groups))]
    place += [float(group.columns[0]) - 0.5 for group in groups]

    def depth(j: int) -> int:
        return 1 + depth(source[j]) if j in source else 0

    return np.array(sorted(range(columns), key=lambda j: (depth(j), place[j])), np.int64)
