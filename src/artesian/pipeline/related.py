"""What the verbs share for related tables: their synthesizer, and what a reader should know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import UsageError
from artesian.data.dataset import Dataset
from artesian.runs.resolve import AUTO, Method, methods_of_tables
from artesian.runs.settings import typed_settings
from artesian.synthesizers.protocol import Synthesizer
from artesian.synthesizers.relational.constraints import describe_broken
from artesian.synthesizers.relational.plan import LABELS
from artesian.synthesizers.relational.relational_trees import RelationalModel, RelationalTrees
from artesian.synthesizers.relational.source_keys import describe_orphans

METHODS = (AUTO, "trees")
"""Methods of which the model of related tables is made."""

REASON = "the method of related tables"

RELEASED = (
    "the saved model is a release model: it was fitted on synthetic tables of the size of the source "
    "and reveals no more of the training rows than these; the attack on whoever reads it is not "
    "measured for related tables"
)


def related_synthesizer(
    method: Method, settings: Mapping[str, Any]
) -> tuple[RelationalTrees, Mapping[str, Synthesizer]]:
    """The synthesizer of related tables with its settings, and the methods of single tables in it.

    Args:
        method: 'auto', 'trees', or methods of tables; see `methods_of_tables`.

    Raises:
        UsageError: the method is of single tables, or a setting does not exist.
    """
    methods = methods_of_tables(method)
    if methods is None and method not in METHODS:
        name = method if isinstance(method, str) else type(method).__name__
        raise UsageError(
            f"related tables as a whole cannot be fitted with the method {name!r}",
            hint=f"use auto or trees, or name the table that it serves: customer={name}",
        )
    return RelationalTrees(**typed_settings(RelationalTrees, settings)), methods or {}


def describe_tables(dataset: Dataset, model: RelationalModel) -> tuple[str, ...]:
    """What a reader of the rows should know of the tables, one sentence each."""
    return (*describe_broken(dataset), *describe_model(model))


def describe_model(model: RelationalModel) -> tuple[str, ...]:
    """What a reader of its rows should know of a model, one sentence each."""
    notes = [
        f"the table {one.name!r} is kept as it is, but for what identifies somebody: {one.kept}"
        + (f" (generate={one.name} draws its rows instead)" if one.kept == LABELS else "")
        for one in model.plan
        if one.kept
    ]
    notes += [
        f"the rows of the table {name!r} are drawn by {method.capabilities.name}, as requested"
        for name, method in model.methods().items()
    ]
    notes += [
        f"{key} closes a circle of tables: the rows it refers to are drawn last, whatever they are like"
        for one in model.plan
        for key in one.deferred
        if key.child != key.parent
    ]
    notes += describe_orphans(model.orphans, model.settings.orphans)
    for name, suppressed in model.facts()["suppressed"].items():
        listed = ", ".join(list(suppressed)[:6]) + (", ..." if len(suppressed) > 6 else "")
        notes.append(f"{name}: values of fewer than {MIN_COUNT} rows are replaced in {listed}")
    return tuple(notes)
