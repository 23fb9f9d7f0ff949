"""The constraints that a person declared: checked with the rows before a model is fitted on them."""

from __future__ import annotations

import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.relations.contradictions import refuse_contradictions
from artesian.relations.formulas import Formula
from artesian.relations.protocol import Relation, count
from artesian.relations.rules import check_types, is_of_rows, parse_rules

ROUNDED = (
    "; rounded values are equal within a half of their last digit: "
    '(col("gross") - 1.19 * col("net")).abs() <= 0.005'
)


def declared_rules(table: Table) -> list[Relation]:
    """The constraints of the table's schema.

    Raises:
        SchemaError: one cannot be parsed, has values of other types, or contradicts another one; or
            the rows break it wherever it applies.
    """
    rules = parse_rules(table.schema.constraints, table.schema.names)
    for rule in rules:
        check_types(rule, table.frame)
    refuse_contradictions(rules, table.frame)
    for rule in rules:
        rows, broken = count(rule, table.frame)
        if rows and rows == broken:
            equal = isinstance(rule, Formula) or "==" in str(rule)
            raise SchemaError(
                f"the constraint {str(rule)!r} holds in none of the {rows:,} rows it applies to",
                hint="correct it, or leave it out" + (ROUNDED if equal else ""),
            )
    return rules


def rules_between_rows(schema: Schema) -> list[Relation]:
    """The constraints of a schema that only several rows can keep, or break, together.

    Raises:
        SchemaError: a constraint cannot be parsed.
    """
    return [r for r in parse_rules(schema.constraints, schema.names) if not is_of_rows(r)]


def refuse_broken(rules: list[Relation], rows: pl.DataFrame) -> None:
    """Refuse constraints between rows that the transforms of a table do not keep in any rows.

    A row that breaks a constraint by itself is drawn again. Whether a value is that of other rows
    with the same product cannot be decided for one row.

    Args:
        rows: Restored rows with independent values.

    Raises:
        SchemaError: names a constraint that they break.
    """
    for rule in rules:
        applies, broken = count(rule, rows)
        if broken:
            raise SchemaError(
                f"the constraint {str(rule)!r} cannot be kept: {broken:,} of {applies:,} rows break "
                "it whose values were drawn independently",
                hint="leave it out, or another one that decides on the same column; a value is looked "
                "up only where five rows or more have what determines it",
            )


def describe_violations(table: Table) -> tuple[str, ...]:
    """One sentence for each constraint that rows of the table break.

    Raises:
        SchemaError: a constraint cannot be parsed, or has values of other types.
    """
    sentences = []
    for rule in parse_rules(table.schema.constraints, table.schema.names):
        rows, broken = count(rule, table.frame)
        if broken:
            sentences.append(
                f"the constraint {str(rule)!r} is broken by {broken:,} of {rows:,} training rows it "
                "applies to, and by no synthetic row"
            )
    return tuple(sentences)
