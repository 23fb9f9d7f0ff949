"""Charts of whole tables: associations, projection, ROC curves, utility, closest records."""

from __future__ import annotations

from typing import Any

from artesian.report.templates.components import (
    OUTLINE,
    POINT,
    SHADE,
    Spec,
    name,
    named_position,
    number,
    proportion,
    spec,
)


def heat(colours: str, domain: list[Any]) -> Spec:
    """Heat map of columns by columns."""
    axis = {"labelLimit": 90, "labelFontSize": 10, "labelOverlap": "$overlap"}
    tight = {"padding": 0.04}
    legend = {"orient": "top", "gradientThickness": 6, "gradientLength": 160, "tickCount": 3}
    colour = {"range": colours, "domain": domain, "clamp": True, "interpolate": "lab"}
    encoding = {
        "x": named_position("column", {**axis, "labelAngle": -60}, tight),
        "y": named_position("row", axis, tight),
        "color": number("value", title=None, scale=colour, legend=legend),
        "strokeWidth": OUTLINE,
        "tooltip": [
            {"field": "first", "title": "column"},
            {"field": "other", "title": "with"},
            number("value", format=".3f"),
        ],
    }
    return spec([{"mark": {"type": "rect", "stroke": "$ink"}, "encoding": encoding}], height=340)


def density() -> Spec:
    """Heat map of a grid, coloured by the fraction of rows."""
    bare = {"labels": False, "ticks": False, "grid": False, "domain": False, "titleLimit": 260}

    def place(field: str, domain: str) -> Spec:
        scale = {"domain": domain, "padding": 0}
        return {
            "field": field,
            "type": "ordinal",
            "title": f"${field}",
            "axis": bare,
            "scale": scale,
        }

    colour = {"type": "sqrt", "range": "$density", "domain": [0, "$maximum"], "interpolate": "lab"}
    encoding = {
        "x": place("x", "$across"),
        "y": place("y", "$up"),
        "color": number("density", scale=colour, legend=None),
        "strokeWidth": OUTLINE,
        "tooltip": [number("density", title="fraction of rows", format=".2%")],
    }
    return spec([{"mark": {"type": "rect", "stroke": "$ink"}, "encoding": encoding}], height=260)


def roc() -> Spec:
    """ROC curves by name, and the diagonal of chance."""

    def axis(field: str, title: str) -> Spec:
        axis = {"format": "p", "tickCount": 5}
        return number(field, title=title, scale={"domain": [0, 1]}, axis=axis)

    place = {
        "x": axis("x", "$x"),
        "y": axis("y", "$y"),
    }
    legend = {"orient": "bottom-right", "symbolType": "stroke", "labelLimit": 260}
    colour = name("curve", scale={"range": ["$synthetic", "$holdout"]}, legend=legend)
    tips = [
        {"field": "curve", "type": "nominal"},
        number("x", title="false-positive rate", format=".1%"),
        number("y", title="true-positive rate", format=".1%"),
    ]
    return spec(
        [
            {
                "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
                "mark": {"type": "line", "color": "$rule", "strokeDash": [3, 3]},
                "encoding": place,
            },
            {
                "mark": {"type": "line", "strokeWidth": 1.75},
                "encoding": {**place, "color": colour, "order": number("i")},
            },
            {
                "mark": {"type": "point", "size": 90, "color": "$ink", "filled": True},
                "encoding": {**place, "opacity": POINT, "tooltip": tips},
            },
        ],
        height=280,
    )


def utility() -> Spec:
    """One bar per score, with its interval."""
    y = name("label", axis={"labelLimit": 180, "ticks": False, "domain": False})
    x = number("value", title="$x", scale={"domain": ["$low", 1]})
    colours = {"domain": ["train", "synthetic"], "range": ["$train", "$synthetic"]}
    tips: list[Spec] = [{"field": "label", "type": "nominal", "title": "trained on"}]
    tips += [number(field, format=".3f") for field in ("value", "low", "high")]
    bar = {
        "x": x,
        "strokeWidth": OUTLINE,
        "color": {"field": "side", "type": "nominal", "legend": None, "scale": colours},
        "tooltip": tips,
    }
    return spec(
        [
            {
                "mark": {"type": "bar", "height": {"band": 0.6}, "stroke": "$ink"},
                "encoding": bar,
            },
            {
                "name": "low",
                "mark": {"type": "rule", "color": "$ink", "strokeWidth": 1.5},
                "encoding": {"x": number("low"), "x2": {"field": "high"}},
            },
        ],
        height="$height",
        encoding={"y": y},
    )


def nearest() -> Spec:
    """Histogram outlines of distances, one per series."""
    axis = {"grid": False, "tickCount": 6}
    x = number("a", title="distance to closest record", scale={"nice": False}, axis=axis)
    # Above the plot: inside it, the legend would cover the peaks in a narrow window.
    legend = {"orient": "top", "columns": 1, "symbolType": "stroke", "labelLimit": 260}
    dashes = {"domain": "$series", "range": [[1, 0], [4, 3], [1, 0]]}
    outline = {
        "x": x,
        "y": proportion("proportion", "fraction of rows"),
        "color": name("series", scale={"domain": "$series", "range": "$lines"}, legend=legend),
        "strokeDash": name("series", scale=dashes, legend=legend),
    }
    whole_height = {"x": x, "x2": {"field": "b"}, "y": {"value": 0}, "y2": {"value": "height"}}
    return spec(
        [
            {
                "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1.75},
                "encoding": outline,
            },
            {
                "transform": [
                    {"filter": "datum.i >= 0"},
                    {"pivot": "series", "value": "proportion", "groupby": ["i", "a", "b", "label"]},
                ],
                "mark": {"type": "rect", "color": "$ink"},
                "encoding": {**whole_height, "opacity": SHADE, "tooltip": "$series_tips"},
            },
        ],
        height=220,
    )


def lags() -> Spec:
    """Autocorrelation by lag: train as a wide line, synthetic as a line, holdout dashed."""
    x = number("lag", title="lag, rows", axis={"grid": False, "tickMinStep": 1, "format": "d"})
    y = {"axis": {"tickCount": 4, "format": ".1f"}, "title": None}

    def line(side: str, **mark: Any) -> Spec:
        return {
            "name": side,
            "mark": {"type": "line", "color": f"${side}", **mark},
            "encoding": {"x": x, "y": number(side, **y)},
        }

    tips = [{"field": "description", "type": "nominal", "title": "lag"}]
    return spec(
        [
            {
                "mark": {"type": "rule", "color": "$rule"},
                "encoding": {"y": {"datum": 0}},
            },
            line("train", strokeWidth=6, opacity="$soft"),
            line("holdout", strokeWidth=1, strokeDash=[3, 2]),
            line("synthetic", strokeWidth=1.75, point={"color": "$synthetic", "size": 24}),
            {
                "mark": {"type": "rule", "color": "$ink"},
                "encoding": {"x": x, "opacity": {**POINT, "value": 0.001}, "tooltip": tips},
            },
        ],
        height=130,
    )
