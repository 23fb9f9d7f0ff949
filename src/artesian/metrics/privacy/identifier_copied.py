"""Copied identifiers: e-mail addresses, names, accounts, ... of synthetic rows that are real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.data.inference.roles import DIRECT, PERSONS, is_direct, role_of, whole
from artesian.data.schema import Column
from artesian.data.table import Table
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.compatibility import check_same_columns
from artesian.metrics.common.intervals import wilson
from artesian.metrics.protocol import (
    Better,
    Comparison,
    Headline,
    Interval,
    NotMeasurable,
    Result,
    Spec,
)

_CODES = (
    "phone", "iban", "credit_card", "ssn", "tax_id", "account_number", "mac", "licence_plate",
)  # fmt: skip

LARGE = (*PERSONS, "mac", "device_id", "uuid", "licence_plate")
"""Roles with so many possible values that independent ones are practically never equal."""

CHANCE = 0.001
"""Proportion of values of such a role that may be equal without any being copied."""

COUNTED = 0.3
"""Minimum proportion of the numbers between the ends that occur in a count."""

_NUMBERED = r"^([^0-9]*)([0-9]{1,15})([^0-9]*)$"

_MIN_OTHERS = 10
"""Minimum number of holdout rows of other people that are a reference."""


@dataclass(frozen=True, slots=True)
class _Copies:
    """What one column copies.

    Attributes:
        fraction: Fraction of the synthetic values that are real.
        distinct, copied: Number of distinct synthetic values, and of those that are real.
        reference: The same fraction of other people; None if there are none.
        interval: Interval of `reference`; None if it is exact.
    """

    name: str
    fraction: float
    distinct: int
    copied: int
    reference: float | None
    interval: Interval | None
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierCopied(BaseMetric):
    """Fraction of the synthetic rows whose identifier is that of a training row, in the worst column.

    Columns count if they have the role of a direct identifier (`Column.role`) or are recognised as
    one from the real values. Common names occur in any table, so the reference is the fraction of
    holdout rows of other people with a name of the training rows. Addresses, accounts and devices
    of other people are practically never equal, so their reference is 0 where the holdout has
    other rows of the same people; numbers that were counted up are equal as often as the count is
    complete.
    """

    spec: ClassVar[Spec] = Spec(
        name="identifier_copied",
        title="Copied identifiers",
        family="privacy",
        counts_entities=True,
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: no identifier of a synthetic row is real; 1: all are",
        source="Garfinkel 2015, NIST IR 8053, section 2.2: direct identifiers",
        headline=Headline.IDENTIFIERS,
        every_row=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        check_same_columns(tables)
        roles = {c.name: role for c in tables.real.schema if (role := _role(tables.real, c))}
        if not roles:
            raise NotMeasurable("no column identifies people directly")
        others = _other_people(tables, roles)
        measured = [
            copies
            for name, role in roles.items()
            if (copies := _copies(tables, name, role, others)) is not None
        ]
        if not measured:
            raise NotMeasurable("the identifying columns have no values to compare")
        worst = min(measured, key=lambda each: (each.p_value, -each.fraction))
        reference = worst.reference
        exact = reference is not None and worst.interval is None
        # Rows of one person are not independent, so distinct values are counted.
        interval = wilson(worst.fraction * worst.distinct, worst.distinct)
        note = reference_note(None if tables.holdout is None else reference)
        if exact:
            note = f"by chance: {percent(reference)}" if reference else f"by chance: none; {note}"
        return Result(
            value=worst.fraction,
            interval=interval,
            reference=None if tables.holdout is None else reference,
            reference_interval=worst.interval,
            # Without a holdout too, independent values of some roles are known to be different.
            excess=None if reference is None else worst.fraction - reference,
            excess_interval=interval if exact else None,
            p_value=None if reference is None else min(1.0, worst.p_value * len(measured)),
            parts={each.name: each.fraction for each in measured},
            reference_parts={
                each.name: each.reference
                for each in measured
                if each.reference is not None and tables.holdout is not None
            },
            explanation=(
                f"{percent(worst.fraction)} of the synthetic values of {worst.name!r} are those of a "
                f"training row ({note}), the worst of {len(measured)} "
                f"identifying column{'' if len(measured) == 1 else 's'}."
            ),
            detail={"column": worst.name, "copied": worst.copied, "distinct": worst.distinct},
        )


def copied_fraction(values: pl.Series, real: pl.Series) -> float:
    """Fraction of `values` that occur in `real`, without missing ones; 0 without any value.

    >>> copied_fraction(pl.Series(["a@x.org", "b@x.org"]), pl.Series(["A@x.org", "c@x.org"]))
    0.5
    """
    one, other = _comparable(values, ""), _comparable(real, "")
    return float(one.is_in(other.unique().implode()).sum()) / max(len(one), 1)


def _role(table: Table, column: Column) -> str:
    """The role of a direct identifier; '' for other columns."""
    values = table.frame[column.name].drop_nulls()
    role = column.role if column.role in DIRECT else role_of(column.name, values)[0]
    return role if is_direct(role, distinct=values.n_unique(), rows=len(values)) else ""


def _other_people(tables: Comparison, roles: dict[str, str]) -> pl.DataFrame | None:
    """Holdout rows of people without training rows; None if there are too few or no holdout."""
    if tables.holdout is None:
        return None
    frame = tables.holdout.frame
    same = pl.Series([False] * frame.height, dtype=pl.Boolean)
    for name, role in roles.items():
        if role in PERSONS:
            real = _comparable(tables.real.frame[name], role).unique()
            values = _comparable(frame[name], role, keep_missing=True)
            same |= values.is_in(real.implode()).fill_null(False)
    others = frame.filter(~same)
    return others if others.height >= _MIN_OTHERS else None


def _copies(
    tables: Comparison, name: str, role: str, others: pl.DataFrame | None
) -> _Copies | None:
    from scipy.stats import binomtest, fisher_exact

    real = _comparable(tables.real.frame[name], role).unique().implode()
    synthetic = _comparable(tables.synthetic.frame[name], role)
    if synthetic.is_empty() or not len(real[0]):
        return None
    distinct = synthetic.n_unique()
    copied = int(synthetic.unique().is_in(real).sum())
    fraction = float(synthetic.is_in(real).sum()) / len(synthetic)
    hits = round(fraction * distinct)
    if role in LARGE:
        chance = _counted(real[0])
        rate = max(CHANCE, chance)
        p_value = float(binomtest(hits, distinct, rate, alternative="greater").pvalue)
        return _Copies(name, fraction, distinct, copied, chance, None, p_value)
    frame = (
        others if others is not None else None if tables.holdout is None else tables.holdout.frame
    )
    holdout = None if frame is None else _comparable(frame[name], role)
    if holdout is None or holdout.is_empty():
        return _Copies(name, fraction, distinct, copied, None, None, 1.0)
    reference = float(holdout.is_in(real).sum()) / len(holdout)
    number = holdout.n_unique()
    expected = round(reference * number)
    table = [[hits, distinct - hits], [expected, number - expected]]
    p_value = float(fisher_exact(table, alternative="greater").pvalue)
    interval = wilson(reference * number, number)
    return _Copies(name, fraction, distinct, copied, reference, interval, p_value)


def _counted(real: pl.Series) -> float:
    """Of identifiers that were counted up ('U00001' to 'U00235'): the proportion of numbers between
    the ends that occur, which any count over the same range meets; 0 for all others.

    >>> _counted(pl.Series(["u1", "u2", "u4", "u5"]))
    0.8
    """
    parts = real.str.extract_groups(_NUMBERED).struct.unnest()
    prefix, digits, suffix = parts.get_columns()
    if digits.has_nulls() or prefix.n_unique() > 1 or suffix.n_unique() > 1:
        return 0.0
    numbers = digits.cast(pl.Int64)
    low, high = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]
    proportion = numbers.n_unique() / (high - low + 1)
    return proportion if proportion >= COUNTED else 0.0


def _comparable(values: pl.Series, role: str, *, keep_missing: bool = False) -> pl.Series:
    """Values as text without case; codes without separators, so that another format is the same."""
    present = values if keep_missing else values.drop_nulls()
    text = whole(present).cast(pl.String).str.strip_chars().str.to_lowercase()
    if role in _CODES:
        text = text.str.replace_all(r"[^\p{L}\p{N}]", "")
    return text
