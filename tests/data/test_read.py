"""Reading: formats, layouts, encodings; real files come in quickly and as what they are."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import sys
import time

import duckdb
import polars as pl
import pytest
from tests.real_tables import path

from artesian.core.errors import DataError
from artesian.data.read import explain, read
from artesian.data.schema import Kind

PLAIN = "name,age,score\nann,31,1.5\nbob,45,2.5\nann,,3.5\n"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("t.csv", PLAIN.encode()),
        ("t.csv", PLAIN.replace("\n", "\r\n").encode()),
        ("t.csv", PLAIN.replace("\n", "\r").encode()),
        ("t.csv", PLAIN.removesuffix("\n").encode()),
        ("t.csv", PLAIN.replace("\nbob", "\n\nbob").encode() + b"\n\n"),
        ("t.csv", PLAIN.encode("utf-8-sig")),
        ("t.csv", PLAIN.encode("utf-16")),
        ("t.tsv", PLAIN.replace(",", "\t").encode()),
        ("t.txt", PLAIN.replace(",", "|").encode()),
        ("t.csv", PLAIN.replace(",", ";").replace(".", ",").encode()),
        ("t.csv", PLAIN.replace(",", ", ").encode()),
        ("t.csv", PLAIN.replace("ann", '"ann"').replace("bob", '"bob"').encode()),
        ("t.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)),
        ("t.csv.bz2", bz2.compress(PLAIN.encode())),
        ("t.csv.xz", lzma.compress(PLAIN.encode())),
        ("t", PLAIN.encode()),
    ],
)
def test_every_layout_of_the_same_table_reads_alike(tmp_path, file, content):
    path = tmp_path / file
    path.write_bytes(content)
    table = read(path)
    assert table.frame.rows() == [("ann", 31, 1.5), ("bob", 45, 2.5), ("ann", None, 3.5)]
    assert table.frame.dtypes == [pl.String, pl.Int64, pl.Float64]
    assert table.origin.name == "t"
    assert path.read_bytes() == content


def test_zstandard_and_aligned_columns(tmp_path):
    import pyarrow as pa

    path = tmp_path / "t.csv.zst"
    with pa.output_stream(str(path), compression="zstd") as out:
        out.write(PLAIN.encode())
    assert read(path).frame.height == 3
    (tmp_path / "t.dat").write_text("x   y\n1   2\n30  4\n")
    assert read(tmp_path / "t.dat").frame.rows() == [(1, 2), (30, 4)]


def test_typed_formats_keep_their_types(tmp_path):
    frame = pl.DataFrame(
        {
            "small": pl.Series([1, 2, None], dtype=pl.Int16),
            "price": pl.Series([1.25, None, 3.0], dtype=pl.Float32),
            "kind": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "ok": [True, None, False],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ipc(tmp_path / "t.feather")
    for name in ("t.parquet", "t.feather"):
        table = read(tmp_path / name)
        assert table.frame.schema == frame.schema
        assert table.frame.equals(frame)
        assert [c.kind for c in table.schema] == [
            Kind.NUMBER,
            Kind.NUMBER,
            Kind.CATEGORY,
            Kind.BOOLEAN,
        ]


def test_content_counts_more_than_the_ending(tmp_path):
    pl.DataFrame({"a": [1, 2]}).write_parquet(tmp_path / "t.csv")
    assert read(tmp_path / "t.csv").origin.format == "parquet"


def test_json_lines_and_arrays(tmp_path):
    rows = [{"a": 1, "on": "2024-05-06"}, {"a": 2.5, "b": True, "on": None}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    (tmp_path / "t.json").write_text(json.dumps(rows))
    for name in ("t.jsonl", "t.json"):
        table = read(tmp_path / name)
        assert table.frame["a"].to_list() == [1.0, 2.5]
        assert table.frame["b"].to_list() == [None, True]
        assert table.schema["on"].kind is Kind.DATETIME
        assert table.schema["on"].value_format.pattern == "%Y-%m-%d"


def test_excel_sheets(tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as book:
        for sheet, value in (("first", 1), ("second", 2)):
            book.add_worksheet(sheet).write_column(0, 0, ["n", value, value + 5])
    table = read(tmp_path / "t.xlsx")
    assert table.frame["n"].to_list() == [1, 6]
    assert "first of 2 sheets" in table.origin.notes[0]
    assert read(f"{tmp_path / 't.xlsx'}::second").frame["n"].to_list() == [2, 7]
    with pytest.raises(DataError, match="no sheet 'secon'\nhint: did you mean 'second'"):
        read(f"{tmp_path / 't.xlsx'}::secon")


def test_sqlite_tables_with_declared_types_and_key(tmp_path):
    path = tmp_path / "t.db"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE who (no INTEGER PRIMARY KEY, ok BOOLEAN, born DATE, w REAL)")
    base.execute("INSERT INTO who VALUES (1, 1, '1999-01-31', 1.5), (7, 0, NULL, 2)")
    base.commit()
    table = read(path)
    assert table.schema.key == ("no",)
    assert table.schema["no"].kind is Kind.KEY
    assert table.frame["ok"].to_list() == [True, False]
    assert table.frame["born"].dtype == pl.Date
    assert table.frame["w"].to_list() == [1.5, 2.0]
    base.execute("CREATE TABLE other (a)")
    base.commit()
    base.close()
    with pytest.raises(DataError, match="2 tables and none was named"):
        read(path)
    assert read(f"{path}::who").frame.height == 2
    with pytest.raises(DataError, match="did you mean 'who'"):
        read(f"{path}::woh")


def test_sqlite_tables_are_read_in_several_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("artesian.data.readers.sqlite.FETCH", 2)
    with sqlite3.connect(tmp_path / "t.db") as base:
        base.execute("CREATE TABLE sqlitebase (a, b, c TEXT)")
        rows = [(None, 1, None), (None, 2, None), (3, 2.5, "x"), (None, None, "y"), (4, 5, None)]
        base.executemany("INSERT INTO sqlitebase VALUES (?, ?, ?)", rows)
    base.close()
    frame = read(tmp_path / "t.db").frame
    assert frame.rows() == rows
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.String]


def test_duckdb_tables(tmp_path):
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE TABLE t AS SELECT range AS n, sum(range) OVER () AS s FROM range(3)")
    table = read(path)
    assert table.frame["s"].to_list() == [3, 3, 3]
    assert table.frame["s"].dtype == pl.Int64


def test_standard_input(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(PLAIN.encode())

    monkeypatch.setattr(sys, "stdin", Stdin())
    table = read("-")
    assert table.origin.name == "stdin"
    assert table.frame.height == 3
    Stdin.buffer = io.BytesIO(b'{"a": 1}\n{"a": 2}\n')
    assert read("-").frame["a"].to_list() == [1, 2]


def test_old_encodings_are_reported(tmp_path):
    (tmp_path / "t.csv").write_bytes("name,n\ncafé,1\nthé,2\n".encode("cp1252"))
    table = read(tmp_path / "t.csv")
    assert table.frame["name"].to_list() == ["café", "thé"]
    assert any("cp1252" in note for note in table.origin.notes)


def test_a_lone_quote_is_no_quoting(tmp_path):
    (tmp_path / "t.csv").write_text('pipe,n\n5" wide,1\n"a, b",2\n')
    assert read(tmp_path / "t.csv").frame["pipe"].to_list() == ['5" wide', "a, b"]
    (tmp_path / "u.csv").write_text('pipe,n\n5" wide,1\nnone,2\n')
    assert read(tmp_path / "u.csv").frame["pipe"].to_list() == ['5" wide', "none"]


def test_quoted_fields_may_hold_anything(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'a,b\r\n"x\r\ny, ""z""",1\r\nplain,2\r\n')
    assert read(tmp_path / "t.csv").frame["a"].to_list() == ['x\r\ny, "z"', "plain"]


