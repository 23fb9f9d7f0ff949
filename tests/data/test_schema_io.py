"""dataset.toml and SDV metadata: written with evidence, read back, refused with the place."""

from __future__ import annotations

import json

import pytest
from tests.real_tables import FOLDER

from artesian.core.errors import OutputError, SchemaError
from artesian.data.dataset import DatasetSchema
from artesian.data.read import explain, read
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.schema_io import read_dataset_schema, read_schema, write_schema
from artesian.data.sdv_metadata import to_sdv
from artesian.data.value_format import ValueFormat

FULL = Schema(
    columns=(
        Column(name="no. 1", kind=Kind.KEY),
        Column(
            name='odd "name"',
            kind=Kind.CATEGORY,
            nullable=True,
            sensitive=True,
            domain=("a", "b"),
            ordered=True,
            value_format=ValueFormat(missing="?"),
        ),
        Column(name="mail", kind=Kind.TEXT, role="email"),
        Column(name="ok", kind=Kind.BOOLEAN, value_format=ValueFormat(true="Ja", false="Nein")),
        Column(name="at", kind=Kind.DATETIME, value_format=ValueFormat(pattern="%d.%m.%Y")),
        Column(name="x", kind=Kind.NUMBER, value_format=ValueFormat(decimals=2), domain=(0, 9.5)),
    ),
    key=("no. 1",),
    target="ok",
    entity="mail",
    time="at",
    constraints=("x >= 0",),
)


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "dataset.toml"
    write_schema(path, {"t": (FULL, {"x": "decimal\nnumbers"}), "u": (FULL, {})})
    assert read_schema(path, "t") == FULL
    assert "# decimal numbers\n" in path.read_text()
    with pytest.raises(OutputError, match="exists already"):
        write_schema(path, {"t": (FULL, {})})


def test_an_edited_file_overrides_what_is_inferred(tmp_path):
    source = tmp_path / "t.csv"
    source.write_text("code,flag,n\n1,1,5\n2,0,-999\n1,1,7\n")
    inferred = explain(source)
    path = tmp_path / "dataset.toml"
    write_schema(path, {"t": (inferred.table.schema, inferred.evidence)})
    text = path.read_text()
    assert "# whole numbers" in text
    text = text.replace("[tables.t.columns.n]", '[tables.t.columns.n]\nmissing = "-999"').replace(
        "[tables.t.columns.code]", "[tables.t.columns.code]\nsensitive = true"
    )
    lines = text.splitlines()
    at = lines.index("[tables.t.columns.flag]")
    lines = [
        'kind = "boolean"\ntrue = "1"\nfalse = "0"' if at < i < at + 4 and "kind" in line else line
        for i, line in enumerate(lines)
    ]
    path.write_text("\n".join(lines))
    table = read(source, schema=path)
    assert table.schema["code"].sensitive
    assert table.frame["flag"].to_list() == [True, False, True]
    assert table.frame["n"].to_list() == [5, None, 7]
    assert table.schema["n"].value_format.missing == "-999"


def test_columns_that_are_not_named_are_inferred(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n")
    (tmp_path / "s.toml").write_text('[tables.any.columns.a]\nkind = "category"\n')
    table = read(tmp_path / "t.csv", schema=str(tmp_path / "s.toml"))
    assert table.schema["a"].kind is Kind.CATEGORY
    assert table.frame["a"].to_list() == ["1", "2"]
    assert len(table.schema) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[tables.t.columns.a]\nkind = "numbr"', "no kind 'numbr'\nhint: did you mean 'number'"),
        ('[tables.t.columns.a]\nkind = "number"\nrol = "x"', "'rol'\nhint: did you mean 'role'"),
        ("[tables.t.columns.a]\nnullable = true", "[tables.t.columns.a] has no kind"),
        ('[tables.t.columns.a]\nkind = "number"\ndecimals = "2"', "decimals = '2' is a str"),
        ("[table.t]", "'table'\nhint: did you mean 'tables'"),
        ("tables = 3", "tables = 3 is a int"),
        ("[tables.t", "is not valid TOML"),
        ("", "describes no table"),
        ("{", "is not valid JSON"),
        ('{"tables": {"t": {"columns": {"a": {}}}}}', "table 't', column 'a' has no sdtype"),
    ],
)
def test_invalid_entries_are_refused_with_their_place(tmp_path, text, problem):
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(SchemaError) as caught:
        read_schema(path, "t")
    assert problem in str(caught.value)
    assert str(path) in caught.value.problem


