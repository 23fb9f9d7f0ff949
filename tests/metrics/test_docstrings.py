"""The examples in the docstrings of the metrics do what they say."""

import doctest
import importlib
import pkgutil

import artesian.metrics


def test_examples_in_docstrings():
    names = [m.name for m in pkgutil.walk_packages(artesian.metrics.__path__, "artesian.metrics.")]
    outcomes = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert not {name for name, outcome in outcomes.items() if outcome.failed}
    assert sum(outcome.attempted for outcome in outcomes.values()) > 40
