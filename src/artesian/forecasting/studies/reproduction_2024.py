"""Published and recomputed figures of Villalobos et al. 2024 and of its compute projection."""

from __future__ import annotations

from typing import Literal

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model.exhaustion import Exhaustion
from artesian.forecasting.model.regression import bootstrap_growth
from artesian.forecasting.series.bundled_data import compute_projection, dataset_sizes
from artesian.forecasting.studies.besiroglu_2022 import projected_compute, published_compute
from artesian.forecasting.studies.published_figure import Interval, PublishedFigure, date_figure
from artesian.forecasting.studies.villalobos_2024 import Branch, ComputeProjection, demand, horizon
from artesian.forecasting.studies.villalobos_2024_stock import (
    effective_stock,
    users_stock,
    users_text_per_year,
    web_stock,
)

MONTE_CARLO = "Monte Carlo error"
NO_PROJECTION_FILE = (
    "the projected compute of the study is not public; its printed quantiles are used instead"
)
START = (
    "largest set of 2024: the interval 3e12 to 13e12 has the median 6.2e12, the text states 10e12"
)
EQUATIONS = "the printed equations with three reversion dates do not reproduce the printed table"
MIXTURE = "the published date is that of the mixture, rounded to years"


def stocks(inputs: Inputs, draws: int, seed: Seed) -> tuple[PublishedFigure, ...]:
    """Compare the stocks of text at the start of 2024, in 1e12 tokens."""
    now = np.array([2024.0])
    twelve_months = inputs.with_overrides({"users.facebook_months": 12})
    crawl = web_stock(inputs, now, draws, seed, pages="web.common_crawl_pages")
    web, users = web_stock(inputs, now, draws, seed), users_stock(inputs, now, draws, seed)
    computed: tuple[tuple[str, float, Interval, float, Array, str], ...] = (
        ("Common Crawl", 130, (100, 260), 0.95, crawl, "printed with two digits"),
        ("indexed web", 510, (130, 2100), 0.95, web, MONTE_CARLO),
        ("whole web", 3100, (1900, 5200), 0.95, users, MONTE_CARLO),
        (
            "whole web, corrected",
            3100,
            (1900, 5200),
            0.95,
            users_stock(twelve_months, now, draws, seed),
            "the published figure counts one month of Facebook as a year; here twelve months",
        ),
        (
            "text uploaded in 2024",
            300,
            (180, 500),
            0.95,
            users_text_per_year(inputs, draws, seed),
            "no median is printed: 300 is the geometric mean of the ends",
        ),
        (
            "effective stock",
            300,
            (100, 1000),
            0.9,
            effective_stock(inputs, now, draws, seed),
            "published as approximate; the product of the stated intervals is wider",
        ),
    )
    rows = [
        _row(name, "1e12 tokens", (published, ends), values / 1e12, level, cause)
        for name, published, ends, level, values, cause in computed
    ]
    reason = "a product of rounded numbers in the appendix of the study, not part of its model"
    rows.append(PublishedFigure(quantity="images", unit="1e12 tokens", published=300, cause=reason))
    rows.append(PublishedFigure(quantity="video", unit="1e12 tokens", published=1350, cause=reason))
    return tuple(rows)


def growth(inputs: Inputs, draws: int, seed: Seed) -> tuple[PublishedFigure, ...]:
    """Compare the growth of training sets and the compute of the largest training run."""
    # A tenth of the draws, because each is a fit to 80 models.
    slopes = bootstrap_growth(*dataset_sizes(), draws // 10, seed)
    cause = "selection of models in the study; the 80 bundled models give 0.37"
    unit = "orders of magnitude a year"
    rows = [_row("growth of training sets", unit, (0.38, (0.27, 0.48)), slopes, 0.95, cause)]
    years, printed = (series[:3] for series in compute_projection())
    for name, flop, cause in (
        ("from its quantiles", published_compute(years, draws, seed), MONTE_CARLO),
        ("from its equations", projected_compute(inputs, years, draws, seed), EQUATIONS),
    ):
        for year, (low, median, high), values in zip(years, printed, flop.T, strict=True):
            rows.append(
                _row(
                    f"largest training run in {year:g}, {name}",
                    "log10 FLOP",
                    (float(median), (float(low), float(high))),
                    np.log10(values),
                    0.95,
                    cause,
                    difference_unit="orders",
                )
            )
    return tuple(rows)


def dates(inputs: Inputs, draws: int, seed: Seed) -> tuple[PublishedFigure, ...]:
    """Compare the dates of exhaustion by component of demand, and the stock at that date."""
    years = horizon(inputs)
    stock = effective_stock(inputs, years, draws, seed)
    base: dict[str, float] = {}
    ten, five = {"demand.start": 1e13}, {"levers.overtraining": 5.0}
    main: tuple[float, Interval | None] = (2028, (2026, 2032))
    over: tuple[float, Interval | None] = (2027, None)
    variants: tuple[
        tuple[str, dict[str, float], Branch, ComputeProjection, tuple[float, Interval | None], str],
        ...,
    ] = (
        ("exhaustion", base, "mixture", "published", main, f"{NO_PROJECTION_FILE}; {START}"),
        ("exhaustion, trend alone", base, "historical", "published", main, f"{MIXTURE}; {START}"),
        ("exhaustion, trend alone from 10e12", ten, "historical", "published", main, MIXTURE),
        ("exhaustion, mixture from 10e12", ten, "mixture", "published", main, NO_PROJECTION_FILE),
        (
            "exhaustion, compute alone",
            base,
            "compute",
            "published",
            main,
            f"{MIXTURE}; {NO_PROJECTION_FILE}",
        ),
        (
            "exhaustion, compute from its equations",
            base,
            "compute",
            "projected",
            main,
            f"{MIXTURE}; {EQUATIONS}",
        ),
        ("5x over-trained", five, "mixture", "published", over, f"{NO_PROJECTION_FILE}; {START}"),
        ("5x over-trained, compute alone", five, "compute", "published", over, NO_PROJECTION_FILE),
    )
    rows = []
    for name, change, branch, projection, (published, interval), cause in variants:
        largest_set = demand(inputs.with_overrides(change), years, draws, seed, branch, projection)
        exhaustion = Exhaustion.from_paths(years, largest_set, stock)
        rows.append(date_figure(name, published, interval, exhaustion, 0.8, cause))
    mixture = np.array([rows[0].reproduced], dtype=np.float64)
    then = effective_stock(inputs, mixture, draws, seed) / 1e14
    cause = "published as approximate, at an earlier date, where the two medians cross"
    rows.append(_row("effective stock at exhaustion", "1e14 tokens", (4, None), then, 0.8, cause))
    return tuple(rows)


def _row(
    quantity: str,
    unit: str,
    published: tuple[float, Interval | None],
    values: Array,
    level: float,
    cause: str,
    difference_unit: Literal["%", "orders"] = "%",
) -> PublishedFigure:
    low, median, high = np.quantile(values, ((1 - level) / 2, 0.5, (1 + level) / 2))
    return PublishedFigure(
        quantity=quantity,
        unit=unit,
        published=published[0],
        published_interval=published[1],
        reproduced=float(median),
        interval=(float(low), float(high)),
        level=level,
        difference_unit=difference_unit,
        cause=cause,
    )
