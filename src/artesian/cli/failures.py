"""From an exception to two lines (or one JSON object) and a documented exit code."""

from __future__ import annotations

import json
import sys

from cyclopts.exceptions import CycloptsError, UnknownOptionError, UnusedCliTokensError

from artesian.core.errors import ArtesianError, Cancelled, UsageError, did_you_mean


def as_artesian(problem: BaseException) -> ArtesianError:
    """The error to show for any exception that reached the command line."""
    if isinstance(problem, ArtesianError):
        return problem
    if isinstance(problem, CycloptsError):
        return _usage(problem)
    if isinstance(problem, KeyboardInterrupt):
        return Cancelled("stopped", hint="nothing was left half-written")
    if isinstance(problem, MemoryError):
        return ArtesianError(
            "the memory of this machine is not enough",
            hint="give fewer rows or columns, or take a larger machine",
        )
    return ArtesianError(
        f"a fault in Artesian: {type(problem).__name__}: {_line(str(problem))}",
        hint="run it again with --debug and report the traceback",
    )


def show(problem: ArtesianError, *, as_json: bool) -> int:
    """Print the error where it belongs and return its exit code."""
    hint = _line(problem.hint)
    if as_json:
        body = {"problem": _line(problem.problem), "hint": hint, "exit_code": problem.exit_code}
        print(json.dumps({"error": body}, ensure_ascii=False), flush=True)
    print(f"error: {_line(problem.problem)}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return problem.exit_code


def _usage(problem: CycloptsError) -> UsageError:
    """The parser's own message, cut where its advice begins."""
    problem.verbose = False
    if isinstance(problem, UnusedCliTokensError):
        left = " ".join(problem.unused_tokens or ())
        return UsageError(f"nothing takes the argument {left!r}", hint=_help(problem))
    if isinstance(problem, UnknownOptionError):
        name = problem.token.keyword or problem.token.value
        known = [n for argument in problem.argument_collection for n in argument.names]
        close = did_you_mean(name, known)
        hint = close if close.startswith("did") else _help(problem)
        return UsageError(f"there is no option {name}", hint=hint)
    text = _line(str(problem))
    for advice in (" Did you mean ", " Available commands: ", " Choose from: "):
        head, found, tail = text.partition(advice)
        if found:
            said = (advice.strip() + " " + tail).partition(" Available commands")[0]
            return UsageError(_lower(head.rstrip(".")), hint=_lower(said))
    return UsageError(_lower(text.rstrip(".")), hint=_help(problem))


def _help(problem: CycloptsError) -> str:
    verb = " ".join(problem.command_chain or ())
    return f"see artesian {verb} --help" if verb else "see artesian --help"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
