"""The four drivers of the date of exhaustion, and the driver of each input.

If stock and demand grow at constant rates, the time left is ln(stock / demand) divided by
ln(growth of demand / growth of the stock).
"""

from __future__ import annotations

STOCK, STOCK_GROWTH, DEMAND, DEMAND_GROWTH = DRIVERS = (
    "stock today",
    "growth of the stock",
    "demand today",
    "growth of demand",
)

_STOCK_GROWTH = {
    "web.page_growth",
    "web.page_count_growth",
    "users.online_rate",
    "users.online_midpoint",
    "corpus.growth",
    "levers.user_growth",
    "levers.opt_out_growth",
    "media.growth",
    "study_2022.online_ceiling",
    "study_2022.online_rate",
    "study_2022.online_midpoint",
    "study_2022.high_quality.growth",
    "study_2022.low_quality.crawl_from",
    "study_2022.low_quality.recording_midpoint",
    "study_2022.low_quality.recording_width",
}
_DEMAND = {
    "corpus.demand",
    "demand.start",
    "demand.year",
    "demand.tokens_per_parameter",
    "demand.flop_per_parameter_token",
    "compute.start",
    "levers.overtraining",
    "levers.overtraining_from",
    "levers.synthetic_fraction",
    "levers.synthetic_limit",
    "levers.demand_fraction",
    "levers.data_efficiency",
    "levers.rephrased_fraction",
    "levers.rephrasing_speedup",
    "levers.rephrasing_best",
    "study_2022.demand.language_start",
    "study_2022.demand.images_start",
}
_DEMAND_GROWTH_GROUPS = (
    "drift.",
    "demand.",
    "compute.",
    "study_2022.demand",
    "largest training set",
    "noise of the largest training set",
)


def driver(name: str) -> str:
    """Return the driver of an input, or of a sampled feature of the paths of demand.

    >>> driver("web.pages"), driver("drift.growth")
    ('stock today', 'growth of demand')
    """
    if name in _STOCK_GROWTH:
        return STOCK_GROWTH
    if name in _DEMAND:
        return DEMAND
    if name.startswith(_DEMAND_GROWTH_GROUPS) or name.endswith(".demand_growth"):
        return DEMAND_GROWTH
    if name.startswith("levers.compute_limit"):
        return DEMAND_GROWTH
    return STOCK
