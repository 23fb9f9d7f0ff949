"""What `inspect` shows of keys, what an edited schema changes, and which tables are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tomlkit
from tests.hostile.related_models import market

import artesian as ar
from artesian.cli.app import call

FAST = ("--set", "rounds=0", "--holdout", "0", "-q")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Files of the market, and parcels that refer to a line by its order and its number."""
    folder = tmp_path / "market"
    folder.mkdir()
    for name, table in market().items():
        table.frame.write_csv(folder / f"{name}.csv")
    lines = market()["line"].frame.filter(pl.col("good") % 3 == 0).select("order", "no")
    parcels = lines.with_row_index("parcel").with_columns(weight=pl.col("parcel") % 7 + 1)
    parcels.write_csv(folder / "parcel.csv")
    return folder


def edited(source: Path, change: Any) -> Path:
    """The schema file of a source, changed."""
    path = source.parent / "edited.toml"
    assert call(["inspect", str(source), "-o", str(path), "-q"]) == 0
    document = tomlkit.parse(path.read_text()).unwrap()
    change(document)
    path.write_text(tomlkit.dumps(document))
    return path


def key(child: str, columns: list[str], parent: str, there: list[str]) -> dict[str, Any]:
    return {"child": child, "columns": columns, "parent": parent, "parent_columns": there}


def sampled(source: Path, *options: str) -> dict[str, pl.DataFrame]:
    """The tables of a model that is fitted with these options."""
    model, out = str(source.parent / "model"), source.parent / "out"
    fit = ["fit", str(source), "-o", model, "--set", "rounds=0", "--force", "-q"]
    assert call([*fit, *options]) == 0
    assert call(["sample", model, "-o", str(out), "--force", "-q"]) == 0
    return {file.stem: pl.read_csv(file) for file in out.glob("*.csv")}


