"""Any column may have any name, also one that the code uses for columns of its own."""

import ast
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.write import writer

ROWS = 120
CASES = Path(__file__).parents[1] / "data_sets" / "cases"
SOURCE = Path(ar.__file__).parent

METHODS = {
    *("alias", "col", "with_row_index", "rename", "get_column", "to_frame", "sort", "group_by"),
    *("over", "join", "select", "field", "value_counts", "Series", "DataFrame", "with_columns"),
    "agg",
}
"""Methods of polars whose arguments name columns."""

OTHERS = [
    *("count", "value", "index", "code", "len", "row_nr", "row_index", "literal", "__index__"),
    *("counts", "n", "proportion", "column_0", "column", "field_0", "values", "name", "schema"),
    *("", " ", "*", "^.*$", "a.b", "a,b", 'a"b', "None", "0", "-1", "self", "True", "ümlaut", "值"),
]


def names_in(call):
    """The names of columns among the arguments of a call."""
    method = call.func.attr
    if method in ("with_columns", "select", "agg"):
        yield from (keyword.arg for keyword in call.keywords)
    parts = [*call.args, *(keyword.value for keyword in call.keywords)]
    for part in parts if method not in ("Series",) else parts[:1]:
        lists = part.elts if isinstance(part, ast.List | ast.Tuple) else [part]
        lists = part.keys if isinstance(part, ast.Dict) else lists
        for each in lists:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value


def names_in_code():
    found = set()
    for path in SOURCE.rglob("*.py"):
        if {"testing", "forecasting", "bench"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if called and node.func.attr in METHODS:
                # No file format has names with a null character.
                found |= {name for name in names_in(node) if name and "\0" not in name}
    return sorted(found)


def columns(rng):
    """Values of every kind, one column each."""
    firsts = ["Anna", "Bert", "Carla", "Dora", "Emil", "Frida"]
    number = rng.normal(size=ROWS).round(2)
    return [
        rng.choice(["north", "south", "east"], ROWS).tolist(),
        number.tolist(),
        rng.integers(0, 5, ROWS).tolist(),
        [f"{firsts[i % 6]} {chr(65 + i % 26)}oberts{i}" for i in range(ROWS)],
        [f"K-{i:05}" for i in rng.permutation(ROWS)],
        [None if i % 9 == 0 else f"some words {i} of {i * 7}" for i in range(ROWS)],
        rng.choice([True, False], ROWS).tolist(),
        [f"2024-0{1 + i % 9}-1{i % 10}" for i in range(ROWS)],
        [f"u{i}@mail.example" for i in range(ROWS)],
    ]


NAMES = sorted({*OTHERS, *names_in_code()})


def frame_of_all(shift):
    kinds = columns(np.random.default_rng(shift))
    return pl.DataFrame({name: kinds[(at + shift) % len(kinds)] for at, name in enumerate(NAMES)})


def test_the_names_are_found():
    assert {"count", "value", "code", "row", "parent_row", "rows", "time"} <= set(names_in_code())


SHIFTS = [pytest.param(n, marks=[] if n in (0, 4, 7) else [pytest.mark.slow]) for n in range(9)]


@pytest.mark.parametrize("shift", SHIFTS)
def test_every_name_with_every_kind(shift):
    frame = frame_of_all(shift)
    made = ar.synth(frame, method="marginals", metrics=["validity", "tv"])
    assert made.data.schema == frame.schema


def test_every_name_with_all_quick_metrics_and_the_report(tmp_path):
    frame = frame_of_all(0)
    made = ar.synth(frame, method="marginals", metrics=["quick"], out=tmp_path / "out")
    assert made.data.columns == frame.columns
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize("method", ["trees", "boosted"])
@pytest.mark.parametrize("name", ["count", "value", "index", "literal"])
def test_the_sequential_methods(method, name):
    rng = np.random.default_rng(1)
    word = rng.choice(["some", "few", "many"], 300)
    frame = pl.DataFrame({name: word, "x": rng.normal(size=300) + (word == "few") * 9})
    made = ar.synth(frame, method=method, metrics=["tv"], where=[f"{name}=few"])
    assert set(made.data[name]) == {"few"}
    assert made.data["x"].mean() > 5


def test_the_case(tmp_path):
    made = ar.synth(CASES / "B14_column_named_count.csv", out=tmp_path / "out")
    assert set(made.data["count"]) <= {"some", "few", "many", "(rare)"}
    assert ar.read(tmp_path / "out/data/B14_column_named_count.csv").schema.names == ("count", "x")


@pytest.mark.parametrize(
    "suffix",
    [
        *("csv", "xlsx", "db"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("jsonl", "parquet")),
    ],
)
def test_every_format(suffix, tmp_path):
    """Names that differ only in case, or are empty, are refused by databases and renamed by CSV."""
    names = [name for name in NAMES if name.strip() and name.lower() not in ("true", "none")]
    frame = frame_of_all(2)[names]
    table = ar.read(frame)
    with writer(tmp_path / f"all.{suffix}", table.origin) as out:
        out.write(table)
    source = tmp_path / f"all.{suffix}"
    again = ar.synth(source, method="marginals", metrics=["validity"], out=tmp_path / "out")
    assert again.data.columns == names
    (written,) = (tmp_path / "out" / "data").iterdir()
    assert list(ar.read(written).schema.names) == names


@pytest.mark.parametrize("make", ["pandas", "arrow", "duckdb"])
def test_every_library(make):
    frame = frame_of_all(3)[[name for name in NAMES if name.strip()]]
    if make == "pandas":
        source = frame.to_pandas()
    elif make == "arrow":
        source = frame.to_arrow()
    else:
        duckdb = pytest.importorskip("duckdb")
        # DuckDB ignores case, and refuses no other name.
        source = duckdb.from_arrow(frame.to_arrow())
    made = ar.synth(source, method="marginals", metrics=["validity"])
    names = made.data.column_names if make == "arrow" else list(made.data.columns)
    assert names == frame.columns