def test_unknown_files_tables_and_columns(tmp_path):
    path = tmp_path / "s.toml"
    with pytest.raises(SchemaError, match="cannot be read"):
        read_schema(path)
    write_schema(path, {"adult": (FULL, {}), "other": (FULL, {})})
    with pytest.raises(SchemaError, match="did you mean 'adult'"):
        read_schema(path, "adlt")
    (tmp_path / "t.csv").write_text("a\n1\n")
    (tmp_path / "u.toml").write_text('[tables.t.columns.aa]\nkind = "number"\n')
    with pytest.raises(SchemaError, match="did you mean 'a'"):
        read(tmp_path / "t.csv", schema=tmp_path / "u.toml")


def test_sdv_metadata_of_one_table(tmp_path):
    path = tmp_path / "metadata.json"
    path.write_text(
        json.dumps(
            {
                "METADATA_SPEC_VERSION": "SINGLE_TABLE_V1",
                "primary_key": "guest",
                "columns": {
                    "guest": {"sdtype": "id", "regex_format": "ID_[0-9]{3}"},
                    "mail": {"sdtype": "email", "pii": True},
                    "in": {"sdtype": "datetime", "datetime_format": "%d %b %Y"},
                    "rate": {"sdtype": "numerical", "computer_representation": "Float"},
                    "room": {"sdtype": "categorical", "order": ["low", "high"]},
                    "vip": {"sdtype": "boolean"},
                },
            }
        )
    )
    schema = read_schema(path, "hotel")
    assert schema.key == ("guest",)
    assert [c.kind.value for c in schema] == [
        "key",
        "text",
        "datetime",
        "number",
        "category",
        "boolean",
    ]
    assert schema["mail"].role == "email"
    assert (schema["room"].ordered, schema["room"].domain) == (True, ("low", "high"))
    (tmp_path / "hotel.csv").write_text(
        "guest,mail,in,rate,room,vip\nID_001,a@b.org,27 Dec 2020,131.5,low,False\n"
        "ID_002,c@d.org,03 Jan 2021,99.25,high,True\n"
    )
    table = read(tmp_path / "hotel.csv", schema=path)
    assert table.frame["vip"].to_list() == [False, True]
    assert str(table.frame["in"][0]).startswith("2020-12-27")


@pytest.mark.parametrize("folder", ["chinook", "nycflights"])
def test_real_sdv_metadata_fits_its_tables(folder):
    path = FOLDER / folder / "metadata_sdv.json"
    for name in json.loads(path.read_text())["tables"]:
        table = read(FOLDER / folder / f"{name}.csv.gz", schema=path)
        assert table.schema.names == tuple(table.frame.columns)


KEY = ForeignKey("sales", ("store", "day"), "days", ("store", "day"))


def test_foreign_keys_of_dataset_toml_are_read_back(tmp_path):
    path = tmp_path / "dataset.toml"
    tables = {"sales": (FULL, {}), "days": (FULL, {})}
    for keys in ((KEY, KEY), (), None):
        write_schema(path, tables, foreign_keys=keys, force=True)
        assert read_dataset_schema(path) == DatasetSchema({"sales": FULL, "days": FULL}, keys)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("foreign_keys = 3", "foreign_keys = 3 is a int"),
        ("[[foreign_keys]]\nchild = 'a'", "foreign key 1 has no entry 'columns'"),
        (
            "[[foreign_keys]]\nchild = 'a'\ncolumns = ['x']\nparent = 'b'\nparent_columns = []",
            "foreign key 1: the foreign key a(x) -> b() has 1 columns",
        ),
    ],
)
def test_a_foreign_key_that_is_not_understood_is_refused_with_its_place(tmp_path, text, problem):
    path = tmp_path / "dataset.toml"
    path.write_text(f'{text}\n[tables.t.columns.a]\nkind = "number"\n')
    with pytest.raises(SchemaError) as caught:
        read_dataset_schema(path)
    assert problem in caught.value.problem
    assert str(path) in caught.value.problem


def test_sdv_metadata_keep_foreign_keys(tmp_path):
    stores = Schema(
        columns=(
            Column(name="id", kind=Kind.KEY),
            Column(name="mail", kind=Kind.TEXT, role="email"),
            Column(name="size", kind=Kind.CATEGORY, ordered=True, domain=("s", "l")),
        ),
        key=("id",),
    )
    sales = Schema(
        columns=(
            Column(name="store", kind=Kind.KEY),
            Column(name="on", kind=Kind.DATETIME, value_format=ValueFormat(pattern="%d.%m.%Y")),
        ),
        time="on",
    )
    key = ForeignKey("sales", ("store",), "stores", ("id",))
    schema = DatasetSchema({"stores": stores, "sales": sales}, (key,))
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps(to_sdv(schema)))
    assert read_dataset_schema(path) == schema
    path.write_text(json.dumps(to_sdv(schema) | {"relationships": [{"child_table_name": "a"}]}))
    with pytest.raises(SchemaError, match="relationship 1 has no child_foreign_key"):
        read_dataset_schema(path)
