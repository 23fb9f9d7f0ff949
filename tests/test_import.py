"""`import artesian` is fast, brings nothing heavy, and every name it offers is there."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import artesian

HEAVY = ("scipy", "sklearn", "numba", "torch", "pandas", "altair", "duckdb", "faker", "lightgbm")
ROOT = Path(__file__).parents[1]


def in_new_process(code: str) -> str:
    ended = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    return ended.stdout


def test_import_is_fast_and_light() -> None:
    code = (
        "import time, sys; start = time.process_time(); import artesian; "
        "spent = time.process_time() - start; "
        f"print(spent, *[m for m in {HEAVY} if m in sys.modules])"
    )
    # Processor time, the best of a few: other work on the machine shall not decide.
    told = [in_new_process(code).split() for _ in range(3)]
    assert min(float(line[0]) for line in told) < 0.3
    assert [line[1:] for line in told] == [[], [], []]


def test_the_front_door_brings_nothing_heavy_either() -> None:
    code = (
        "import sys, artesian; [getattr(artesian, name) for name in artesian.__all__]; "
        f"print(*[m for m in {HEAVY} if m in sys.modules])"
    )
    assert in_new_process(code).split() == []


@pytest.mark.parametrize("name", artesian.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(artesian, name) is not None
    assert name in dir(artesian)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="snyth"):
        artesian.snyth  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert artesian.__version__ == project["version"]


def test_the_types_are_published() -> None:
    assert (Path(artesian.__file__).parent / "py.typed").is_file()
