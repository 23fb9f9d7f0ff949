"""Charts of one column: train as an area, synthetic as a line, holdout as a dashed line."""

from __future__ import annotations

from artesian.report.templates.components import SHADE, Spec, named_position, proportion, spec

_STEP = {"interpolate": "step-after", "clip": True}


def histogram(scale: Spec) -> Spec:
    """Proportions of rows in bins from `a` to `b`; a last row with i < 0 closes the outlines."""
    axis = {"grid": False, "tickCount": 5, "labelOverlap": True, "labelFlush": True}
    kind = "temporal" if scale["type"] == "utc" else "quantitative"
    x = {"field": "a", "type": kind, "scale": scale, "title": "$x", "axis": axis}
    area = {"type": "area", **_STEP, "color": "$train", "opacity": "$soft"}
    dashed = {"type": "line", **_STEP, "color": "$holdout", "strokeWidth": 1, "strokeDash": [3, 2]}
    line = {"type": "line", **_STEP, "color": "$synthetic", "strokeWidth": 1.75}
    whole_height = {"x": x, "x2": {"field": "b"}, "y": {"value": 0}, "y2": {"value": "height"}}
    return spec(
        [
            {"name": "train", "mark": area, "encoding": {"x": x, "y": proportion("train")}},
            {
                "name": "holdout",
                "mark": dashed,
                "encoding": {"x": x, "y": proportion("holdout")},
            },
            {
                "name": "synthetic",
                "mark": line,
                "encoding": {"x": x, "y": proportion("synthetic")},
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
    """Proportions of rows by category: train as wide bars, synthetic narrow, holdout as ticks."""
    axis = {"labelLimit": 165, "labelPadding": 6}
    y = named_position("i", axis, {"paddingInner": 0.25, "paddingOuter": 0.1})
    narrow = {"type": "bar", "color": "$synthetic", "height": {"band": 0.36}}
    tick = {"type": "tick", "color": "$holdout", "thickness": 1.5, "height": {"band": 1}}
    whole_width = {"x": {"value": 0}, "x2": {"value": "width"}}
    return spec(
        [
            {
                "name": "train",
                "mark": {"type": "bar", "color": "$train", "opacity": "$soft"},
                "encoding": {"x": proportion("train")},
            },
            {
                "name": "synthetic",
                "mark": narrow,
                "encoding": {"x": proportion("synthetic")},
            },
            {
                "name": "holdout",
                "mark": tick,
                "encoding": {"x": proportion("holdout")},
            },
            {
                "mark": {"type": "bar", "color": "$ink"},
                "encoding": {**whole_width, "opacity": SHADE, "tooltip": "$tips"},
            },
        ],
        height="$height",
        encoding={"y": y},
    )
