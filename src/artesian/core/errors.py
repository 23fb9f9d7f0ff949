"""All errors that Artesian raises on purpose: the problem, then a hint how to solve it.

* ArtesianError     catch this to catch all of them         exit code 1
  + DataError       the data cannot be used as given
  + SchemaError     schema and data, or two schemas, disagree
  + ConditionError  a condition (`where`) cannot be met
  + ModelFileError  a saved model is altered, truncated or foreign
  + OutputError     the result cannot be written
  + Unsupported     this method cannot do that
  + MissingExtra    an optional dependency is not installed
  + UsageError      the call itself is wrong                exit code 2
  + PolicyRefused   a policy or a budget forbids the step   exit code 3
  + Cancelled       the caller stopped the run              exit code 130
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import ClassVar


class ArtesianError(Exception):
    """Base class of all errors raised on purpose.

    Attributes:
        problem: What is wrong, with names and values; one line.
        hint: What to do about it; one line, may be empty.
        exit_code: What the command line returns for it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, hint: str = "") -> None:
        self.problem, self.hint = _clipped(problem), _clipped(hint)
        super().__init__(f"{self.problem}\nhint: {self.hint}" if hint else self.problem)


MAX_CHARACTERS = 2_000
"""Number of characters of a problem or a hint; a text of a file in it may be megabytes."""


SECRETS = (
    (re.compile(r"(://[^\s/:@'\"]*):[^\s]*@"), r"\1:***@"),
    (
        re.compile(r"([?&][^\s=&]*(?:pass|pwd|secret|token)[^\s=&]*=)[^\s&'\"]+", re.IGNORECASE),
        r"\1***",
    ),
)
"""Where a URL has a password, and what is shown of it."""


def without_passwords(text: str) -> str:
    """The text, without the passwords of URLs in it.

    >>> without_passwords("postgresql://ann:secret@host/shop")
    'postgresql://ann:***@host/shop'
    """
    if "://" in text:
        for pattern, shown in SECRETS:
            text = pattern.sub(shown, text)
    return text


def _clipped(text: str) -> str:
    text = without_passwords(text)
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}..."


class DataError(ArtesianError, ValueError):
    """The data cannot be used as given."""


class SchemaError(ArtesianError, ValueError):
    """The schema and the data, or two schemas, disagree."""


class ConditionError(ArtesianError, ValueError):
    """A condition names something the model cannot give."""


class ModelFileError(ArtesianError, ValueError):
    """A saved model is altered, truncated, or of another format."""


class OutputError(ArtesianError, OSError):
    """The result cannot be written to its destination."""


class Unsupported(ArtesianError, ValueError):
    """This method cannot do what was asked; the hint names one that can."""


class MissingExtra(ArtesianError, ImportError):
    """An optional dependency is not installed; the hint is the install line."""


class UsageError(ArtesianError, ValueError):
    """The call itself is wrong."""

    exit_code: ClassVar[int] = 2


class PolicyRefused(ArtesianError):
    """A policy or a privacy budget forbids the step."""

    exit_code: ClassVar[int] = 3


class Cancelled(ArtesianError):
    """The caller stopped the run."""

    exit_code: ClassVar[int] = 130


def did_you_mean(name: str, available: Iterable[str], *, shown: int = 12) -> str:
    """A hint for a name that was not found.

    >>> did_you_mean("ag", ["age", "sex"])
    "did you mean 'age'?"
    """
    names = list(available)
    if len(name) > MAX_CHARACTERS:  # comparing it would take long
        name = ""
    close = difflib.get_close_matches(name, names, n=1) or [
        n for n in names if n.lower() == name.lower()
    ]
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(repr(n) for n in names[:shown])
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"there are: {listed}{more}" if names else "there are none"
