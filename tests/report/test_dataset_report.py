"""The report of related tables shows aggregates only, and every table and key."""

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.metrics import shops as s

from artesian.data.dataset import Dataset
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.metrics.relational.encoding import encode_dataset
from artesian.metrics.relational.evaluate import evaluate_dataset
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.report.dataset import render_dataset_report
from artesian.report.dataset_charts import children_cards
from artesian.report.schema_diagram import schema_diagram

METRICS = ["cardinality", "k_hop_trends", "autocorrelation", "referential_integrity"]


@pytest.fixture(scope="module")
def page():
    datasets = s.comparison(s.across_parents, holdout=True)
    card = evaluate_dataset(datasets, metrics=METRICS)
    return render_dataset_report(datasets, card, {"seed": 0})


def test_the_page_shows_tables_keys_and_sections(page):
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    for shown in ("shop", "sale", "region", "sale(shop_id) -&gt; shop(shop_id)", "sale.sales"):
        assert shown in text
    for section in ("schema", "children", "trends", "aggregates", "sequences"):
        assert f'<section id="{section}"' in text
    assert text.count('class="plot"') > 10


def test_the_page_loads_nothing(page):
    assert "default-src &#39;none&#39;" in page
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(src|href)="(?!#|data:)', text)


def test_bins_of_fewer_than_five_real_parents_are_empty():
    datasets = s.comparison()
    for card in children_cards(encode_dataset(datasets), None):
        if card["chart"] is None:
            assert "would disclose" in card["reason"]
            continue
        parents = len(datasets.real["shop"])
        for row in card["chart"]["rows"]:
            assert row["train"] == 0 or round(row["train"] * parents) >= 5


def diagram(keys, names):
    schema = Schema(columns=(Column(name="id", kind=Kind.KEY), Column(name="up", kind=Kind.KEY)))
    frame = pl.DataFrame({"id": [1, 2], "up": [1, 1]})
    tables = {n: Table(frame, replace(schema, key=("id",)), Origin(name=n)) for n in names}
    dataset = Dataset(tables, tuple(ForeignKey(a, ("up",), b, ("id",)) for a, b in keys))
    return schema_diagram(dataset, {name: ["2 rows"] for name in names})


def left_of(svg, name):
    found = re.search(rf'<text class="name" x="([\d.]+)"[^>]*>{name}<', svg)
    return float(found[1])


def test_parents_are_left_of_their_children():
    svg = diagram([("b", "a"), ("c", "b"), ("c", "a")], ["c", "b", "a"])
    assert left_of(svg, "a") < left_of(svg, "b") < left_of(svg, "c")
    assert svg.count("<path d=") + svg.count('<path class="bad"') >= 3


def test_cycles_and_references_to_the_table_itself_are_drawn():
    svg = diagram([("a", "b"), ("b", "a"), ("a", "a")], ["a", "b"])
    assert svg.count("marker-end") == 3


def test_names_cannot_become_markup():
    svg = diagram([], ["<script>alert(1)</script>"])
    assert "<script" not in svg


def test_many_tables_have_no_diagram():
    assert diagram([], [f"t{n}" for n in range(61)]) == ""


def test_a_dataset_without_keys_or_times_has_a_page():
    rng = np.random.default_rng(0)
    frames = [pl.DataFrame({"x": rng.normal(size=60), "y": rng.integers(0, 3, 60)}) for _ in "ab"]
    datasets = DatasetComparison(
        s.dataset({"one": frames[0], "two": frames[1]}),
        s.dataset({"one": frames[1], "two": frames[0]}),
    )
    card = evaluate_dataset(datasets)
    assert card["cardinality"].skipped == "there is no foreign key"
    assert "there is no foreign key" in render_dataset_report(datasets, card, {})
