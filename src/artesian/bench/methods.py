"""What is set against each other: synthesizers of the catalog with settings, and foreign commands."""

from __future__ import annotations

import ast
import dataclasses
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.core import fingerprint
from artesian.core.errors import UsageError, did_you_mean
from artesian.runs.resolve import AUTO
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Synthesizer

PLACES = ("{train}", "{out}", "{rows}", "{seed}", "{target}")
_WORDS = {"true": True, "false": False, "none": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A contender.

    Attributes:
        label: How tables and charts call it.
        name: Its name in the catalog, 'auto', or '' for a command.
        settings: Those that were given; the others keep their defaults.
        command: The words of a command, with files as absolute paths.
    """

    label: str
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    def decides(self) -> dict[str, Any]:
        """All that its rows depend on: every setting, or the command and the files it names."""
        if self.command:
            files = {w: fingerprint.of_file(Path(w)) for w in self.command if Path(w).is_file()}
            return {"command": list(self.command), "files": files}
        if self.name == AUTO:
            return {"name": AUTO, "settings": dict(self.settings)}
        return {"name": self.name, "settings": dataclasses.asdict(self.make())}

    def make(self) -> Any:
        """The synthesizer with its settings; refuses what it cannot be."""
        return CATALOG[self.name](**self.settings)


def methods(
    given: Iterable[str | Synthesizer], externals: Mapping[str, str] | None = None
) -> tuple[Method, ...]:
    """The contenders, each under a label of its own.

    Args:
        given: Texts as `trees` or `trees(min_leaf=50)`, several with commas between them, or
            synthesizers of the catalog.
        externals: Label -> command, with the words {train} and {out} in it.

    Raises:
        UsageError: there is no such method or setting, a label stands twice, or a command does not
            say where its files go.

    >>> [method.label for method in methods(["trees(min_leaf=50), marginals"])]
    ['trees(min_leaf=50)', 'marginals']
    """
    found = []
    for one in given:
        if isinstance(one, str):
            found += [_parsed(text) for text in parts(one)]
        else:
            found.append(_of_object(one))
    found += [_external(label, command) for label, command in (externals or {}).items()]
    if not found:
        raise UsageError("there is no method to run", hint="give --methods trees,marginals")
    labels = [method.label for method in found]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(
                f"the method {label!r} stands more than once", hint="give every method once"
            )
    return tuple(found)


def parts(text: str) -> list[str]:
    """What stands between commas, except those in brackets.

    >>> parts("trees(min_leaf=5, rounds=0), boosted")
    ['trees(min_leaf=5, rounds=0)', 'boosted']
    """
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [one for part in found if (one := part.strip())]


def _parsed(text: str) -> Method:
    name, bracket, rest = text.partition("(")
    name = name.strip()
    if not bracket:
        return _checked(name, {})
    wrong = UsageError(
        f"cannot read the method {text!r}", hint="write NAME(setting=value), as trees(min_leaf=50)"
    )
    try:
        call = ast.parse(f"_({rest}", mode="eval").body
    except SyntaxError:
        raise wrong from None
    if not isinstance(call, ast.Call) or call.args or isinstance(call.func, ast.Call):
        raise wrong
    settings = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise wrong
        if isinstance(keyword.value, ast.Name):  # true, as TOML and JSON have it, or a bare word
            word = keyword.value.id
            settings[keyword.arg] = _WORDS.get(word, word)
            continue
        try:
            settings[keyword.arg] = ast.literal_eval(keyword.value)
        except ValueError:
            raise wrong from None
    return _checked(name, settings)


def _of_object(synthesizer: Synthesizer) -> Method:
    made: Any = synthesizer
    name = made.capabilities.name
    # Of the front door there are subclasses, which differ in what their `fit` takes.
    ours = type(made).__module__.partition(".")[0] == __name__.partition(".")[0]
    if name not in CATALOG or not ours:
        raise UsageError(
            f"{type(made).__name__} is not in the catalog of synthesizers",
            hint="run it as an external command: it reads CSV and writes CSV",
        )
    fields = dataclasses.fields(made)
    values = {f.name: getattr(made, f.name) for f in fields}
    return _checked(name, {f.name: values[f.name] for f in fields if values[f.name] != f.default})


def _checked(name: str, settings: dict[str, Any]) -> Method:
    if name not in CATALOG and name != AUTO:
        raise UsageError(f"there is no method {name!r}", hint=did_you_mean(name, [*CATALOG, AUTO]))
    known = [] if name == AUTO else [f.name for f in dataclasses.fields(CATALOG[name])]
    for setting in settings:
        if setting not in known:
            raise UsageError(
                f"the method {name!r} has no setting {setting!r}",
                hint=did_you_mean(setting, known),
            )
    said = ", ".join(f"{setting}={value!r}" for setting, value in settings.items())
    method = Method(label=f"{name}({said})" if said else name, name=name, settings=settings)
    if name != AUTO:
        method.make()
    return method


def _external(label: str, command: str) -> Method:
    if not label.strip() or label in CATALOG or label == AUTO:
        raise UsageError(
            f"an external method cannot be called {label!r}", hint="give it a name of its own"
        )
    try:
        words = shlex.split(command)
    except ValueError as problem:
        raise UsageError(
            f"cannot read the command of {label!r}: {problem}", hint="close every quote"
        ) from None
    for place in PLACES[:2]:
        if not any(place in word for word in words):
            raise UsageError(
                f"the command of {label!r} has no {place}",
                hint="write the command as 'python make.py {train} {out} {rows} {seed}'",
            )
    # It runs in a folder of its own, where paths relative to this one lead nowhere.
    kept = [
        str(Path(word).absolute()) if (i or "/" in word) and Path(word).is_file() else word
        for i, word in enumerate(words)
    ]
    return Method(label=label, command=tuple(kept))
