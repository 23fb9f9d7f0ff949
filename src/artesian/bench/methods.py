"""The methods of a benchmark: synthesizers of the catalog with settings, and external commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artesian.core import fingerprint
from artesian.core.errors import UsageError
from artesian.runs.external import parse_command
from artesian.runs.resolve import AUTO, check_method
from artesian.runs.settings import parse_method, split_list
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Synthesizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of a benchmark.

    Attributes:
        label: Its name in tables and charts.
        name: Its name in the catalog, 'auto', or '' for a command.
        settings: Settings that were given; the others have their defaults.
        command: The arguments of a command, with files as absolute paths.
    """

    label: str
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything that determines its rows: every setting, or the command and its files."""
        if self.command:
            files = {w: fingerprint.hash_file(Path(w)) for w in self.command if Path(w).is_file()}
            return {"command": list(self.command), "files": files}
        if self.name == AUTO:
            return {"name": AUTO, "settings": dict(self.settings)}
        return {"name": self.name, "settings": dataclasses.asdict(self.make())}

    def make(self) -> Any:
        """Create the synthesizer with its settings."""
        return CATALOG[self.name](**self.settings)


def methods(
    given: Iterable[str | Synthesizer], externals: Mapping[str, str] | None = None
) -> tuple[Method, ...]:
    """Parse the methods, each with a unique label.

    Args:
        given: Texts such as `trees` or `trees(min_leaf=50)`, separated by commas, or synthesizers of
            the catalog.
        externals: Commands by label, with the placeholders {train} and {out}.

    Raises:
        UsageError: A method or setting does not exist, a label is repeated, or a command lacks a
            placeholder.

    >>> [method.label for method in methods(["trees(min_leaf=50), marginals"])]
    ['trees(min_leaf=50)', 'marginals']
    """
    parsed = []
    for one in given:
        if isinstance(one, str):
            parsed += [_checked(*parse_method(text)) for text in split_list(one)]
        else:
            parsed.append(_from_object(one))
    parsed += [_external(label, command) for label, command in (externals or {}).items()]
    if not parsed:
        raise UsageError("there is no method to run", hint="give --methods trees,marginals")
    labels = [method.label for method in parsed]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(
                f"the method {label!r} is given more than once", hint="give every method once"
            )
    return tuple(parsed)


def parse_externals(texts: Iterable[str]) -> dict[str, str]:
    """Split texts such as "tool=python3 make.py {train} {out}" into label and command.

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
                f"the method {label!r} is given more than once", hint="give every method once"
            )
        commands[label] = command
    return commands


def _from_object(given: Synthesizer) -> Method:
    synthesizer: Any = given
    name = synthesizer.capabilities.name
    # The public API has subclasses, which differ in what their `fit` takes.
    internal = type(synthesizer).__module__.partition(".")[0] == __name__.partition(".")[0]
    if name not in CATALOG or not internal:
        raise UsageError(
            f"{type(synthesizer).__name__} is not in the catalog of synthesizers",
            hint="run it as an external command that reads CSV and writes CSV",
        )
    fields = dataclasses.fields(synthesizer)
    values = {f.name: getattr(synthesizer, f.name) for f in fields}
    return _checked(name, {f.name: values[f.name] for f in fields if values[f.name] != f.default})


def _checked(name: str, settings: Mapping[str, Any]) -> Method:
    synthesizer = check_method(name, settings)
    # 'auto' selects a method for each source, so its settings stay text until then.
    typed = {s: getattr(synthesizer, s, value) for s, value in settings.items()}
    shown = ", ".join(f"{s}={v if isinstance(v, str) else repr(v)}" for s, v in typed.items())
    return Method(label=f"{name}({shown})" if shown else name, name=name, settings=typed)


def _external(label: str, command: str) -> Method:
    if not label.strip() or label in CATALOG or label == AUTO:
        raise UsageError(
            f"an external method cannot be named {label!r}", hint="give it a name of its own"
        )
    return Method(label=label, command=parse_command(command, label))