def test_nameless_columns_get_a_name(tmp_path):
    (tmp_path / "t.csv").write_text(",a,\n0,x,\n1,y,\n")
    table = read(tmp_path / "t.csv")
    assert table.frame.columns == ["index", "a", "column_3"]
    assert table.schema["index"].kind is Kind.KEY


def test_one_column_one_row_and_empty_columns_work(tmp_path):
    (tmp_path / "t.csv").write_text("a\n5\n")
    assert read(tmp_path / "t.csv").frame.rows() == [(5,)]
    (tmp_path / "u.csv").write_text("a,b\n,x\n,x\n")
    inferred = explain(tmp_path / "u.csv")
    assert inferred.table.frame["a"].null_count() == 2
    assert inferred.evidence["a"].startswith("empty")
    assert inferred.evidence["b"].startswith("constant")


def test_many_columns(tmp_path):
    names = [f"measurement_{i}" for i in range(2000)]
    rows = [",".join(str((i * j) % 7) for i in range(2000)) for j in range(20)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    assert read(tmp_path / "t.csv").frame.shape == (20, 2000)


def test_adult_reads_fast_and_as_what_it_is():
    read(path("adult"))
    started = time.perf_counter()
    table = read(path("adult"))
    assert time.perf_counter() - started < 3  # a tenth of that on an idle machine
    assert table.frame.shape == (48842, 15)
    assert table.origin.name == "adult"
    kinds = {c.name: c.kind for c in table.schema}
    assert kinds["fnlwgt"] is kinds["age"] is Kind.NUMBER
    assert kinds["workclass"] is kinds["income"] is Kind.CATEGORY
    assert [c.name for c in table.schema if c.nullable] == [
        "workclass",
        "occupation",
        "native_country",
    ]
    assert [c.name for c in table.schema if c.sensitive] == ["race", "sex"]


def test_real_tables_have_the_kinds_a_person_would_say():
    credit = read(path("credit_default"))
    assert credit.schema["ID"].kind is Kind.KEY
    assert credit.schema.key == ("ID",)
    assert credit.schema["LIMIT_BAL"].kind is Kind.NUMBER
    assert credit.schema["default"].kind is Kind.NUMBER  # zeros and ones
    housing = read(path("california_housing"))
    assert housing.schema["total_rooms"].kind is Kind.NUMBER
    assert housing.schema["ocean_proximity"].kind is Kind.CATEGORY
    flights = read(path("nycflights/flights"))
    assert flights.schema["time_hour"].kind is Kind.DATETIME
    assert flights.schema["tailnum"].kind is Kind.CATEGORY
    shoppers = read(path("online_shoppers"))
    assert shoppers.schema["Revenue"].kind is Kind.BOOLEAN
    invoices = read(path("chinook/Invoice"))
    assert invoices.schema["InvoiceDate"].kind is Kind.DATETIME
    assert invoices.schema["BillingCity"].kind is Kind.CATEGORY


@pytest.mark.parametrize(("text", "value"), [("NaN", None), ("7", 7.0)])
def test_texts_of_numbers_among_numbers_of_json_lines(tmp_path, text, value):
    lines = [json.dumps({"k": f"r{n}", "a": n + 0.5}) for n in range(30)]
    (tmp_path / "t.jsonl").write_text("\n".join([*lines, json.dumps({"k": "x", "a": text})]))
    table = read(tmp_path / "t.jsonl")
    assert table.frame["a"].to_list() == [*(n + 0.5 for n in range(30)), value]
    assert any("'NaN' among its numbers" in note for note in table.origin.notes) == (text == "NaN")
