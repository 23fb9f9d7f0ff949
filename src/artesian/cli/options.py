"""What the verbs share: their common options, and how a lone `-` gets through the parser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter, Token

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
