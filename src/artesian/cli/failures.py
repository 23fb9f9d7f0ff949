"""Show an exception as two lines (or one JSON object), with a documented exit code."""

from __future__ import annotations

import contextlib

from cyclopts.exceptions import CycloptsError, UnknownOptionError, UnusedCliTokensError

from artesian.cli import signals, terminal
from artesian.core.errors import ArtesianError, Cancelled, UsageError, did_you_mean
from artesian.core.system_errors import hint_for, reason_of


def as_artesian(problem: BaseException) -> ArtesianError:
    """The error to show for any exception that reached the command line."""
    if isinstance(problem, Cancelled):
        return problem
    # A library that a signal interrupts may raise anything, such as a panic.
    if isinstance(problem, KeyboardInterrupt) or signals.exit_code() is not None:
        return Cancelled("interrupted", hint="no incomplete output was left")
    if isinstance(problem, ArtesianError):
        return problem
    if isinstance(problem, CycloptsError):
        return _usage(problem)
    if isinstance(problem, MemoryError):
        return ArtesianError(
            "there is not enough memory",
            hint="use fewer rows or columns, or a machine with more memory",
        )
    if isinstance(problem, OSError):
        named = f"{problem.filename}: " if isinstance(problem.filename, str) else ""
        return ArtesianError(f"{named}{reason_of(problem)}", hint=hint_for(problem))
    return ArtesianError(
        f"an internal error: {type(problem).__name__}: {_line(str(problem))}",
        hint="run the command again with --debug and report the traceback",
    )


def show(problem: ArtesianError, *, as_json: bool) -> int:
    """Print the error on standard error, or as JSON, and return its exit code."""
    hint = _line(problem.hint)
    code = problem.exit_code
    if isinstance(problem, Cancelled):
        code = signals.exit_code() or code
    if as_json:
        body = {"problem": _line(problem.problem), "hint": hint, "exit_code": code}
        with contextlib.suppress(OSError):  # standard output may be what is wrong
            terminal.write_json({"error": body})
    terminal.write_error(f"error: {_line(problem.problem)}")
    if hint:
        terminal.write_error(f"hint: {hint}")
    return code


def _usage(problem: CycloptsError) -> UsageError:
    """Convert the message of the parser, with its advice as the hint."""
    problem.verbose = False
    if isinstance(problem, UnusedCliTokensError):
        left = " ".join(problem.unused_tokens or ())
        return UsageError(f"unexpected argument {left!r}", hint=_help(problem))
    if isinstance(problem, UnknownOptionError):
        name = problem.token.keyword or problem.token.value
        options = [n for argument in problem.argument_collection for n in argument.names]
        close = did_you_mean(name, options)
        hint = close if close.startswith("did") else _help(problem)
        return UsageError(f"there is no option {name}", hint=hint)
    text = _line(str(problem))
    for advice in (" Did you mean ", " Available commands: ", " Choose from: "):
        head, separator, tail = text.partition(advice)
        if separator:
            hint = (advice.strip() + " " + tail).partition(" Available commands")[0]
            return UsageError(_lower(head.rstrip(".")), hint=_lower(hint))
    return UsageError(_lower(text.rstrip(".")), hint=_help(problem))


def _help(problem: CycloptsError) -> str:
    verb = " ".join(problem.command_chain or ())
    return f"see artesian {verb} --help" if verb else "see artesian --help"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
