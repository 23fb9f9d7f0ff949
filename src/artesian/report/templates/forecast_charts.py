"""Vega-Lite specifications of the forecast charts: fan chart, dates, tornado chart."""

from __future__ import annotations

from artesian.report.templates.components import POINT, SHADE, Spec, number, spec

AMOUNT = (
    "datum.value >= 1e12 ? format(datum.value / 1e12, ',') + 'T' : "
    "datum.value >= 1e9 ? format(datum.value / 1e9, ',') + 'B' : "
    "datum.value >= 1e6 ? format(datum.value / 1e6, ',') + 'M' : format(datum.value, ',')"
)
"""Labels of amounts: millions, billions and trillions, as everywhere on the page."""


def fan() -> Spec:
    """Fan chart: medians and 80 % bands of stock and demand by year, and published training sets."""
    x = number("year", title=None, axis={"format": "d", "tickCount": 8}, scale={"zero": False})
    scale = {"type": "log", "domain": "$ends"}
    y = number("$y", title="$unit", scale=scale, axis={"labelExpr": AMOUNT, "tickCount": 6})
    future = {"transform": [{"filter": "datum.i >= 0"}]}

    def y_field(field: str) -> Spec:
        return {**y, "field": field}

    def band(side: str, colour: str) -> Spec:
        encoding = {"x": x, "y": y_field(f"{side}_low"), "y2": {"field": f"{side}_high"}}
        return {
            **future,
            "mark": {"type": "area", "color": colour, "opacity": 0.22, "clip": True},
            "encoding": encoding,
        }

    def line(side: str, colour: str, **more: object) -> Spec:
        mark = {"type": "line", "color": colour, "strokeWidth": 2, "clip": True, **more}
        return {**future, "mark": mark, "encoding": {"x": x, "y": y_field(side)}}

    return spec(
        [
            band("stock", "$train"),
            band("demand", "$synthetic"),
            line("stock", "$holdout", strokeDash=[5, 3]),
            line("demand", "$synthetic"),
            {
                "transform": [{"filter": "isValid(datum.published)"}],
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 26,
                    "color": "$synthetic",
                    "opacity": 0.7,
                },
                "encoding": {"x": {**x, "field": "published_year"}, "y": y_field("published")},
            },
            {
                **future,
                "mark": {"type": "rule", "color": "$ink"},
                "encoding": {
                    "x": x,
                    "opacity": {**POINT, "value": 0.001},
                    "tooltip": [{"field": "description", "type": "nominal", "title": "year"}],
                },
            },
        ],
        height="$height",
    )


def dates() -> Spec:
    """Bar chart of the fraction of draws exhausted in each year."""
    tooltip = [{"field": "description", "type": "nominal", "title": "year"}]
    encoding_xy = {
        "x": {
            "field": "year",
            "type": "ordinal",
            "sort": None,
            "title": None,
            "axis": {
                "labelAngle": 0,
                "labelOverlap": False,
                "labelPadding": 9,  # "earlier" is wider than its bar, and must not touch "0%"
                "ticks": False,
                "values": "$labelled",
            },
        },
        "y": number(
            "probability", title="fraction of draws", axis={"format": ".0%", "tickCount": 4}
        ),
        "tooltip": tooltip,
    }
    return spec(
        [
            {
                "mark": {"type": "bar", "color": "$synthetic", "opacity": 0.8},
                "encoding": encoding_xy,
            },
            {
                "mark": {"type": "bar", "color": "$ink"},
                "encoding": {**encoding_xy, "opacity": SHADE},
            },
        ],
        height="$height",
    )


def history() -> Spec:
    """Median and 80 % interval of the date by cut-off."""
    x = number(
        "cutoff", title="models published until", axis={"format": "d"}, scale={"zero": False}
    )
    y = number("median", title="date of exhaustion", axis={"format": "d"}, scale={"zero": False})
    tooltip = [{"field": "description", "type": "nominal", "title": "cut-off"}]
    band = {**y, "field": "low"}
    line = {
        "type": "line",
        "color": "$synthetic",
        "strokeWidth": 2,
        "point": {"color": "$synthetic"},
    }
    return spec(
        [
            {
                "mark": {"type": "area", "color": "$synthetic", "opacity": 0.22},
                "encoding": {"x": x, "y": band, "y2": {"field": "high"}},
            },
            {"mark": line, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "rule", "color": "$ink"},
                "encoding": {"x": x, "opacity": {**POINT, "value": 0.001}, "tooltip": tooltip},
            },
        ],
        height="$height",
    )


def tornado() -> Spec:
    """Tornado chart: median date with each input at its 10th and at its 90th percentile."""
    tooltip = [{"field": "description", "type": "nominal", "title": "input"}]
    y = {
        "field": "i",
        "type": "ordinal",
        "title": None,
        "axis": {
            "ticks": False,
            "domain": False,
            "labelExpr": "split(names[datum.value], '|')",  # in lines, for narrow windows
            "labelLimit": 200,
        },
    }
    x = number(
        "p10", title="median date of exhaustion", scale={"zero": False}, axis={"format": ".1f"}
    )
    return spec(
        [
            {
                "mark": {
                    "type": "bar",
                    "height": {"band": 0.45},
                    "color": "$train",
                    "opacity": 0.75,
                },
                "encoding": {"y": y, "x": x, "x2": {"field": "p90"}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "color": "$holdout"},
                "encoding": {"y": y, "x": x, "opacity": {"value": 1}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "color": "$synthetic"},
                "encoding": {"y": y, "x": {**x, "field": "p90"}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "bar", "color": "$ink"},
                "encoding": {"y": y, "x": x, "x2": {"field": "p90"}, "opacity": SHADE},
            },
        ],
        height="$height",
    )
