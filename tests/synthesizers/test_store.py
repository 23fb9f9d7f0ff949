"""Models on disk: what the header says, what is refused, and what survives."""

import json
from dataclasses import replace
from datetime import date

import pytest

from artesian.core.errors import ModelFileError, OutputError
from artesian.core.version import VERSION
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Origin
from artesian.data.value_format import ValueFormat
from artesian.synthesizers import CATALOG
from artesian.synthesizers.marginals import Marginals
from artesian.synthesizers.store import HEADER, load, save
from artesian.testing.tables import people


@pytest.fixture(scope="module")
def model():
    return Marginals().fit(people(100))


def test_the_header_can_be_read_by_a_person(model, tmp_path):
    save(model, tmp_path / "m")
    header = json.loads((tmp_path / "m" / HEADER).read_text())
    assert header["method"] == "marginals"
    assert header["artesian"] == VERSION
    assert header["settings"] == {"protect": True, "privacy": "default"}
    assert set(header["files"]) == {p.name for p in (tmp_path / "m").iterdir()} - {HEADER}
    assert list(header["schema"]["columns"]) == list(model.schema.names)


def test_no_row_of_the_data_is_in_the_folder(model, tmp_path):
    data = people(100).frame
    save(model, tmp_path / "m")
    text = "".join(p.read_text() for p in (tmp_path / "m").glob("*.json"))
    assert not any(f'"{i}"' in text for i in data["id"])
    assert (tmp_path / "m" / "columns.parquet").stat().st_size < 20_000


def test_what_exists_is_replaced_only_when_forced(model, tmp_path):
    save(model, tmp_path / "m")
    with pytest.raises(OutputError, match="exists already"):
        save(model, tmp_path / "m")
    save(replace(model, settings=Marginals(protect=False)), tmp_path / "m", force=True)
    assert load(tmp_path / "m").settings == Marginals(protect=False)


@pytest.mark.parametrize("what", ["nowhere", "empty", "a file", "no json", "a list"])
def test_what_is_no_model_is_refused(what, tmp_path):
    place = tmp_path / "m"
    if what == "a file":
        place.write_text("")
    elif what != "nowhere":
        place.mkdir()
    if what == "no json":
        (place / HEADER).write_bytes(b"\xff\xfe{")
    if what == "a list":
        (place / HEADER).write_text("[1, 2]")
    with pytest.raises(ModelFileError) as caught:
        load(place)
    assert caught.value.hint


def test_everything_a_schema_says_survives(tmp_path):
    data = people(100)
    told = Schema(
        columns=tuple(
            replace(
                column,
                sensitive=column.name == "age",
                value_format=ValueFormat(missing="?", width=4),
            )
            for column in data.schema
        ),
        key=("id",),
        target="member",
        constraints=("age >= 18",),
    ).with_columns(
        [
            Column(name="plan", kind=Kind.CATEGORY, domain=("basic", "gold"), ordered=True),
            Column(name="age", kind=Kind.NUMBER, domain=(0, 120)),
            Column(
                name="joined", kind=Kind.DATETIME, domain=(date(2020, 1, 1), date(2025, 12, 31))
            ),
        ]
    )
    origin = Origin(name="members", format="csv", options={"delimiter": ";"}, notes=("one note",))
    model = Marginals().fit(replace(data, schema=told, origin=origin))
    save(model, tmp_path / "m")
    again = load(tmp_path / "m")
    assert again.schema == model.schema
    made = again.sample(3)
    assert made.origin.name == "members"
    assert made.origin.options == {"delimiter": ";"}


LARGE = ("deep", "bayes")
"""Extras with libraries that `make test` does not install; their own tests save and load."""


@pytest.mark.parametrize("name", [n for n in CATALOG if CATALOG[n].capabilities.extra not in LARGE])
def test_every_method_can_be_loaded_by_name(name, tmp_path):
    settings = CATALOG[name]()
    save(settings.fit(people(60)), tmp_path / "m")
    assert load(tmp_path / "m").settings == settings
