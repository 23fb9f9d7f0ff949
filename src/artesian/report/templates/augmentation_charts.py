"""Chart of an augmentation: how much better each treatment is than doing nothing."""

from __future__ import annotations

from artesian.report.templates.components import POINT, Spec, number, spec


def gains() -> Spec:
    """Forest plot: a point and its interval for each treatment, and a line at no difference."""
    y = {
        "field": "i",
        "type": "ordinal",
        "title": None,
        "axis": {
            "ticks": False,
            "domain": False,
            "labelExpr": "names[datum.value]",
            "labelLimit": 150,
        },
    }
    axis = {"format": "+.3~f", "tickCount": 4, "labelOverlap": True}
    x = number("value", title=None, scale={"domain": "$across", "nice": False}, axis=axis)
    tips: list[Spec] = [{"field": "description", "type": "nominal", "title": "treatment"}]
    colour = {
        "condition": {"test": "datum.side === 'synthetic'", "value": "$synthetic"},
        "value": "$train",
    }
    return spec(
        [
            {
                "data": {"values": [{"value": 0}]},
                "mark": {"type": "rule", "color": "$muted", "strokeDash": [3, 3]},
                "encoding": {"x": x},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": y,
                    "x": number("low"),
                    "x2": {"field": "high"},
                    "color": colour,
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {"y": y, "x": x, "color": colour, "tooltip": tips},
            },
            {
                "mark": {"type": "point", "size": 220, "color": "$ink", "strokeWidth": 2},
                "encoding": {"y": y, "x": x, "opacity": POINT, "tooltip": tips},
            },
        ],
        height="$height",
    )
