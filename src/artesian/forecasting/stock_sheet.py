"""The stock as a product of a few factors, to be checked on the back of an envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.model.levers import effective_epochs, is_neutral
from artesian.forecasting.scenario import CORPUS, TEXT
from artesian.forecasting.simulation import Simulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One line of the sheet.

    Attributes:
        label: What the factor is.
        sign: '' for the first factor, '×', '÷', or '=' for a result.
        value: Its median.
        unit: Unit of the value; '' for a proportion or a ratio.
    """

    label: str
    sign: str
    value: float
    unit: str = ""


def stock_sheet(simulation: Simulation) -> Sequence[Factor]:
    """The medians of the factors of the stock in the first year, and their product.

    The last line is the median of the draws, which the product approximates. Empty for stocks that are
    sums: all text of internet users, and those of 2022.
    """
    modality, inputs = simulation.scenario.modality, simulation.inputs
    year = float(simulation.years[0])
    if modality == TEXT:
        factors = _web(inputs, year)
    elif modality == CORPUS:
        factors = [
            Factor(label="corpus", sign="", value=inputs.median("corpus.tokens"), unit="tokens"),
            Factor(label="of sufficient quality", sign="×", value=inputs.median("corpus.quality")),
        ]
    else:
        return []
    factors += _levers(inputs, modality)
    product = 1.0
    for one in factors:
        product *= 1 / one.value if one.sign == "÷" else one.value
    median = float(np.median(simulation.stock[:, 0]))
    return [
        *factors,
        Factor(label="product of these medians", sign="=", value=product, unit=simulation.unit),
        Factor(
            label=f"effective stock in {year:.1f}, median of the draws",
            sign="=",
            value=median,
            unit=simulation.unit,
        ),
    ]


def _web(inputs: Inputs, year: float) -> list[Factor]:
    age = year - inputs.median("web.year")
    growth = inputs.median("web.page_growth") * inputs.median("web.page_count_growth")
    return [
        Factor(
            label="pages of the indexed web",
            sign="",
            value=inputs.median("web.pages"),
            unit="pages",
        ),
        Factor(
            label="text per page", sign="×", value=inputs.median("web.bytes_per_page"), unit="bytes"
        ),
        Factor(
            label="text per token",
            sign="÷",
            value=6 - inputs.median("web.bytes_below_six"),
            unit="bytes",
        ),
        Factor(
            label=f"growth from {inputs.median('web.year'):.0f} to {year:.1f}",
            sign="×",
            value=growth**age,
        ),
        Factor(label="of sufficient quality", sign="×", value=inputs.median("web.quality")),
    ]


def _levers(inputs: Inputs, modality: str) -> list[Factor]:
    if is_neutral(inputs, "training_epochs"):
        repeated = inputs.median("web.epochs") if modality == TEXT else 1.0
    else:
        epochs = np.float64(inputs.median("levers.training_epochs"))
        repeated = float(effective_epochs(epochs, inputs.median("levers.repetition")))
    factors = [Factor(label="value of repeated training", sign="×", value=repeated)]
    for label, value in (
        ("yield of filtering and deduplication", inputs.median("levers.curation_yield")),
        ("not withdrawn by owners", 1 - _withdrawn(inputs)),
        ("in the language or domain", inputs.median("levers.stock_fraction")),
    ):
        if value != 1:
            factors.append(Factor(label=label, sign="×", value=value))
    return factors


def _withdrawn(inputs: Inputs) -> float:
    """The fraction of the usable text that is withdrawn in the first year."""
    concentration = inputs.median("levers.opt_out_concentration")
    return min(1.0, inputs.median("levers.opt_out") * concentration)
