"""Adding a synthesizer takes three touches: its file, its line in the catalog, its test.

Counted on a method that exists: the places of the code that name it. Docstrings may name methods as
examples; what else names one is listed here with its reason.
"""

import ast
from pathlib import Path

import pytest

import artesian
from artesian.synthesizers import CATALOG

PACKAGE = Path(artesian.__file__).parent

REASONS = {
    "synthesizers/__init__.py": "the catalog",
    "__init__.py": "the public class, for methods that have one",
    "estimators.py": "the public class, for methods that have one",
    "synthesizers/selection.py": "the choice between the default methods",
    "pipeline/bench.py": "the default methods of a benchmark",
    "bench/methods.py": "an example in a hint",
    "runs/settings.py": "an example in a hint",
}

WORDS = {
    "augmentation/filters.py": "a classifier, which is of boosted trees",
    "augmentation/generate.py": "examples in a hint",
    "augmentation/learners.py": "a classifier, which is of boosted trees",
    "augmentation/study.py": "SMOTE is one of the cheap treatments",
    "cli/show_collapse.py": "the bootstrap is the control of a stress test",
    "collapse/__init__.py": "the laboratory of that name",
    "collapse/labs/vae.py": "the laboratory of that name",
    "collapse/stress/related.py": "the method of related tables",
    "pipeline/related.py": "the method of related tables",
    "pipeline/stress.py": "the method of related tables",
    "report/stress.py": "the bootstrap is the control of a stress test",
    "synthesizers/copulas/completion.py": "missing values by that method",
    "synthesizers/forests/forest_flow.py": "its trees are boosted",
    "synthesizers/forests/tree_ensembles.py": "its trees are boosted",
    "synthesizers/mixtures/completion.py": "missing values by that method",
    "synthesizers/relational/relational_trees.py": "the description of its own method",
    "synthesizers/relational/table_method.py": "examples in a hint",
}
"""Places where the name is a word of the field, or of a part of its own."""

SEQUENTIAL = "synthesizers/sequential/"


def constants(tree):
    """String constants that are not docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def names_method(tree, name):
    """Whether code imports the method's module or class, or has its name in a string."""
    class_name = CATALOG[name].__name__
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module, imported = node.module or "", {alias.name for alias in node.names}
            if "synthesizers" in module and (module.endswith(f".{name}") or name in imported):
                return True
        if isinstance(node, ast.Name) and node.id == class_name:
            return True
    words = {
        w for text in constants(tree) for w in text.replace(",", " ").replace("(", " ").split()
    }
    return bool(words & {name, class_name})


def places(name):
    own = CATALOG[name].__module__.removeprefix("artesian.").replace(".", "/") + ".py"
    found = set()
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        # Metrics and forecasts know no synthesizer: the layers forbid it.
        if place.startswith(("metrics/", "forecasting/")) or place == own:
            continue
        source = path.read_text(encoding="utf-8")
        mentioned = name in source or CATALOG[name].__name__ in source
        if mentioned and names_method(ast.parse(source), name):
            found.add(place)
    return found


def test_a_method_is_named_in_its_file_and_in_the_catalog():
    """`marginals` has a public class and belongs to the default benchmark; nothing else names it."""
    assert places("marginals") == set(REASONS) - {"synthesizers/selection.py", "runs/settings.py"}


@pytest.mark.parametrize("name", list(CATALOG))
def test_nothing_else_names_a_method(name):
    others = {place for place in places(name) if not place.startswith(SEQUENTIAL)}
    assert others <= set(REASONS) | set(WORDS)
