"""Vega-Lite specifications of the charts, into which the script of the page inserts colours and rows.

All columns share one histogram specification, so that a column only adds its numbers. A string '$name'
is a parameter: a colour of the style sheet (the only place of the light and dark colours) or a value
that the chart sets, such as an axis title. Every specification has a parameter `at`: the index of the
value selected by the keyboard.
"""

from artesian.report.templates.augmentation_charts import gains
from artesian.report.templates.columns import bars, histogram
from artesian.report.templates.components import Spec
from artesian.report.templates.curves import curves
from artesian.report.templates.forecast_charts import dates, fan, history, tornado
from artesian.report.templates.ranking import critical, tradeoff
from artesian.report.templates.table_charts import density, heat, lags, nearest, roc, utility


def templates() -> dict[str, Spec]:
    """All specifications by name."""
    return {
        "histogram-linear": histogram({"type": "linear", "zero": False, "nice": False}),
        "histogram-log": histogram({"type": "log", "nice": False}),
        "histogram-time": histogram({"type": "utc"}),
        "bars": bars(),
        "heat": heat("$heat", [0, "$maximum"]),
        "heat-signed": heat("$difference", [-1, 1]),
        "density": density(),
        "roc": roc(),
        "utility": utility(),
        "lags": lags(),
        "nearest": nearest(),
        "curves": curves("linear"),
        "curves-log": curves("log"),
        "critical": critical(),
        "tradeoff": tradeoff(),
        "fan": fan(),
        "dates": dates(),
        "history": history(),
        "tornado": tornado(),
        "gains": gains(),
    }
