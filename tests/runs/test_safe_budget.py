"""The safe budget: round trip, published schema, and files that lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import DataError
from artesian.runs.safe_budget import MAX_BYTES, SAFE_BUDGET, SafeBudget, read_safe_budget

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "safe-budget.schema.json").read_text(encoding="utf-8")
)
BUDGET = SafeBudget(
    generations=10,
    real_proportion=0.7,
    generations_without_real=2,
    level=0.9,
    generator="trees",
    rows=2000,
    tested_generations=10,
    replicates=5,
)


def write(path: Path, value: Any) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_a_budget_is_read_as_written_from_file_and_folder(tmp_path: Path) -> None:
    written = BUDGET.to_dict()
    jsonschema.validate(written, SCHEMA)
    file = write(tmp_path / SAFE_BUDGET, written)
    assert read_safe_budget(file) == read_safe_budget(tmp_path) == BUDGET
    assert BUDGET.synthetic_proportion == pytest.approx(0.3)
    assert "at most 10 generations with at least 70 % real rows" in BUDGET.sentence
    nothing = {**written, "generations": 0, "real_proportion": 1}
    assert read_safe_budget(write(tmp_path / "n.json", nothing)).synthetic_proportion == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "other"}, "kind"),
        ({"format": 2}, "format"),
        ({"generations": -1}, "generations is -1"),
        ({"generations": True}, "generations is True"),
        ({"generations": 11}, "more generations than were tested"),
        ({"generations_without_real": 11}, "more than were tested"),
        ({"real_proportion": 1.5}, "real_proportion is 1.5"),
        ({"real_proportion": "0.7"}, "real_proportion is '0.7'"),
        ({"real_proportion": None}, "real_proportion"),
        ({"level": 0}, "level is 0"),
        ({"generator": "\x1b[31m"}, "cannot be printed"),
        ({"generator": "x" * 1000}, "long"),
        ({"rows": 10**13}, "rows"),
        ({"more": 1}, "'more' as well"),
    ],
)
def test_impossible_values_are_refused(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError, match="not a safe budget") as caught:
        read_safe_budget(write(tmp_path / "b.json", BUDGET.to_dict() | change))
    assert problem in caught.value.problem
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1e999",
        "[" * 100_000,
        json.dumps(BUDGET.to_dict()).replace("0.7", "NaN"),
        json.dumps(BUDGET.to_dict()).replace('"kind"', '"generations": 3, "kind"'),
        json.dumps(BUDGET.to_dict()) + " " * MAX_BYTES,
        json.dumps(BUDGET.to_dict()).replace("0.7", "1" * 5000),
    ],
    ids=["empty", "list", "number", "deep", "nan", "duplicate", "large", "digits"],
)
def test_text_that_is_no_budget_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="not a safe budget"):
        read_safe_budget(write(tmp_path / "b.json", text))


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_safe_budget(tmp_path)
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(DataError, match="not a safe budget"):
        read_safe_budget(tmp_path / "b.json")


@given(
    name=st.sampled_from(sorted(BUDGET.to_dict())),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    ),
)
def test_a_budget_that_is_read_fits_the_schema(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: Any
) -> None:
    content = BUDGET.to_dict() | {name: value}
    file = write(tmp_path_factory.getbasetemp() / "any.json", content)
    try:
        budget = read_safe_budget(file)
    except DataError:
        return
    jsonschema.validate(budget.to_dict(), SCHEMA)
    jsonschema.validate(content, SCHEMA)
