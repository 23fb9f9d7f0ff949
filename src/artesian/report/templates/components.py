"""What several specs share."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]


def _at(there: float) -> Spec:
    """A visual value that is `there` on the value the keyboard stands on, and 0 elsewhere."""
    return {"condition": {"test": "datum.i === at", "value": there}, "value": 0}


SHADE, POINT, OUTLINE = _at(0.14), _at(1), _at(2)
"""How the value the keyboard stands on is marked: by a shade's or a point's opacity, or a stroke's
width. Elsewhere such a layer is invisible and only takes the pointer's tooltips."""


def spec(layers: list[Spec], *, height: int | str, **more: Any) -> Spec:
    """A chart as wide as its place.

    The page leaves out a layer that is named for a field the rows do not have, such as 'holdout'.
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
    """A field of names of the report's own, in the order in which they come."""
    return {"field": field, "type": "nominal", "sort": None, "title": None, **more}


def named_place(field: str, axis: Spec, scale: Spec) -> Spec:
    """A place that bears a name out of the data, `names[place]`.

    Names out of the data are never keys of a scale: Vega keeps those in plain objects, where
    '__proto__' is no key, and equal names would fall together.
    """
    axis = {"ticks": False, "domain": False, "labelExpr": "names[datum.value]", **axis}
    return {"field": field, "type": "ordinal", "title": None, "axis": axis, "scale": scale}


def share(field: str, title: str | None = None) -> Spec:
    """A share of rows on an axis that starts at zero."""
    axis = {"format": ".3~p", "tickCount": 3, "labelOverlap": True}
    return number(field, title=title, stack=None, axis=axis, scale={"zero": True})
