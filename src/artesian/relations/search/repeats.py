"""Which of the relations between events and those by value repeat what others say."""

from __future__ import annotations

from artesian.relations.bins import Bins
from artesian.relations.dependencies import Dependency
from artesian.relations.formulas import Copy, Formula
from artesian.relations.implied import Implied
from artesian.relations.largest import Largest
from artesian.relations.parts import PartDependency
from artesian.relations.protocol import Discovered, Relation
from artesian.relations.search.rows import NumericColumns
from artesian.relations.signed import SignedSum


def without_repeats(
    events: list[Discovered],
    discovered: list[Discovered],
    numeric: NumericColumns,
    computed_texts: list[Discovered],
) -> list[Discovered]:
    """`events` after what is computed, and then what was discovered besides, without what they say.

    That a flag depends on a number repeats that the one is 0 exactly if the other is.
    """
    flags = {name for j, name in enumerate(numeric.names) if numeric.distinct[j] == 2}
    stated = {
        frozenset(one.columns)
        for one in (event.relation for event in events)
        if isinstance(one, Implied) and one.exactly and one.effect.value is not None
    }
    exact = [
        one
        for one in discovered
        if isinstance(one.relation, Copy | Formula | SignedSum | Bins | Largest)
        or one in computed_texts
    ]
    rest = [
        one
        for one in discovered
        if one not in exact
        and (
            not isinstance(one.relation, Dependency)
            or one.relation.target not in flags
            or frozenset(one.relation.columns) not in stated
        )
    ]
    # An order can be kept by either of its ends, a dependency by its target alone.
    by_value = [one for one in rest if isinstance(one.relation, Dependency | PartDependency)]
    return [*exact, *events, *by_value, *(one for one in rest if one not in by_value)]


def undoes(relation: Relation, computed: list[Discovered]) -> bool:
    """Whether a dependency only finds one of several sources of a formula by what is computed."""
    several = [one.relation.columns for one in computed if len(one.relation.columns) > 2]
    return isinstance(relation, Dependency) and any(
        relation.sources == names[:1] and relation.target in names for names in several
    )


def reads_part(relation: Relation, texts: dict[str, tuple[str, ...]]) -> bool:
    """Whether a dependency only reads a part of a text that is computed from it."""
    return isinstance(relation, Dependency) and any(
        relation.target in texts.get(source, ()) for source in relation.sources
    )
