"""Diagram of tables and foreign keys as inline SVG: parents on the left, children right of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from artesian.core.formatting import displayed
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey

MAX_TABLES = 60
"""Maximum number of tables of a diagram; more are listed only."""

MAX_CHARACTERS = 24
WIDTH, SPACE, MARGIN, LINE = 190, 90, 16, 17


def schema_diagram(
    dataset: Dataset, rows: Mapping[str, Sequence[str]], bad: Sequence[ForeignKey] = ()
) -> str:
    """SVG of the tables, or '' if there are too many.

    Args:
        rows: Table -> short lines of text below its name, such as the numbers of its rows.
        bad: Foreign keys that are marked.
    """
    if len(dataset) > MAX_TABLES:
        return ""
    levels = _levels(dataset)
    places, size = _places(dataset, levels, rows)
    boxes = [_box(dataset, name, place, rows[name]) for name, place in places.items()]
    lines = [
        _line(places, key, marked=key in bad, number=number, of=_parallel(dataset, key))
        for number, key in enumerate(dataset.foreign_keys)
    ]
    label = f"{len(dataset)} tables: " + "; ".join(
        f"{key.child} refers to {key.parent}" for key in dataset.foreign_keys
    )
    return (
        f'<svg class="schema" role="img" aria-label="{escape(label, quote=True)}" '
        f'width="{size[0]}" height="{size[1]}" viewBox="0 0 {size[0]} {size[1]}">'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )


def _levels(dataset: Dataset) -> dict[str, int]:
    """The longest chain of parents above each table; foreign keys of cycles are left out."""
    levels: dict[str, int] = {}

    def level(name: str, above: tuple[str, ...]) -> int:
        if name in levels:
            return levels[name]
        parents = [
            key.parent for key in dataset.parents_of(name) if key.parent not in (*above, name)
        ]
        longest = 1 + max((level(parent, (*above, name)) for parent in parents), default=-1)
        if not above:
            levels[name] = longest
        return longest

    for name in dataset:
        level(name, ())
    return levels


def _places(
    dataset: Dataset, levels: Mapping[str, int], rows: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[float, float, float]], tuple[int, int]]:
    """Table -> left, top and height of its box, and the size of the diagram.

    Tables of a level are sorted by the mean position of their parents, so that few lines cross.
    """
    columns: dict[int, list[str]] = {}
    for name in dataset:
        columns.setdefault(levels[name], []).append(name)
    heights = {name: 26.0 + LINE * len(rows[name]) for name in dataset}
    total = {
        at: sum(heights[name] + MARGIN for name in names) - MARGIN for at, names in columns.items()
    }
    tallest = max(total.values())
    places: dict[str, tuple[float, float, float]] = {}
    for at in sorted(columns):
        names = columns[at]
        middles = {}
        for order, name in enumerate(names):
            parents = [places[k.parent] for k in dataset.parents_of(name) if k.parent in places]
            middle = (
                sum(top + height / 2 for _, top, height in parents) / len(parents) if parents else 0
            )
            middles[name] = (middle, order)
        top = MARGIN + (tallest - total[at]) / 2
        for name in sorted(names, key=lambda one: middles[one]):
            places[name] = (MARGIN + at * (WIDTH + SPACE), top, heights[name])
            top += heights[name] + MARGIN
    return places, (
        int(2 * MARGIN + len(columns) * WIDTH + (len(columns) - 1) * SPACE + 20),
        int(2 * MARGIN + tallest),
    )


def _box(
    dataset: Dataset, name: str, place: tuple[float, float, float], rows: Sequence[str]
) -> str:
    left, top, height = place
    key = ", ".join(dataset[name].schema.key)
    title = f"{name}: key {key}" if key else f"{name}: no key"
    texts = [
        f'<text class="name" x="{left + 10:g}" y="{top + 18:g}">{escape(_short(name))}</text>',
        *(
            f'<text x="{left + 10:g}" y="{top + 18 + LINE * (n + 1):g}">{escape(text)}</text>'
            for n, text in enumerate(rows)
        ),
    ]
    return (
        f'<g><title>{escape(title)}</title><rect x="{left:g}" y="{top:g}" width="{WIDTH}" '
        f'height="{height:g}" rx="4"/>{"".join(texts)}</g>'
    )


def _parallel(dataset: Dataset, key: ForeignKey) -> tuple[int, int]:
    """Position of a foreign key among those between the same tables, and their number."""
    same = [k for k in dataset.foreign_keys if (k.child, k.parent) == (key.child, key.parent)]
    return same.index(key), len(same)


def _line(
    places: Mapping[str, tuple[float, float, float]],
    key: ForeignKey,
    *,
    marked: bool,
    number: int,
    of: tuple[int, int],
) -> str:
    """A curve from the left side of the child to the right side of the parent."""
    (x0, y0, h0), (x1, y1, h1) = places[key.child], places[key.parent]
    shift = 12 * (of[0] - (of[1] - 1) / 2)
    start, end = y0 + h0 / 2 + shift, y1 + h1 / 2 + shift
    if key.child == key.parent:
        path = f"M{x0 + WIDTH:g} {y0 + 10:g}c26 -14 26 {h0 + 8:g} 0 {h0 - 20:g}"
    elif x0 > x1:
        middle = (x0 - x1 - WIDTH) / 2
        path = (
            f"M{x0:g} {start:g}C{x0 - middle:g} {start:g} {x1 + WIDTH + middle:g} {end:g} "
            f"{x1 + WIDTH:g} {end:g}"
        )
    else:  # part of a cycle, or of one level: around the right side
        out = max(x0, x1) + WIDTH + 26
        path = f"M{x0 + WIDTH:g} {start:g}C{out:g} {start:g} {out:g} {end:g} {x1 + WIDTH:g} {end:g}"
    kind = ' class="bad"' if marked else ""
    return (
        f'<path{kind} d="{path}" marker-end="url(#head)"><title>{escape(str(key))}</title></path>'
    )


def _short(name: str) -> str:
    shown = displayed(name)
    return shown if len(shown) <= MAX_CHARACTERS else f"{shown[: MAX_CHARACTERS - 1]}…"
