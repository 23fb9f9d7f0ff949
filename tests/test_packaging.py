"""The extras of the package: what the code names is declared, and the development group has it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
DEV: list[str] = PROJECT["dependency-groups"]["dev"]
BASE: list[str] = PROJECT["project"]["dependencies"]
LARGE = {"bayes", "deep", "lm", "ray"}
"""Too large for everybody who works on Artesian."""

NAMED = re.compile(r"""require\(\s*"([\w.]+)",\s*extra="(\w+)\"""")


def package(need: str) -> str:
    return re.split(r"[^\w.-]", need, maxsplit=1)[0].lower()


def test_every_extra_that_the_code_names_brings_its_module() -> None:
    named = {
        pair
        for path in (ROOT / "src").rglob("*.py")
        for pair in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    assert {extra for _, extra in named} >= {"excel", "duckdb", "ray"}
    for module, extra in named:
        assert module.partition(".")[0] in map(package, EXTRAS[extra])


def test_all_means_all() -> None:
    (need,) = EXTRAS["all"]
    assert need == f"artesian[{','.join(sorted(set(EXTRAS) - {'all'}))}]"


@pytest.mark.parametrize("extra", sorted(set(EXTRAS) - {"all"}))
def test_extras_are_not_part_of_the_base_and_small_ones_are_part_of_dev(extra: str) -> None:
    for need in EXTRAS[extra]:
        assert package(need) not in map(package, BASE)
        assert (need in DEV) == (extra not in LARGE)
