"""Write the pages of the generated reference from what the package says is public.

The names of `artesian.__all__`, the metrics, the functions on arrays beneath them, the settings of the
synthesizers, and the conformance suites. Nothing is listed by hand, so nothing can be forgotten.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import artesian
import artesian.testing
from artesian.metrics import functions as metric_functions

FAMILIES = ("fidelity", "validity", "utility", "privacy", "diagnostics", "fairness")


def write_pages(folder: Path) -> None:
    """Write every page of the reference into `folder`; a page that is the same is left alone."""
    pages = {
        "python": _public_names(),
        "metrics": _metrics(artesian.METRICS),
        "functions": _functions(),
        "synthesizers": _synthesizers(artesian.SYNTHESIZERS),
        "testing": _suites(),
    }
    folder.mkdir(exist_ok=True)
    for name, lines in pages.items():
        path, text = folder / f"{name}.rst", "\n".join(lines) + "\n"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _public_names() -> list[str]:
    lines = _heading("The package artesian", "=")
    lines += ["Everything that ``import artesian as ar`` offers.", ""]
    functions, classes, others = [], [], []
    for name in artesian.__all__:
        value = getattr(artesian, name)
        group = functions if inspect.isfunction(value) else classes
        (group if callable(value) else others).append(name)
    lines += _heading("Functions", "-")
    for name in functions:
        lines += [f".. autofunction:: artesian.{name}", ""]
    lines += _heading("Classes", "-")
    for name in classes:
        lines += [f".. autoclass:: artesian.{name}", "   :members:", ""]
    lines += _heading("Catalogs", "-")
    for name in others:
        if isinstance(value := getattr(artesian, name), Mapping):
            listed = ", ".join(f"``{key}``" for key in value)
            lines += [f"``artesian.{name}``", f"   {listed}", ""]
    return lines


def _metrics(catalog: Mapping[str, Any]) -> list[str]:
    lines = _heading("Metrics", "=")
    lines += [
        "``artesian.METRICS`` maps the name of a metric to its class. Calling the class makes the"
    ]
    lines += [
        "metric with its settings; calling the metric with a ``Comparison`` gives a ``Result``.",
        "",
    ]
    entries = list(catalog.items())
    families = dict.fromkeys([*FAMILIES, *(make.spec.family for _, make in entries)])
    for family in families:
        members = [(name, make) for name, make in entries if make.spec.family == family]
        if not members:
            continue
        lines += _heading(family.capitalize(), "-")
        for name, make in members:
            lines += _heading(name, "^")
            lines += [f"{make.spec.title}: {_escaped(make.spec.description)}."]
            lines += [f"Source: {_escaped(make.spec.source)}.", ""]
            lines += [f".. autoclass:: {make.__module__}.{make.__qualname__}", ""]
    return lines


def _functions() -> list[str]:
    lines = _heading("Metric functions", "=")
    lines += ["The formulas under the metrics, on numpy arrays, without tables or a holdout::", ""]
    lines += ["   from artesian.metrics.functions import ks_distance", ""]
    for name in metric_functions.__all__:
        lines += [f".. autofunction:: artesian.metrics.functions.{name}", ""]
    return lines


def _synthesizers(catalog: Mapping[str, Any]) -> list[str]:
    lines = _heading("Synthesizers", "=")
    lines += [
        "``artesian.SYNTHESIZERS`` maps the name of a method to its settings. A settings object"
    ]
    lines += ["fits a table and gives a model.", ""]
    for name, make in catalog.items():
        lines += _heading(name, "-")
        text = _escaped(make.capabilities.description)
        lines += [f"{text[:1].upper()}{text[1:]}."]
        lines += [f"Source: {_escaped(make.capabilities.source)}.", ""]
        lines += [f".. autoclass:: {make.__module__}.{make.__qualname__}", "   :members: fit", ""]
    return lines


def _suites() -> list[str]:
    lines = _heading("Conformance suites", "=")
    lines += [
        "The package ``artesian.testing``: what every synthesizer and every metric is held to.",
        "",
    ]
    for name in artesian.testing.__all__:
        value = getattr(artesian.testing, name)
        if inspect.isfunction(value):
            lines += [f".. autofunction:: artesian.testing.{name}", ""]
        elif inspect.isclass(value):
            lines += [f".. autoclass:: artesian.testing.{name}", "   :members:", ""]
    return lines


def _heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]


def _escaped(text: str) -> str:
    for mark in ("*", "|", "_"):
        text = text.replace(mark, "\\" + mark)
    return text
