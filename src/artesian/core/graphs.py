"""Whether one node of a directed graph leads to another."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def leads_to(starts: Iterable[Node], end: Node, edges: Mapping[Node, Collection[Node]]) -> bool:
    """Whether `end` is one of the starts, or is reached from one of them.

    >>> leads_to(["net"], "tax", {"net": {"gross"}, "gross": {"tax"}})
    True
    """
    todo, seen = list(starts), set[Node]()
    while todo:
        node = todo.pop()
        if node == end:
            return True
        if node not in seen:
            seen.add(node)
            todo += edges.get(node, ())
    return False
