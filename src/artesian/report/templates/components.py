"""Building blocks of the Vega-Lite specifications."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]


def _selected(value: float) -> Spec:
    """A visual property that is `value` for the value selected by the keyboard, and 0 elsewhere."""
    return {"condition": {"test": "datum.i === at", "value": value}, "value": 0}


SHADE, POINT, OUTLINE = _selected(0.14), _selected(1), _selected(2)
"""Marks of the selected value: opacity of a shade or a point, or width of a stroke. Elsewhere the layer
is invisible and only receives the pointer for tooltips."""


def spec(layers: list[Spec], *, height: int | str, **more: Any) -> Spec:
    """A chart as wide as its container.

    The page omits a layer whose name is a field that the rows do not have, such as 'holdout'.
    """
    return {
        "data": {"name": "rows"},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [{"name": "at", "value": -1}, {"name": "names", "value": "$names"}],
        "layer": layers,
        **more,
    }


def number(field: str, **more: Any) -> Spec:
    """A field on a continuous scale."""
    return {"field": field, "type": "quantitative", **more}


def name(field: str, **more: Any) -> Spec:
    """A field of fixed names, in order of appearance."""
    return {"field": field, "type": "nominal", "sort": None, "title": None, **more}


def named_position(field: str, axis: Spec, scale: Spec) -> Spec:
    """A position labelled with a name from the data, `names[position]`.

    Names from the data are never keys of a scale: Vega stores those in plain objects, where '__proto__'
    is not a key, and equal names would be merged.
    """
    axis = {"ticks": False, "domain": False, "labelExpr": "names[datum.value]", **axis}
    return {"field": field, "type": "ordinal", "title": None, "axis": axis, "scale": scale}


def proportion(field: str, title: str | None = None) -> Spec:
    """A proportion of rows on an axis that starts at zero."""
    axis = {"format": ".3~p", "tickCount": 3, "labelOverlap": True}
    return number(field, title=title, stack=None, axis=axis, scale={"zero": True})
