"""Which of the relations between events and those by value repeat what others say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from artesian.relations.between import Between
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
        if isinstance(one.relation, Copy | Formula | SignedSum | Between | Bins | Largest)
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


def determined_by(relations: Iterable[Relation]) -> dict[str, set[str]]:
    """Column -> the columns that it alone determines, directly or not."""
    direct: dict[str, set[str]] = {}
    for one in relations:
        if isinstance(one, Dependency) and len(one.sources) == 1 and not one.values:
            direct.setdefault(one.sources[0], set()).add(one.target)
    out = {}
    for name in direct:
        reached, todo = set[str](), [name]
        while todo:
            new = direct.get(todo.pop(), set()) - reached
            reached |= new
            todo += new
        out[name] = reached
    return out


def sources_of(computed: Iterable[Discovered]) -> dict[str, set[str]]:
    """Column -> the columns that it is computed from, directly or not, of which it is no function: what
    several columns of one formula give says nothing of each."""
    direct: dict[str, tuple[str, ...]] = {}
    for one in computed:
        direct[one.relation.columns[0]] = one.relation.columns[1:]
    out: dict[str, set[str]] = {}
    for target in direct:
        todo, seen = [(target, False)], set[tuple[str, bool]]()
        while todo:
            name, several = todo.pop()
            if (name, several) not in seen:
                seen.add((name, several))
                sources = direct.get(name, ())
                todo += [(source, several or len(sources) > 1) for source in sources]
        out[target] = {name for name, several in seen if several} - {target}
    return out


def undoes(
    relation: Relation, computed: list[Discovered], determined: Mapping[str, set[str]]
) -> bool:
    """Whether a dependency only finds one of several sources of a formula by what is computed, or what
    determines a source: the value of a movement shows its article by the price.

    Args:
        determined: Column -> the columns that it alone determines, see `determined_by`.
    """
    several = [one.relation.columns for one in computed if len(one.relation.columns) > 2]
    return isinstance(relation, Dependency) and any(
        relation.sources == names[:1]
        and (relation.target in names or determined.get(relation.target, set()) & set(names[1:]))
        for names in several
    )


def reads_part(relation: Relation, texts: dict[str, tuple[str, ...]]) -> bool:
    """Whether a dependency only reads a part of a text that is computed from it."""
    return isinstance(relation, Dependency) and any(
        relation.target in texts.get(source, ()) for source in relation.sources
    )
