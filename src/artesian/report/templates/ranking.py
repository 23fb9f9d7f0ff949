"""Charts of a leaderboard: the critical-difference diagram, and one trade-off."""

from __future__ import annotations

from artesian.report.templates.components import POINT, Spec, number, spec


def critical() -> Spec:
    """Critical-difference diagram (Demsar 2006): bars join methods without a significant difference.

    Rows have a `kind`: 'axis', 'tick', 'method', 'end' (of a method's line, with its name), 'group',
    and 'scale' (the critical difference itself). Vertical positions are in lines of text, downwards.
    """
    position = {
        "x": number("x", title=None, axis=None, scale={"domain": "$across", "nice": False}),
        "y": number(
            "y", title=None, axis=None, scale={"domain": "$down", "reverse": True, "nice": False}
        ),
    }
    to_x, to_y = {"x2": {"field": "x2"}}, {"y2": {"field": "y2"}}

    def layer(kinds: str, mark: Spec, encoding: Spec) -> Spec:
        filtered = {"filter": f"indexof({kinds}, datum.kind) >= 0"}
        return {"transform": [filtered], "mark": mark, "encoding": {**position, **encoding}}

    label = {"text": {"field": "label"}}
    tips = {"tooltip": [{"field": "description", "type": "nominal", "title": "method"}]}
    line: Spec = {"type": "rule", "color": "$muted", "strokeWidth": 1}
    bold = {"type": "rule", "color": "$ink", "strokeWidth": 1.5}
    name = {
        "type": "text",
        "baseline": "middle",
        "color": "$ink",
        "fontSize": 12,
        "limit": "$label_width",
    }
    small = {"type": "text", "color": "$muted", "fontSize": 11}
    return spec(
        [
            layer("['axis', 'scale']", bold, to_x),
            layer("['tick', 'stop']", bold, to_y),
            layer("['method']", line, to_y),
            layer("['end']", line, to_x),
            layer("['group']", {**bold, "color": "$synthetic", "strokeWidth": 5}, to_x),
            layer("['tick']", {**small, "baseline": "bottom", "dy": -7}, label),
            layer("['word']", {**small, "baseline": "bottom", "dy": -4}, label),
            layer("['left']", {**name, "align": "right", "dx": -6}, {**label, **tips}),
            layer("['right']", {**name, "align": "left", "dx": 6}, {**label, **tips}),
            layer(
                "['method']",
                {"type": "point", "filled": True, "size": 90, "color": "$synthetic"},
                {"opacity": POINT, **tips},
            ),
        ],
        height="$height",
    )


def tradeoff() -> Spec:
    """Methods by two metrics, better up and to the right; the Pareto front is a step line."""

    def axis(field: str) -> Spec:
        scale = {"zero": False, "reverse": f"${field}_down", "domain": f"${field}_ends"}
        axis = {"tickCount": 5, "format": ".3~f"}
        return number(field, title=f"${field}", scale=scale, axis=axis)

    place = {"x": axis("x"), "y": axis("y")}
    tips = [{"field": "description", "type": "nominal", "title": "method"}]
    front = {"transform": [{"filter": "datum.front >= 0"}]}
    methods = {"transform": [{"filter": "datum.i >= 0"}]}
    return spec(
        [
            {
                **front,
                "mark": {"type": "line", "color": "$synthetic", "strokeDash": [4, 3]},
                "encoding": {**place, "order": number("front")},
            },
            {
                **methods,
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                "encoding": {
                    **place,
                    "color": {
                        "condition": {"test": "datum.best", "value": "$synthetic"},
                        "value": "$train",
                    },
                    "tooltip": tips,
                },
            },
            {
                **methods,
                "mark": {"type": "point", "size": 240, "color": "$ink", "strokeWidth": 2},
                "encoding": {**place, "opacity": POINT, "tooltip": tips},
            },
            {
                **methods,
                "mark": {
                    "type": "text",
                    "align": {"expr": "datum.flip ? 'right' : 'left'"},
                    "dx": {"expr": "datum.flip ? 4 : -4"},
                    "dy": {"expr": "datum.drop"},
                    "color": "$ink",
                    "fontSize": 11.5,
                    "limit": 150,
                },
                "encoding": {**place, "text": {"field": "label"}},
            },
        ],
        height=260,
    )
