"""The Gaussian copula recovers known correlations of columns of every kind."""

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.synthesizers.copulas.gaussian_copula import GaussianCopula, _polychoric
from artesian.synthesizers.latent import from_arrays
from artesian.testing.tables import table

R = 0.6


def _latent(rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, rows))
    return x, R * x + (1 - R**2) ** 0.5 * noise


def _fitted(frame: pl.DataFrame) -> np.ndarray:
    model = GaussianCopula().fit(table(frame), run=Run.from_seed(1))
    root = model.arrays["root"]
    assert len(from_arrays(model.codec, model.arrays)) == len(root)
    return root @ root.T


def _as(kind: str, values: np.ndarray) -> pl.Series:
    if kind == "number":
        return pl.Series(np.exp(values).round(4))
    if kind == "yes/no":
        return pl.Series(values > 0.4)
    cut = np.searchsorted([-1.0, 0.0, 0.7], values)
    return pl.Series(np.array(["mid", "none", "some", "all"])[cut])


@pytest.mark.parametrize("one", ["number", "yes/no", "category"])
@pytest.mark.parametrize("other", ["number", "yes/no", "category"])
def test_correlations_of_every_pair_of_kinds(one: str, other: str) -> None:
    x, y = _latent()
    found = _fitted(pl.DataFrame({"x": _as(one, x), "y": _as(other, y)}))
    # The direction of the latent variable of a category is arbitrary.
    assert abs(found[0, 1]) == pytest.approx(R, abs=0.03)


def test_missing_numbers_do_not_weaken_a_correlation() -> None:
    x, y = _latent()
    hidden = np.random.default_rng(1).random(len(x)) < 0.3
    numbers = _as("number", x).set(pl.Series(hidden), None)
    found = _fitted(pl.DataFrame({"x": numbers, "y": _as("number", y)}))
    assert found[0, 2] == pytest.approx(R, abs=0.03)
    assert found[0, 1] == pytest.approx(0, abs=0.03)  # missing at random


def test_the_polychoric_correlation_of_halves_is_the_closed_form() -> None:
    # P(x > 0, y > 0) = 1/4 + asin(r) / (2 pi) (Sheppard 1899).
    for r in (-0.9, -0.3, 0.0, 0.5, 0.95):
        covariance = np.arcsin(r) / (2 * np.pi)
        assert _polychoric(covariance, np.zeros(1), np.zeros(1)) == pytest.approx(r, abs=0.004)


def test_a_category_that_depends_on_a_number_comes_back() -> None:
    x, y = _latent()
    frame = pl.DataFrame({"x": x.round(3), "level": _as("category", y)})
    model = GaussianCopula().fit(table(frame), run=Run.from_seed(1))
    rows = model.sample(20_000, run=Run.from_seed(2)).frame
    for level in ("none", "mid", "some", "all"):
        means = [f.filter(pl.col("level") == level)["x"].mean() for f in (frame, rows)]
        assert means[0] == pytest.approx(means[1], abs=0.08)
        fractions = [(f["level"] == level).mean() for f in (frame, rows)]
        assert fractions[0] == pytest.approx(fractions[1], abs=0.02)
