"""Everything that is written to standard output and standard error goes through here.

Names of columns, files and options come from strangers' files. Characters that control a terminal
(escape sequences, C1 codes, marks that reverse the direction of text) are shown as escapes, so they
have no effect.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from artesian.core.errors import OutputError
from artesian.core.system_errors import hint_for, reason_of

CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"
    "\ud800-\udfff]"
)
"""C0 and C1 codes, line separators, direction marks, tags, and bytes that are not UTF-8."""


def visible(text: str) -> str:
    r"""Show `text` on one line without effect on a terminal.

    >>> visible("red\x1b[31m")
    'red\\x1b[31m'
    """
    return CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def write_line(line: str) -> None:
    """Write a line of the result to standard output.

    Raises:
        OutputError: Standard output is closed or cannot be written.
        BrokenPipeError: Its reader has ended.
    """
    write_rendered(visible(line))


def write_rendered(text: str) -> None:
    """Write text whose control characters are our own, such as colours of a table."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as problem:
        discard_output()
        reason = reason_of(problem) if isinstance(problem, OSError) else str(problem)
        hint = hint_for(problem) if isinstance(problem, OSError) else "redirect it to a file"
        raise OutputError(f"cannot write to standard output: {reason}", hint=hint) from problem


def write_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object to standard output; values of other types are converted to text."""
    text = json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    # Such characters are only within texts of JSON, where they may be escaped.
    text = CONTROLS.sub(lambda match: json.dumps(match[0])[1:-1], text)
    text = text.replace("\x7f", "\\u007f")
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, default=str, allow_nan=False)
    write_rendered(text)


def write_error(line: str) -> None:
    """Write a line to standard error; one that cannot be written is lost."""
    with contextlib.suppress(OSError, ValueError):
        print(visible(line), file=sys.stderr, flush=True)


def prepare() -> None:
    """Make standard streams usable: those that are closed, and those that cannot encode a name."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # An output file must not get this number, or what is printed would go into it.
            closed = os.open(os.devnull, os.O_WRONLY if number != 1 else os.O_RDONLY)
            if closed != number:
                os.dup2(closed, number)
                os.close(closed)
            if number:
                setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    warnings.showwarning = _show_warning
    # What libraries log of their own work is no message to the user; without any handler it is printed.
    logging.getLogger().addHandler(logging.NullHandler())


def discard_output() -> None:
    """Let everything that is still to be written to standard output go nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)


def flush() -> None:
    """Flush standard output.

    Raises:
        OutputError: It cannot be written.
        BrokenPipeError: Its reader has ended.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as problem:
        discard_output()
        raise OutputError(
            f"cannot write to standard output: {reason_of(problem)}", hint=hint_for(problem)
        ) from problem


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    write_error(f"warning: {category.__name__}: {message}")
