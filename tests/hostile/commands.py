"""Run the command line as a process of its own, as a shell does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import artesian

SOURCE = Path(artesian.__file__).parents[1]
ARTESIAN = (sys.executable, "-m", "artesian")


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of this process with changes; None removes a variable."""
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    for name, value in changes.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return env


def run(
    *tokens: object, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run `artesian` to its end, with its output captured."""
    return subprocess.run(
        [*ARTESIAN, *(os.fspath(t) if isinstance(t, Path) else t for t in tokens)],  # type: ignore[list-item]
        env=dict(env or environment()),
        timeout=120,
        check=False,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def shell(
    script: str, *arguments: object, **changes: str | None
) -> subprocess.CompletedProcess[bytes]:
    """Run a script of a shell in which `$ARTESIAN` is the command and $1, $2, ... are the arguments."""
    env = environment(**changes) | {"ARTESIAN": " ".join(ARTESIAN)}
    return subprocess.run(
        ["bash", "-c", script, "bash", *map(str, arguments)],
        env=env,
        capture_output=True,
        timeout=120,
        check=False,
    )


def two_lines(error: bytes) -> bool:
    """Whether an error is shown as a problem and a hint, nothing else, and not as a fault of ours."""
    return b"internal error" not in error and [
        line.split(b":")[0] for line in error.splitlines()
    ] == [b"error", b"hint"]
