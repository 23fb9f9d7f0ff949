"""What the verbs share: their common options, and how a lone `-` gets through the parser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token

from artesian.core.errors import UsageError

DASH = "\0-"
"""Stands for `-` (standard input or output) while options are parsed: the parser takes a lone dash
for an unknown option, and no real argument can hold a zero byte."""


def _undash(_: Any, tokens: tuple[Token, ...]) -> str:
    return "-" if tokens[0].value == DASH else tokens[0].value


def positive(_: Any, value: Any) -> None:
    """Refuse numbers that are not above 0, or not finite."""
    if value is not None and not 0 < value < math.inf:
        raise ValueError("It must be more than 0 and finite.")


def share(_: Any, value: Any) -> None:
    """Refuse numbers that are not in [0, 1)."""
    if value is not None and not 0 <= value < 1:
        raise ValueError("It must be at least 0 and less than 1.")


Place = Annotated[str, Parameter(converter=_undash)]
"""A file, a table of a database (`file.db::table`), or `-`."""

Out = Annotated[str | None, Parameter(name=["--out", "-o"], converter=_undash)]
Rows = Annotated[int | None, Parameter(validator=positive)]
Share = Annotated[float, Parameter(validator=share)]
Positive = Annotated[float | None, Parameter(validator=positive)]
Several = Annotated[list[str] | None, Parameter(negative="")]
Flag = Annotated[bool, Parameter(negative="")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodOptions:
    """Options of the verbs that fit a method.

    Attributes:
        method: auto, or a name that `artesian methods` lists.
        set: A setting of the method, such as min_gain=12; `artesian methods NAME` lists them.
        temperature: Sampling temperature: below 1 sharpens the fitted distributions, above 1 flattens
            them.
        protect: Suppress rare categories and replace extreme numbers; --no-protect keeps them.
    """

    method: str = "auto"
    set: Several = None
    temperature: Positive = None
    protect: bool = True

    def settings(self) -> dict[str, Any]:
        """The settings that were given, by name."""
        from artesian.runs.settings import parse_assignments

        texts = list(self.set or ())
        texts += [] if self.temperature is None else [f"temperature={self.temperature}"]
        texts += [] if self.protect else ["protect=false"]
        return dict(parse_assignments(texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of every verb.

    Attributes:
        seed: Where the random streams start; the same seed gives the same rows.
        json: Print one JSON object on standard output, and nothing else there.
        force: Replace what stands at the place to write to.
        quiet: Show no progress and no summary.
        debug: Show the traceback of an error.
    """

    seed: int = 0
    json: Flag = False
    force: Flag = False
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")] = False
    debug: Flag = False


Fitting = Annotated[MethodOptions | None, Parameter(name="*")]
Shared = Annotated[Common | None, Parameter(name="*")]


def output_folder(out: str | None, as_json: bool, to: str | None) -> Path | None:
    """The folder that `synth` writes; None if only figures are printed.

    Raises:
        UsageError: No place for the results is given, or it cannot be a folder.
    """
    if out is None and not as_json:
        raise UsageError(
            "nothing says where the result shall go", hint="give -o FOLDER, or --json for figures"
        )
    if out == "-":
        raise UsageError(
            "a folder cannot go to standard output",
            hint="give -o FOLDER; or `artesian sample MODEL -o -` for rows",
        )
    if to is not None and out is None:
        raise UsageError("--to needs -o as well", hint="give -o FOLDER for the report and the rest")
    return None if out is None else Path(out)
