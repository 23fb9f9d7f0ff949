"""In which order the relations of a table are kept, and columns restored."""

from __future__ import annotations

from artesian.encoding.transforms.event_steps import ImpliedStep
from artesian.encoding.transforms.steps import PresenceStep, Step
from artesian.relations.formulas import Copy, Formula
from artesian.relations.orders import Order
from artesian.relations.protocol import Relation


def computed_first(relations: list[Relation]) -> list[Relation]:
    """The relations with the orders of computed columns before other orders.

    A computed column bounds others, but no other bounds it.
    """
    computed = {one.target for one in relations if isinstance(one, Formula | Copy)}
    orders = [one for one in relations if isinstance(one, Order)]
    orders.sort(key=lambda order: not computed & set(order.columns))
    following = iter(orders)
    return [next(following) if isinstance(one, Order) else one for one in relations]


def needed_by_bounds(relations: list[Relation]) -> set[str]:
    """The columns from which bounds of other columns are computed, directly or not."""
    formulas = {one.target: one.sources for one in relations if isinstance(one, Formula)}
    needed: set[str] = set()
    for order in (one for one in relations if isinstance(one, Order)):
        for end, other in (order.columns, order.columns[::-1]):
            sources: set[str] = set()
            todo = [end]
            while todo:
                new = set(formulas.get(todo.pop(), ())) - sources
                sources |= new
                todo += new
            # Else the order follows from a formula, or no end of it can be chosen.
            if other not in sources and other not in formulas:
                needed |= sources
    return needed


def ordered(steps: list[Step]) -> list[Step]:
    """The steps with every source before its target; the value of a column before its absence."""
    todo = sorted(
        steps, key=lambda step: (isinstance(step, PresenceStep), isinstance(step, ImpliedStep))
    )
    done: list[Step] = []
    while todo:
        waiting = {step.target for step in todo}
        for step in todo:
            first = next(other for other in todo if other.target == step.target)
            if first is step and not waiting & (set(step.sources) - {step.target}):
                done.append(step)
                todo.remove(step)
                break
        else:
            raise AssertionError("steps are chosen without circles")
    return done
