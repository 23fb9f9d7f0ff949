"""Which relations that one half of the rows shows hold in the other half, too."""

from __future__ import annotations

from collections.abc import Iterable

from artesian.relations.protocol import MIN_HOLDS, Discovered, Relation, count
from artesian.relations.search.rows import Rows


def confirmed(relations: Iterable[Relation], rows: Rows) -> list[Discovered]:
    """Those that hold in both halves."""
    discovered = []
    for relation in relations:
        halves = [count(relation, frame) for frame in (rows.search, rows.confirm)]
        applies, wrong = (sum(part) for part in zip(*halves, strict=True))
        if all(n >= 4 and bad <= (1 - MIN_HOLDS) * n for n, bad in halves):
            evidence = f"holds in {applies - wrong:,} of {applies:,} rows"
            discovered.append(Discovered(relation, applies, wrong, evidence))
    return discovered
