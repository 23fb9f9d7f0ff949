"""Texts that are made of other columns in the rows of some labels only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.dataframes import from_dataframe
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation
from artesian.relations.texts import ConditionalTemplate

FORMS = {
    "de": ("ereignis", "Zustellung", "ZB {}", "Abholung", ["Hof 1", "Hof 2", "Halle"]),
    "fr": ("étape", "livrée", "agence-{}-sud", "enlevée", ["quai A", "quai B", "dépôt"]),
    "en": ("status", "out", "D{}", "hold", ["gate", "yard", "lock"]),
}


def scans(language: str, *, mixed: bool = False) -> pl.DataFrame:
    """Events of parcels, whose place has the district in it if they are delivered."""
    label, made, form, other, places = FORMS[language]
    rng = np.random.default_rng(3)
    district = rng.integers(10, 45, 900)
    event = rng.choice([made, other, "x"], 900, p=[0.4, 0.4, 0.2])
    own = district if not mixed else rng.permutation(district)
    place = [
        form.format(d) if e == made else str(rng.choice(places))
        for d, e in zip(own, event, strict=True)
    ]
    return pl.DataFrame({label: event, "district": district, "place": place}).with_columns(
        weight=pl.Series(rng.gamma(2, 3, 900).round(2))
    )


@pytest.mark.parametrize("language", FORMS)
def test_a_place_has_the_district_in_the_rows_of_a_label(language: str, tmp_path: Path) -> None:
    label, made, form, _, places = FORMS[language]
    source = scans(language)
    result = ar.synth(source, method="trees", seed=1, metrics=["relations"])
    rows = result.data
    inside = rows.filter(pl.col(label) == made)
    assert inside.height > 200
    assert inside["place"].to_list() == [form.format(d) for d in inside["district"]]
    outside = rows.filter(pl.col(label) != made)
    assert outside["place"].is_in(places).mean() > 0.97
    ar.save(result.model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(200).equals(result.model.sample(200))


def test_such_a_text_is_written_and_read() -> None:
    text = "place = text(\"ZB {district}\") if ereignis in ('Zustellung')"
    listed = [str(one.relation) for one in discover(from_dataframe(scans("de")))]
    assert text in listed
    relation = parse_relation(text, ("ereignis", "district", "place"))
    assert isinstance(relation, ConditionalTemplate)
    assert str(relation) == text
    rows = pl.DataFrame(
        {
            "ereignis": ["Zustellung", "Zustellung", "x", None],
            "district": [4, 5, 6, 7],
            "place": ["ZB 4", "ZB 6", "Hof", "ZB 7"],
        }
    )
    assert relation.holds(rows).to_list() == [True, False, None, None]


def test_places_of_other_districts_are_no_such_text() -> None:
    table = from_dataframe(scans("de", mixed=True))
    assert not [one for one in discover(table) if isinstance(one.relation, ConditionalTemplate)]
