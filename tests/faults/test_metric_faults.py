"""The suite itself is tested: each fault, seen in a real library, turns its check red."""

import random
from dataclasses import replace
from typing import ClassVar

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.metrics.fidelity.ks import KS
from artesian.metrics.protocol import Better
from artesian.testing import metric_checks


class Says:
    """KS with its result changed by `spoil`."""

    spec: ClassVar = KS.spec

    def __call__(self, tables, *, run=None):
        return self.spoil(KS()(tables, run=run), tables)

    def spoil(self, result, tables):
        return result


class SaysNaN(Says):
    def spoil(self, result, tables):
        return replace(result, value=float("nan")) if result.value is None else result


class SaysNaNInstead(Says):
    def spoil(self, result, tables):
        return replace(result, value=float("nan"), skipped="") if result.skipped else result


class ForgetsReference(Says):
    def spoil(self, result, tables):
        return replace(result, reference=None)


class FlipsDirection(Says):
    spec: ClassVar = replace(KS.spec, better=Better.HIGHER)

    def spoil(self, result, tables):
        return replace(result, better=Better.HIGHER)


class LooksAtTheFirstRows(Says):
    def __call__(self, tables, *, run=None):
        head = tables.synthetic.with_frame(tables.synthetic.frame.head(300))
        return KS()(replace(tables, synthetic=head), run=run)


class EditsItsInput(Says):
    def __call__(self, tables, *, run=None):
        frame = tables.real.frame
        if frame.height and "spent" in frame.columns:
            at = frame.columns.index("spent")
            frame.replace_column(at, frame["spent"].fill_null(0).round(1).alias("spent"))
        return KS()(tables, run=run)


class ReadsGlobalRandomness(Says):
    def spoil(self, result, tables):
        np.random.seed(0)  # noqa: NPY002
        random.random()
        return result


class ForgetsTheSeed(Says):
    def __call__(self, tables, *, run=None):
        return KS()(tables, run=Run.from_seed(int.from_bytes(random.SystemRandom().randbytes(4))))


class DeafToCancel(Says):
    def __call__(self, tables, *, run=None):
        return KS()(tables)


class IntervalElsewhere(Says):
    def spoil(self, result, tables):
        return result if result.value is None else replace(result, interval=(0.9, 1.0))


class SaysNothing(Says):
    def spoil(self, result, tables):
        return replace(result, explanation="")


class FailsOnOneRow(Says):
    def __call__(self, tables, *, run=None):
        if any(len(t) == 1 for t in (tables.real, tables.synthetic)):
            raise ZeroDivisionError
        return KS()(tables, run=run)


class SkipsWithoutReason(Says):
    def spoil(self, result, tables):
        return replace(result, skipped="") if result.skipped else result


class TakesColumnsByPlace(Says):
    def __call__(self, tables, *, run=None):
        names = tables.real.schema.names
        frame = pl.DataFrame(
            [s.alias(n) for n, s in zip(names, tables.synthetic.frame.iter_columns(), strict=True)]
        )
        synthetic = replace(tables.synthetic, frame=frame, schema=tables.real.schema)
        return KS()(replace(tables, synthetic=synthetic), run=run)


class NeedsNoHoldoutItSays(Says):
    def spoil(self, result, tables):
        if tables.holdout is None and result.value is not None:
            return replace(result, reference=result.value)
        return result


class SkipsUnequalTables(Says):
    def spoil(self, result, tables):
        if len(tables.real) != len(tables.synthetic):
            return replace(result, value=None, skipped="tables differ in rows", interval=None)
        return result


FAULTS = [
    (SaysNaN, "check_never_nan"),
    (SaysNaNInstead, "check_never_nan"),
    (ForgetsReference, "check_has_its_reference"),
    (FlipsDirection, "check_better_rows_score_better"),
    (LooksAtTheFirstRows, "check_ignores_row_order"),
    (EditsItsInput, "check_leaves_its_input_alone"),
    (ReadsGlobalRandomness, "check_leaves_global_randomness_alone"),
    (ForgetsTheSeed, "check_same_seed_same_result"),
    (DeafToCancel, "check_can_be_stopped"),
    (IntervalElsewhere, "check_range_and_interval"),
    (SaysNothing, "check_explains_its_result"),
    (FailsOnOneRow, "check_never_nan"),
    (SkipsWithoutReason, "check_without_its_columns"),
    (TakesColumnsByPlace, "check_ignores_column_order"),
    (NeedsNoHoldoutItSays, "check_without_holdout"),
    (SkipsUnequalTables, "check_tables_unequal_in_rows"),
]


@pytest.mark.parametrize(("fault", "red"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_the_fault_turns_its_check_red(fault, red):
    failed = set()
    for check in metric_checks(fault):
        try:
            check(fault)
        except Exception:
            failed.add(check.__name__)
    assert red in failed


def test_every_check_has_a_fault_that_turns_it_red():
    assert {check.__name__ for check in metric_checks(Says)} == {red for _, red in FAULTS}


def test_the_faultless_one_passes():
    for check in metric_checks(Says):
        check(Says)