def test_inspect_shows_the_evidence_and_writes_it(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dataset.toml"
    assert call(["inspect", str(source), "-o", str(path)]) == 0
    shown = capfd.readouterr().out
    assert "customer: 60 rows, 5 columns, key: customer" in shown
    assert "line(good) -> good(good)" in shown
    assert "all 15 values of 'good' occur in it" in shown
    text = path.read_text()
    assert "# the name points there, 'good' is unique, and all 15 values" in text
    assert call(["inspect", str(source), "--json"]) == 0
    keys = json.loads(capfd.readouterr().out)["foreign_keys"]
    assert all("the name points there" in one["evidence"] for one in keys)


def test_an_edited_schema_is_obeyed(source: Path) -> None:
    def change(document: Any) -> None:
        keys = [one for one in document["foreign_keys"] if one["parent"] != "good"]
        keys = [one for one in keys if one["child"] != "parcel"]
        keys += [
            key("customer", ["code"], "country", ["code"]),
            key("customer", ["manager"], "customer", ["customer"]),
            key("parcel", ["order", "no"], "line", ["order", "no"]),
        ]
        document["foreign_keys"] = keys
        document["tables"]["line"]["key"] = ["order", "no"]
        del document["tables"]["line"]["columns"]["good"]["kind"]
        document["tables"]["line"]["columns"]["good"]["kind"] = "category"

    made = sampled(source, "--schema", str(edited(source, change)))
    customers = made["customer"]
    assert set(customers["code"]) <= set(made["country"]["code"])
    # A reference to the table itself, sometimes missing, without cycles.
    assert 0 < customers["manager"].null_count() < customers.height
    assert set(customers["manager"].drop_nulls()) <= set(customers["customer"])
    above = dict(customers.select("customer", "manager").iter_rows())
    for one in above:
        seen: set[int] = set()
        while one is not None:
            assert one not in seen
            seen.add(one)
            one = above[one]
    # Both columns of a composite key refer to one row.
    lines = made["line"].select("order", "no")
    assert lines.is_unique().all()
    assert made["parcel"].join(lines, on=["order", "no"], how="anti").is_empty()
    # The key that was removed: goods of lines are no longer those of the table.
    assert set(made["line"]["good"]) <= set(range(15))
    again = tomlkit.parse((source.parent / "out" / "dataset.toml").read_text()).unwrap()
    assert len(again["foreign_keys"]) == 5
    assert not [one for one in again["foreign_keys"] if one["parent"] == "good"]


def test_metadata_of_sdv_is_a_schema(source: Path) -> None:
    columns: dict[str, dict[str, str]] = {
        "country": {"code": "id", "country": "categorical"},
        "customer": {
            "customer": "id",
            "name": "name",
            "email": "email",
            "code": "id",
            "manager": "id",
        },
        "order": {
            "order": "id",
            "customer": "id",
            "day": "datetime",
            "index": "numerical",
            "member": "boolean",
        },
        "good": {"good": "id", "price": "numerical"},
        "line": {"order": "id", "no": "numerical", "good": "id", "amount": "numerical"},
        "parcel": {"parcel": "id", "order": "id", "no": "numerical", "weight": "numerical"},
    }
    keys = {"country": "code", "customer": "customer", "order": "order", "good": "good"}
    metadata = {
        "METADATA_SPEC_VERSION": "MULTI_TABLE_V1",
        "tables": {
            name: {
                "columns": {c: {"sdtype": kind} for c, kind in own.items()},
                **({"primary_key": keys[name]} if name in keys else {}),
            }
            for name, own in columns.items()
        },
        "relationships": [
            {
                "parent_table_name": parent,
                "child_table_name": child,
                "parent_primary_key": keys[parent],
                "child_foreign_key": column,
            }
            for child, column, parent in (
                ("customer", "code", "country"),
                ("customer", "manager", "customer"),
                ("order", "customer", "customer"),
                ("line", "order", "order"),
                ("line", "good", "good"),
                ("parcel", "order", "order"),
            )
        ],
    }
    metadata["tables"]["order"]["columns"]["day"]["datetime_format"] = "%Y-%m-%d"  # type: ignore[index]
    path = source.parent / "metadata.json"
    path.write_text(json.dumps(metadata))
    made = sampled(source, "--schema", str(path))
    assert set(made["customer"]["manager"].drop_nulls()) <= set(made["customer"]["customer"])
    assert set(made["parcel"]["order"]) <= set(made["order"]["order"])
    assert set(made["line"]["good"]) <= set(made["good"]["good"])


def with_country(document: Any) -> None:
    document["foreign_keys"].append(key("customer", ["code"], "country", ["code"]))


def test_tables_of_labels_are_kept_or_generated(
    source: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    schema = str(edited(source, with_country))
    real = pl.read_csv(source / "country.csv")
    out = source.parent / "synthetic"
    assert call(["synth", str(source), "-o", str(out), "--schema", schema, *FAST]) == 0
    assert pl.read_csv(out / "data" / "country.csv").equals(real)
    notes = json.loads((out / "manifest.json").read_text())["notes"]
    assert any(
        "'country' is kept as it is" in note and "generate=country" in note for note in notes
    )
    report = (out / "report.html").read_text()
    assert "The table country is not synthetic: it is kept as it is" in report
    generated = sampled(source, "--schema", schema, "--generate", "country")
    assert generated["country"]["code"].is_unique().all()
    assert not generated["country"].equals(real)
    assert set(generated["customer"]["code"]) <= set(generated["country"]["code"])
    kept = sampled(source, "--schema", schema, "--keep", "good")
    assert kept["good"].equals(pl.read_csv(source / "good.csv"))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--keep", "line"], "the table 'line' cannot be kept: line(order) -> order(order)"),
        (["--keep", "good", "--generate", "good"], "is to be kept and to be generated"),
        (["--generate", "goods"], "there is no table 'goods'"),
    ],
)
def test_a_choice_that_is_not_possible_is_refused(
    source: Path, capfd: pytest.CaptureFixture[str], options: list[str], problem: str
) -> None:
    out = source.parent / "out"
    assert call(["synth", str(source), "-o", str(out), *options, *FAST]) in (1, 2)
    assert problem in capfd.readouterr().err
    one = ["fit", str(source / "good.csv"), "-o", str(out), "--keep", "good", "-q"]
    assert call(one) == 2
    assert "'keep' is a setting of related tables" in capfd.readouterr().err


def test_too_few_rows_cannot_be_generated(source: Path) -> None:
    pl.DataFrame({"good": [0, 1, 2], "price": [1.0, 2.5, 4.0]}).write_csv(source / "good.csv")
    with pytest.raises(ar.ArtesianError, match="it has only 3 rows, fewer than 5"):
        ar.synth_related(source, generate=("good",))
