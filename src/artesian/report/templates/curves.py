"""Curves over generations: measured values with intervals, and theory as dashed lines."""

from __future__ import annotations

from artesian.report.templates.components import POINT, Spec, name, number, spec


def curves(scale: str) -> Spec:
    """Lines by series with bands from `low` to `high`; `theory` is dashed.

    Args:
        scale: 'linear' or 'log', of the vertical axis.
    """
    x = number(
        "x",
        title="$x",
        scale={"nice": False, "zero": False},
        axis={"format": ",~f", "tickCount": 8, "tickMinStep": 1},
    )
    y_scale: Spec = {"type": scale, "zero": False, "domain": "$ends", "nice": False}
    y = number("value", title="$y", scale=y_scale, axis={"tickCount": 6, "format": "~g"})
    legend: Spec = {
        "orient": "top",
        "columns": "$columns",
        "symbolType": "stroke",
        "labelLimit": 230,
    }
    legend |= {"symbolOpacity": 1, "symbolStrokeWidth": 2.5}
    colours = {"domain": "$series_names", "range": "$hues"}
    colour = name("series", scale=colours, legend=legend)
    place = {"x": x, "color": colour}
    tips: list[Spec] = [
        {"field": "series", "type": "nominal"},
        number("x", title="$x"),
        *(number(field, format=".4~g") for field in ("value", "low", "high")),
        number("theory", title="$reference", format=".4~g"),
    ]
    return spec(
        [
            {
                "name": "low",
                "mark": {"type": "area", "opacity": 0.15, "clip": True},
                "encoding": {**place, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "name": "theory",
                "transform": [{"filter": "isValid(datum.theory)"}],
                "mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "clip": True},
                "encoding": {**place, "y": {**y, "field": "theory"}},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2, "clip": True},
                "encoding": {**place, "y": y},
            },
            {
                "mark": {"type": "point", "size": 70, "filled": True, "clip": True},
                "encoding": {**place, "y": y, "opacity": POINT, "tooltip": tips},
            },
        ],
        height="$height",
    )
