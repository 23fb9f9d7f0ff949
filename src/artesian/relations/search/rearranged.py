"""Totals that are also a product: the total is that product, and one of its parts what it leaves.

`paid = rate * months` and `interest = paid - amount`, in place of `paid = amount + interest`, which
would leave the interest without a formula, and the product broken. In the same way
`total = price * percent / 100` in place of `percent = 100 * total / price`, which rounds, so that the
total does not follow from it.
"""

from __future__ import annotations

from artesian.core.graphs import leads_to
from artesian.relations.formulas import Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.protocol import Discovered
from artesian.relations.search.confirmed import confirmed
from artesian.relations.search.formula_checks import explains, is_circular
from artesian.relations.search.rows import Rows
from artesian.relations.search.triples import triples

MAX_TOTALS = 6
"""Maximum number of totals that are searched a second time."""


def rearranged(discovered: list[Discovered], rows: Rows, copied: set[str]) -> list[Discovered]:
    """The same formulas, of which totals of parts may be exchanged for a product and a difference."""
    out = list(discovered)
    computed = {one.relation.columns[0] for one in discovered}
    totals = [one for one in discovered if _open_part(one, computed)]
    for one in totals[:MAX_TOTALS]:
        total, part = one.relation.columns[0], _open_part(one, computed)
        rest = [other for other in out if other is not one]
        ratios = [other for other in rest if _is_ratio_of(total, other)]
        others = [other for other in rest if other not in ratios]
        product = _product(total, part, others, rows, copied)
        if product is None or not isinstance(one.relation, Formula):
            continue
        reverse = [o for o in ratios if o.relation.columns[0] in product.relation.columns]
        rest = [other for other in rest if other not in reverse]
        if is_circular(total, product.relation.columns[1:], rest):
            continue
        linear_form = Linear.of(one.relation.expression)
        if linear_form is None:
            continue
        whole = linear_form.plus(Linear({total: 1.0}, 0.0), -1.0)
        left = confirmed([Formula(part, whole.solved(part), one.relation.within)], rows)
        if left:
            out = [*rest, product, *left]
            computed.add(part)
    return out


def _open_part(one: Discovered, computed: set[str]) -> str:
    """A part of a total that nothing computes yet; '' if the formula is no total of parts."""
    if not isinstance(one.relation, Formula):
        return ""
    linear_form = Linear.of(one.relation.expression)
    if linear_form is None or linear_form.constant or len(linear_form.factors) < 2:
        return ""
    if set(linear_form.factors.values()) != {1.0}:
        return ""
    return next((name for name in list(linear_form.factors)[::-1] if name not in computed), "")


def _is_ratio_of(total: str, one: Discovered) -> bool:
    """Whether a column is computed from the total by a division or product."""
    return (
        isinstance(one.relation, Formula)
        and total in one.relation.sources
        and Linear.of(one.relation.expression) is None
    )


def _product(
    total: str, part: str, others: list[Discovered], rows: Rows, copied: set[str]
) -> Discovered | None:
    """The total as a product of two columns that need neither it nor the part."""
    numeric = rows.numeric
    sources: dict[str, set[str]] = {}
    for one in others:
        sources.setdefault(one.relation.columns[0], set()).update(one.relation.columns[1:])
    usable = [
        j
        for j, name in enumerate(numeric.names)
        if name not in copied | {total, part}
        and not leads_to([name], total, sources)
        and not leads_to([name], part, sources)
    ]
    target = numeric.index(total)
    for formula in triples(numeric, [*usable, target], [target]):
        if Linear.of(formula.expression) is None and explains(formula, rows.both):
            holding = confirmed([formula], rows)
            if holding:
                return holding[0]
    return None
