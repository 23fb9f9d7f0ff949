"""Orders in which the variables of a regular vine can be drawn.

The variable drawn last is conditioned in one pair of each tree and conditions no other pair; without
it, the rest is a vine of fewer variables (Cooke, Kurowicka and Wilson 2015, "Sampling,
conditionalizing, counting, merging, searching regular vines"). Every tree has at least two leaves, so
that any one variable can be kept until all others are taken away: it is then drawn first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair copula of two variables given others.

    Attributes:
        tree, number: Its place in the vine.
        first, second: The variables that it joins.
        given: Those it is conditional on.
    """

    tree: int
    number: int
    first: int
    second: int
    given: frozenset[int]


@dataclass(frozen=True, slots=True)
class Step:
    """One variable, with the pairs that join it with variables drawn before, tree by tree."""

    variable: int
    edges: tuple[Edge, ...]


def edges_of(vine: Mapping[str, Any]) -> list[Edge]:
    """The pairs of a vine that `checked_vine` gave."""
    order = [j - 1 for j in vine["structure"]["order"]]
    trees = vine["structure"]["array"]["data"]
    return [
        Edge(
            t,
            e,
            order[e],
            order[trees[t][e] - 1],
            frozenset(order[trees[s][e] - 1] for s in range(t)),
        )
        for t in range(len(trees))
        for e in range(len(trees[t]))
    ]


def drawing_order(edges: Sequence[Edge], last: Sequence[int], first: int | None) -> list[Step]:
    """The order in which the variables are drawn.

    Args:
        last: All variables; where several can be drawn last, the one that comes first here is.
        first: The variable to draw first; None for any.
    """
    left, waiting = list(edges), list(last)
    if first is not None:  # taken away only where nothing else can be
        waiting = [j for j in waiting if j != first] + [first]
    steps: list[Step] = []
    while waiting:
        variable = next(j for j in waiting if _can_be_last(left, j))
        waiting.remove(variable)
        own = sorted((e for e in left if variable in (e.first, e.second)), key=lambda e: e.tree)
        left = [e for e in left if variable not in (e.first, e.second)]
        steps.append(Step(variable, tuple(own)))
    return steps[::-1]


def _can_be_last(edges: Sequence[Edge], variable: int) -> bool:
    """Whether no pair is conditional on the variable, and it is in at most one pair of each tree."""
    own = [e.tree for e in edges if variable in (e.first, e.second)]
    return len(own) == len(set(own)) and not any(variable in e.given for e in edges)
