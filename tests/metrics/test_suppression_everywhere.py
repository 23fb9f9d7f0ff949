"""Every metric that sees categories reports what was suppressed on purpose apart from what was lost."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from artesian.data.schema import Column, Kind
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Comparison
from artesian.testing.metrics import example, with_quasi_identifiers, with_time_to_event

NO_CATEGORIES = {
    *("ks", "wasserstein", "range_coverage", "tail_mass"),  # numbers and dates alone
    "missingness",  # whether there is a value, not which
    "exact_copies",  # a row with a suppressed category equals no training row
    "identifier_copied",  # identifiers are not categories
    "relations",  # a suppressed value breaks none
    "validity",  # a suppressed category is valid, which it says in a sentence of its own
}
ROLES = {
    "survival": with_time_to_event,
    "k_anonymity": with_quasi_identifiers,
    "l_diversity": with_quasi_identifiers,
    "t_closeness": with_quasi_identifiers,
}


def with_towns(seed, *, suppressed=False):
    """`example` with 20 rare towns of two rows each; suppressed, one value represents them."""
    table = example(seed=seed)
    towns = np.where(np.arange(len(table)) % 2, "north", "south").astype(object)
    towns[:40] = "(rare)" if suppressed else [f"t{i % 20:02}" for i in range(40)]
    frame = table.frame.with_columns(pl.Series("town", towns.tolist(), dtype=pl.String))
    column = Column(name="town", kind=Kind.CATEGORY, sensitive=True)
    if suppressed:
        column = replace(column, suppressed="(rare)", suppressed_below=5)
    schema = replace(table.schema, columns=(*table.schema.columns, column))
    return replace(table, frame=frame, schema=schema)


@pytest.fixture(scope="module")
def tables():
    return Comparison(with_towns(1), with_towns(2, suppressed=True), with_towns(3))


def test_the_metrics_without_categories_are_these():
    assert {name for name in CATALOG if not CATALOG[name].spec.categories} == NO_CATEGORIES


@pytest.mark.parametrize("name", [name for name in CATALOG if name not in NO_CATEGORIES])
def test_twenty_suppressed_categories_are_stated(name, tables):
    if name in ROLES:
        sides = (tables.real, tables.synthetic, tables.holdout)
        tables = Comparison(*(replace(t, schema=ROLES[name](t.schema)) for t in sides))
    result = CATALOG[name]()(tables)
    assert result.value is not None, result.skipped
    assert "20 rare categories of 'town'" in result.explanation
    assert result.detail["suppressed"]["town"]["categories"] == 20


def test_validity_calls_them_valid(tables):
    assert "Suppressed categories are valid" in CATALOG["validity"]()(tables).explanation
