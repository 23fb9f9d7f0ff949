"""The proportion of rows that break a relation between columns which real rows keep."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import SchemaError
from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.data.boolean_texts import with_source_texts
from artesian.data.frames import as_text
from artesian.data.inference.roles import DIRECT
from artesian.data.row_groups import label_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.templates import with_fields
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.compatibility import check_same_columns
from artesian.metrics.common.intervals import wilson
from artesian.metrics.common.suppression import suppressed_values
from artesian.metrics.protocol import Better, Comparison, Headline, NotMeasurable, Result, Spec
from artesian.metrics.validity.rules import ParsedTable
from artesian.relations.dependencies import Dependency
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import Relation
from artesian.relations.rules import check_types, parse_rule

_MAX_PARTS = 200  # maximum number of relations in the parts, those broken most

MAX_SHARED = 0.5
"""Maximum fraction of the rows with values of the real rows for a column that is generated."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations(BaseMetric):
    """Relations are those of the real table's schema, or are discovered in the real rows; with them
    the constraints that the schema declares.

    Copies, sums and products, order, functional dependencies, missing values and texts. A dependency
    is judged by value, except for identifiers: their values are new, so the synthetic rows with the
    same one must agree. A part is the proportion of rows in which one relation is broken, among those
    it applies to. A value that was suppressed breaks nothing.
    """

    spec: ClassVar[Spec] = Spec(
        name="relations",
        title="Broken relations",
        family="validity",
        counts_entities=True,
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every row keeps all relations between columns; 1: every row breaks one",
        source="Chu, Ilyas, Papotti 2013 (denial constraints); Papenbrock et al. 2015",
        every_row=True,
        categories=False,
        headline=Headline.RELATIONS,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        check_same_columns(tables)
        if not min(len(tables.real), len(tables.synthetic)):
            raise NotMeasurable("a table has no rows")
        real = with_fields(tables.real)
        declared = _declared(real)
        texts = {str(one) for one in declared}
        relations = [*declared, *(one for one in _relations(real) if str(one) not in texts)]
        if not relations:
            raise NotMeasurable("no relation between columns holds in the real rows")
        parts, broken = _broken(relations, with_fields(tables.synthetic, tables.real), real)
        n = len(tables.synthetic)
        reference = reference_interval = None
        reference_parts: dict[str, float] = {}
        if tables.holdout is not None and len(tables.holdout):
            holdout = with_fields(tables.holdout, tables.real)
            reference_parts, wrong = _broken(relations, holdout, real)
            reference = wrong / len(tables.holdout)
            reference_interval = wilson(wrong, len(tables.holdout))
        worst = sorted(parts, key=lambda text: (-parts[text], text))[:_MAX_PARTS]
        value = broken / n
        sentence = f"{percent(value)} of the rows break a relation ({reference_note(reference)})"
        if worst and parts[worst[0]] > 0:
            count = sum(rate > 0 for rate in parts.values())
            sentence += (
                f"; {count} of {len(relations)} relations are broken, most often "
                f"'{worst[0]}', in {percent(parts[worst[0]])} of the rows it applies to"
            )
        else:
            sentence += f"; all {len(relations)} relations hold"
        return Result(
            value=value,
            interval=wilson(broken, n),
            reference=reference,
            reference_interval=reference_interval,
            parts={text: parts[text] for text in worst},
            reference_parts={t: reference_parts[t] for t in worst if t in reference_parts},
            explanation=f"{sentence}.",
            detail={
                "relations": len(relations),
                "broken_constraints_of_real_rows": _broken(declared, real, real)[0],
            },
        )


def _relations(real: Table) -> list[Relation]:
    if real.schema.relations is not None:
        return [parse_relation(text, real.schema.names) for text in real.schema.relations]
    return [discovered.relation for discovered in discover(real)]


def _declared(real: Table) -> list[Relation]:
    """The constraints of the schema; those that cannot be parsed are named by the metric `validity`."""
    rules: list[Relation] = []
    for text in dict.fromkeys(real.schema.constraints):
        with suppress(SchemaError):
            rule = parse_rule(text, real.schema.names)
            check_types(rule, real.frame)
            rules.append(rule)
    return rules


def _broken(relations: list[Relation], table: Table, real: Table) -> tuple[dict[str, float], int]:
    """Relation -> proportion of the rows it applies to that break it, and the number of rows that
    break one."""
    frame = ParsedTable.from_table(table, real).frame
    suppressed = suppressed_values(table)
    hidden = {
        name: (as_text(table.frame[name]) == value).fill_null(False)
        for name, value in suppressed.items()
    }
    any_broken = np.zeros(len(table), bool)
    parts = {}
    generated = _generated(real)
    for relation in relations:
        by_value = (
            isinstance(relation, Dependency | PartDependency)
            and generated.isdisjoint(relation.columns)
            and not any(_is_generated(frame[name], real, name) for name in relation.columns)
        )
        broken, applies = _check(relation, frame, real.frame if by_value else None)
        for name in relation.columns:
            if name in hidden:
                applies &= ~hidden[name].to_numpy()
        broken &= applies
        if applies.any():
            parts[with_source_texts(str(relation), real.schema)] = float(
                broken.sum() / applies.sum()
            )
            any_broken |= broken
    return parts, int(any_broken.sum())


def _generated(real: Table) -> frozenset[str]:
    """Identifiers, but for labels of things: if a value of them is in the real rows and in the
    synthetic ones, it is not the same order or person."""
    labels = label_ids(real)
    return frozenset(
        column.name
        for column in real.schema
        if (column.kind is Kind.TEXT and column.role in DIRECT)
        or (column.kind is Kind.KEY and column.name not in labels)
        or column.name == real.schema.entity
    )


def _is_generated(synthetic: pl.Series, real: Table, name: str) -> bool:
    """Whether few codes of a column occur in the real rows, perhaps by chance, so that rows can only
    agree with each other."""
    values = as_text(synthetic.drop_nulls())
    if real.schema[name].kind not in (Kind.KEY, Kind.TEXT) or not len(values):
        return False
    originals = as_text(real.frame[name]).unique().implode()
    return float(values.is_in(originals).mean() or 0.0) < MAX_SHARED  # type: ignore[arg-type]


def _check(relation: Relation, frame: pl.DataFrame, real: pl.DataFrame | None) -> tuple[Mask, Mask]:
    """The rows that break a relation, and those it applies to; a dependency by the values of `real`
    if there are any."""
    if isinstance(relation, PartDependency):
        frame = relation.with_part(frame)
        real = None if real is None else relation.with_part(real)
        relation = relation.by_value
    holds = relation.holds(frame)
    if isinstance(relation, Dependency) and real is not None:
        # What the real rows say of these values decides; of other values, the rows themselves.
        lookup = relation.lookup(real, 1).rename({relation.target: "\0expected"})
        keys = list(relation.sources)
        joined = frame.select(*keys, relation.target).join(
            lookup.with_columns(pl.lit(True).alias("\0known")),
            on=keys,
            how="left",
            maintain_order="left",
        )
        right = joined[relation.target].eq_missing(joined["\0expected"])
        holds = right.zip_with(joined["\0known"].fill_null(False), holds)
    applies = holds.is_not_null().to_numpy().copy()
    return (~holds.fill_null(True)).to_numpy().copy(), applies
