"""The Vega-Lite specs of the report, each written once and filled with a chart's rows in the page.

Fifty columns share one histogram, so a column costs its numbers only. A string '$name' stands for a
colour of the page's style (so light and dark are stated once, there) or for what a chart sets, such
as an axis title. Every spec has a parameter `at`: the index of the value the keyboard stands on.
"""

from artesian.report.templates.columns import bars, histogram
from artesian.report.templates.components import Spec
from artesian.report.templates.forecast_charts import dates, fan, tornado
from artesian.report.templates.ranking import critical, tradeoff
from artesian.report.templates.table_charts import density, heat, nearest, roc, utility


def templates() -> dict[str, Spec]:
    """All specs by name."""
    return {
        "histogram-linear": histogram({"type": "linear", "zero": False, "nice": False}),
        "histogram-log": histogram({"type": "log", "nice": False}),
        "histogram-time": histogram({"type": "utc"}),
        "bars": bars(),
        "heat": heat("$heat", [0, "$most"]),
        "heat-signed": heat("$difference", [-1, 1]),
        "density": density(),
        "roc": roc(),
        "utility": utility(),
        "nearest": nearest(),
        "critical": critical(),
        "tradeoff": tradeoff(),
        "fan": fan(),
        "dates": dates(),
        "tornado": tornado(),
    }
