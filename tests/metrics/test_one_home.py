"""A metric is named in its own module and in the catalog, and nowhere else in the package.

What report, verdict and benchmark know of it stands in its `Spec`, so adding one touches its file,
its catalog line and its test.
"""

import ast
import re
from pathlib import Path

import pytest

from artesian.metrics import CATALOG

PACKAGE = Path(__file__).parents[2] / "src" / "artesian"
ELSEWHERE = {
    # Eight metrics share this task; its random stream has the name of the first, so that a seed
    # gives the figures that it gave before there were others.
    "tstr": {"metrics/utility/prediction_task.py"},
}


def docstrings(tree):
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(tree):
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr):
            yield id(node.body[0].value)


def mentions(path, names):
    """Whether a string or an identifier in the module has one of `names` as a word."""
    source = path.read_text(encoding="utf-8")
    if not any(name in source for name in names):
        return False
    tree = ast.parse(source)
    skipped = set(docstrings(tree))
    word = re.compile(rf"\b(?:{'|'.join(names)})\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            text = isinstance(node.value, str) and id(node) not in skipped
            if text and word.search(node.value):
                return True
        for field in ("id", "attr", "name"):  # of a name, an attribute, an import
            if getattr(node, field, None) in names:
                return True
    return False


@pytest.mark.parametrize("name", ["ks", "tstr", "dcr_share", "membership_average", "exact_copies"])
def test_a_metric_is_named_in_its_module_and_the_catalog_alone(name):
    metric = CATALOG[name]
    own = f"{metric.__module__.removeprefix('artesian.').replace('.', '/')}.py"
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if mentions(path, (name, metric.__name__))
    }
    assert found - ELSEWHERE.get(name, set()) == {own, "metrics/__init__.py"}
