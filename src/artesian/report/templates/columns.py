"""Charts of one column: real rows as the ground, synthetic ones over it, holdout as a fine line."""

from __future__ import annotations

from artesian.report.templates.components import SHADE, Spec, named_place, share, spec

_STEP = {"interpolate": "step-after", "clip": True}


def histogram(scale: Spec) -> Spec:
    """Shares of rows in bins from `a` to `b`; a last row with i < 0 closes the outlines."""
    axis = {"grid": False, "tickCount": 5, "labelOverlap": True, "labelFlush": True}
    kind = "temporal" if scale["type"] == "utc" else "quantitative"
    x = {"field": "a", "type": kind, "scale": scale, "title": "$x", "axis": axis}
    real = {"type": "area", **_STEP, "color": "$real", "opacity": "$soft"}
    fine = {"type": "line", **_STEP, "color": "$holdout", "strokeWidth": 1, "strokeDash": [3, 2]}
    line = {"type": "line", **_STEP, "color": "$synthetic", "strokeWidth": 1.75}
    whole_height = {"x": x, "x2": {"field": "b"}, "y": {"value": 0}, "y2": {"value": "height"}}
    return spec(
        [
            {"name": "real", "mark": real, "encoding": {"x": x, "y": share("real")}},
            {
                "name": "holdout",
                "mark": fine,
                "encoding": {"x": x, "y": share("holdout")},
            },
            {
                "name": "synthetic",
                "mark": line,
                "encoding": {"x": x, "y": share("synthetic")},
            },
            {
                "transform": [{"filter": "datum.i >= 0"}],
                "mark": {"type": "rect", "color": "$ink"},
                "encoding": {**whole_height, "opacity": SHADE, "tooltip": "$tips"},
            },
        ],
        height=130,
    )


def bars() -> Spec:
    """Shares of rows by category: a wide bar, a narrow one on it, a tick."""
    axis = {"labelLimit": 150, "labelPadding": 6}
    y = named_place("i", axis, {"paddingInner": 0.25, "paddingOuter": 0.1})
    narrow = {"type": "bar", "color": "$synthetic", "height": {"band": 0.36}}
    tick = {"type": "tick", "color": "$holdout", "thickness": 1.5, "height": {"band": 1}}
    whole_width = {"x": {"value": 0}, "x2": {"value": "width"}}
    return spec(
        [
            {
                "name": "real",
                "mark": {"type": "bar", "color": "$real", "opacity": "$soft"},
                "encoding": {"x": share("real")},
            },
            {
                "name": "synthetic",
                "mark": narrow,
                "encoding": {"x": share("synthetic")},
            },
            {
                "name": "holdout",
                "mark": tick,
                "encoding": {"x": share("holdout")},
            },
            {
                "mark": {"type": "bar", "color": "$ink"},
                "encoding": {**whole_width, "opacity": SHADE, "tooltip": "$tips"},
            },
        ],
        height="$height",
        encoding={"y": y},
    )
