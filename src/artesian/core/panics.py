"""Panics of native libraries, which are no subclass of `Exception`."""

from __future__ import annotations


def is_panic(problem: BaseException) -> bool:
    """Whether a library written in Rust gave up; each has a class of its own of this name."""
    return type(problem).__name__ == "PanicException"
