"""The PostgreSQL server of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def server() -> Iterator[object]:
    """A server. Without one, skip with the reason, or fail if one is required."""
    try:
        import sqlalchemy  # noqa: F401
        from tests.databases import postgres_server
    except ImportError as problem:
        _absent(f"the extra sql is not installed: {problem}")
    programs = postgres_server.binaries()
    if programs is None:
        _absent("no PostgreSQL server: neither on the path nor in /usr/lib/postgresql")
    else:
        with postgres_server.running(programs) as running:
            yield running


def _absent(reason: str) -> None:
    if os.environ.get("ARTESIAN_REQUIRE_POSTGRES"):
        pytest.fail(reason)
    pytest.skip(reason)
