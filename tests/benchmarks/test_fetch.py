"""Fetching the benchmark sets: by hash, resumed after a break, whole or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import fetch as program
from fetch import Fetched, FetchError, digest, fetch, listed, located

CONTENT = b"".join(b"%d,%d\n" % (i, i * i) for i in range(40_000))


class Server(ThreadingHTTPServer):
    """Serves CONTENT; `stop_after` bytes the connection breaks, `ranges` says if it can resume."""

    stop_after: int | None = None
    ranges = True
    asked: list[str | None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path != "/t.csv":
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        start = start if self.server.ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.stop_after])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving() -> Iterator[tuple[Server, str]]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server, f"http://127.0.0.1:{server.server_address[1]}/t.csv"
        server.shutdown()
        thread.join()


def file_at(*urls: str, content: bytes = CONTENT) -> Fetched:
    return Fetched(
        path="tabular/t.csv",
        about="squares",
        licence="CC0",
        sha256=(hashlib.sha256(content).hexdigest(),),
        urls=urls,
        reached=True,
    )


def test_a_file_is_fetched_once(tmp_path: Path) -> None:
    target = tmp_path / "tabular" / "t.csv"
    with serving() as (server, url):
        assert fetch(file_at(url), target)
        assert not fetch(file_at(url), target)
        assert len(server.asked) == 1
    assert target.read_bytes() == CONTENT
    assert [one.name for one in target.parent.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_is_taken_up_again(tmp_path: Path, ranges: bool) -> None:
    target = tmp_path / "t.csv"
    with serving() as (server, url):
        server.ranges = ranges
        server.stop_after = 100_000
        with pytest.raises(FetchError, match="bytes"):
            fetch(file_at(url), target)
        assert not target.exists()
        assert (tmp_path / "t.csv.part").stat().st_size == 100_000
        server.stop_after = None
        assert fetch(file_at(url), target)
        assert server.asked == [None, "bytes=100000-"]
    assert target.read_bytes() == CONTENT


def test_the_part_of_another_file_does_not_spoil_the_download(tmp_path: Path) -> None:
    part, target = tmp_path / "t.csv.part", tmp_path / "t.csv"
    for wrong in (b"something else", bytes(len(CONTENT) + 9)):
        part.write_bytes(wrong)
        target.unlink(missing_ok=True)
        with serving() as (_, url):
            assert fetch(file_at(url), target)
        assert target.read_bytes() == CONTENT
        assert not part.exists()


def test_another_hash_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    target.write_bytes(b"mine")
    with serving() as (_, url), pytest.raises(FetchError, match="SHA-256 is"):
        fetch(file_at(url, content=b"expected"), target)
    assert [one.name for one in tmp_path.iterdir()] == ["t.csv"]
    assert target.read_bytes() == b"mine"


def test_addresses_are_tried_in_order(tmp_path: Path) -> None:
    (tmp_path / "source.csv").write_bytes(CONTENT)
    with serving() as (_, url):
        gone = url.replace("t.csv", "gone.csv")
        assert fetch(file_at(gone, (tmp_path / "source.csv").as_uri()), tmp_path / "out" / "t.csv")
        with pytest.raises(FetchError, match="404"):
            fetch(file_at(gone), tmp_path / "other.csv")


def test_the_list_names_each_file_once_with_hashes_and_secure_addresses() -> None:
    files = listed()
    assert len({file.path for file in files}) == len(files) > 0
    for file in files:
        assert all(len(value) == 64 and int(value, 16) for value in file.sha256)
        assert file.urls
        assert all(url.startswith("https://") for url in file.urls)
        assert file.licence


def test_a_named_folder_is_checked_and_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARTESIAN_DATA", str(tmp_path))
    for file in listed():
        assert located(file.path) == tmp_path / file.path
        located(file.path).parent.mkdir(parents=True, exist_ok=True)
        located(file.path).write_bytes(b"not this")
    assert program.main() == 1
    assert capsys.readouterr().err.count("has another SHA-256") == len(listed())
    located(listed()[0].path).unlink()
    assert program.main() == 1
    assert "is missing" in capsys.readouterr().err
    monkeypatch.delenv("ARTESIAN_DATA")
    assert located("t.csv").is_relative_to(program.HERE)


@pytest.mark.parametrize("file", listed(), ids=lambda file: file.path)
def test_what_is_here_is_what_was_listed(file: Fetched) -> None:
    if not located(file.path).exists():
        pytest.skip(f"{file.path} is not shipped: 'make data' fetches it, or set ARTESIAN_DATA")
    assert digest(located(file.path)) in file.sha256
