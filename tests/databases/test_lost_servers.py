"""A server that goes away while it is read or written: two lines, and nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.databases.shops import new_shop

from artesian.cli.app import call
from artesian.core.errors import ArtesianError
from artesian.data.read import read_dataset
from artesian.data.readers import server as reader
from artesian.data.write_dataset import write_dataset
from artesian.data.writers.server import ServerTable

pytestmark = pytest.mark.postgres

FAULTS: dict[str, Callable[[Any], None]] = {
    "the connection is closed": lambda shop: shop.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{shop.name}' AND pid <> pg_backend_pid()"
    ),
    "the server crashes": lambda shop: shop.server.kill(),
}


@pytest.fixture
def shop(server: Any) -> Any:
    yield new_shop(server)
    if server.process is None:
        server.start()


def after(count: int, method: Callable[..., Any], fault: Callable[[], None]) -> Callable[..., Any]:
    """The method, before whose call number `count` the fault happens."""
    calls = 0

    def called(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count:
            fault()
        return method(*given, **named)

    return called


def two_lines(capfd: pytest.CaptureFixture[str]) -> tuple[str, str]:
    lines = capfd.readouterr().err.splitlines()
    error, hint = (line for line in lines if line.startswith(("error: ", "hint: ")))
    assert "Traceback" not in "".join(lines)
    return error, hint


@pytest.mark.parametrize("fault", FAULTS)
def test_while_it_is_read(
    shop: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    fault: str,
) -> None:
    gone = after(3, reader._fetched, lambda: FAULTS[fault](shop))
    monkeypatch.setattr(reader, "_fetched", gone)
    assert call(["synth", shop.url, "-o", str(tmp_path / "out")]) == 1
    error, hint = two_lines(capfd)
    assert f"postgresql://ann@127.0.0.1:{shop.server.port}/{shop.name} went away: " in error
    assert "start again" in hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["_insert", "declare_foreign"])
def test_while_it_is_written(
    shop: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    fault: str,
    step: str,
) -> None:
    # The third call of the trial run, which creates all tables without rows, is no insertion.
    number = 3 if step == "_insert" else 4 + 3
    gone = after(number, getattr(ServerTable, step), lambda: FAULTS[fault](shop))
    monkeypatch.setattr(ServerTable, step, gone)
    before = shop.tables()
    command = ["synth", shop.url, "-o", str(tmp_path / "out"), "--set", "rounds=0"]
    assert call([*command, "--to", f"{shop.url}?schema=made"]) == 1
    error, hint = two_lines(capfd)
    assert "?schema=made went away: " in error
    assert "nothing of this run is left there" in hint
    assert not list(tmp_path.iterdir())
    if shop.server.process is None:
        shop.server.start()
    assert shop.tables() == before
    assert shop.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'made'") == [(0,)]


def test_a_failure_of_any_kind_is_rolled_back(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = read_dataset(shop.url)

    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ServerTable, "_insert", after(3, ServerTable._insert, stopped))
    with pytest.raises(KeyboardInterrupt):
        write_dataset(f"{shop.url}?schema=made", dataset)
    assert shop.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'made'") == [(0,)]
    monkeypatch.undo()
    # Started again, it is written.
    assert write_dataset(f"{shop.url}?schema=made", dataset) == ()


def test_a_value_that_the_server_refuses(shop: Any) -> None:
    dataset = read_dataset(shop.url)
    staff = dataset["staff"].frame
    with_nul = dataset.with_frames({"staff": staff.with_columns(name=staff["name"] + "\0")})
    with pytest.raises(ArtesianError, match="made refuses: invalid byte sequence"):
        write_dataset(f"{shop.url}?schema=made", with_nul)
    assert shop.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'made'") == [(0,)]
