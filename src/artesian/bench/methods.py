"""What is set against each other: synthesizers of the catalog with settings, and foreign commands."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.core import fingerprint
from artesian.core.errors import UsageError
from artesian.runs.resolve import AUTO, check_method
from artesian.runs.settings import parse_method, split_list
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Synthesizer

PLACES = ("{train}", "{out}", "{rows}", "{seed}", "{target}")


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
            found += [_checked(*parse_method(text)) for text in split_list(one)]
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


def parse_externals(texts: Iterable[str]) -> dict[str, str]:
    """Split texts such as "mine=python3 make.py {train} {out}" into label and command.

    Raises:
        UsageError: A text without '=', or a label that is given more than once.
    """
    commands: dict[str, str] = {}
    for text in texts:
        label, equals, command = text.partition("=")
        if not equals:
            raise UsageError(
                f"the external method {text!r} has no '='",
                hint="write NAME='COMMAND {train} {out} {rows} {seed}'",
            )
        if label in commands:
            raise UsageError(
                f"the method {label!r} stands more than once", hint="give every method once"
            )
        commands[label] = command
    return commands


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


def _checked(name: str, settings: Mapping[str, Any]) -> Method:
    synthesizer = check_method(name, settings)
    # Of 'auto' the method is not known yet, and neither are the types of its settings.
    typed = {s: getattr(synthesizer, s, value) for s, value in settings.items()}
    shown = ", ".join(f"{s}={v if isinstance(v, str) else repr(v)}" for s, v in typed.items())
    return Method(label=f"{name}({shown})" if shown else name, name=name, settings=typed)


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
