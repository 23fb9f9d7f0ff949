"""The catalog of formats: what is unique in it, and what a new format needs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import artesian
from artesian.core.catalog import load
from artesian.core.errors import OutputError
from artesian.data import formats
from artesian.data.formats import FORMATS, Format
from artesian.data.read import read
from artesian.data.schema import Kind
from artesian.data.write import data_file_name, writer

FIXED = Format(
    name="fixed",
    title="fixed width",
    suffixes=("fwf", "fixed"),
    written_suffixes=("fwf",),
    magic=((0, b"#FIXED"),),
    reader="tests.data.fixed_width:read_fixed_width",
    writer="tests.data.fixed_width:open_fixed_width",
)


def test_every_entry_can_be_used_and_suffixes_are_unique():
    counts = Counter(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
    assert max(counts.values()) == 1
    for name, entry in FORMATS.items():
        assert entry.name == name
        assert set(entry.written_suffixes) | set(entry.ambiguous_suffixes) <= set(entry.suffixes)
        assert bool(entry.magic) != entry.text
        places = (entry.reader, entry.writer, entry.dataset_reader, entry.dataset_writer)
        assert all(callable(load(place)) for place in places if place)


def test_a_new_format_is_one_entry_and_its_functions(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "fixed", FIXED)
    (tmp_path / "t.csv").write_text("name,age,score\nann,31,1.5\nbob,,2.5\n")
    table = read(tmp_path / "t.csv")
    with writer(tmp_path / "t.fwf", table.origin) as out:
        out.write(table)
    (tmp_path / "unknown.suffix").write_bytes((tmp_path / "t.fwf").read_bytes())
    for name in ("t.fwf", "unknown.suffix"):
        copy = read(tmp_path / name)
        assert copy.frame.equals(table.frame)
        assert copy.schema["age"].kind is Kind.NUMBER
        assert copy.origin.format == "fixed"
        assert data_file_name(copy.origin).endswith(".fwf")
    with pytest.raises(OutputError, match=r"not written as \.fixed\nhint: name it \.fwf"):
        write(tmp_path / "t.fixed", table)
    assert formats.titles().endswith("DuckDB or fixed width")


def write(path, table):
    with writer(path, table.origin) as out:
        out.write(table)


def test_a_format_is_named_in_its_entry_and_its_functions_only():
    root = Path(artesian.__file__).parent
    named = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search("feather", path.read_text(encoding="utf-8"), re.IGNORECASE)
    }
    # The help of the command line shows some formats as examples.
    inside = {name for name in named if not name.startswith("cli/")}
    assert inside == {"data/formats.py", "data/readers/columnar.py", "data/writers/columnar.py"}


def test_a_format_is_detected_by_suffix_magic_or_first_character():
    assert FORMATS["parquet"].suffix == ".parquet"
    assert formats.by_suffix("nothing") is None
    assert formats.by_magic(b"????????DUCK") is FORMATS["duckdb"]
    assert formats.by_first_character(b'\xef\xbb\xbf [{"a": 1}]') is FORMATS["jsonl"]
    assert formats.by_first_character(b"a,b\n") is FORMATS["csv"]
