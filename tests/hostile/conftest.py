"""Models that tests edit copies of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.models import events, fit
from tests.hostile.related_models import fit_market

import artesian as ar


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A saved model of each method, of a table that needs most transforms and surrogates."""
    folder = tmp_path_factory.mktemp("fitted")
    table = events()
    methods = {"trees": ar.Trees(), "boosted": ar.Boosted(), "marginals": ar.Marginals()}
    return {name: fit(folder, method, table) for name, method in methods.items()}


@pytest.fixture(scope="session")
def fitted_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model of related tables of every form."""
    return fit_market(tmp_path_factory.mktemp("fitted_tables"))
