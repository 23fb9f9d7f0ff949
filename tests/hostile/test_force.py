"""`--force` replaces our own outputs, and never a source or what is not ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.people import Ended, write_people

from artesian.cli.app import call

FAST = ("--method", "marginals", "-q", "--force")
EVALUATE = ("--metrics", "ks", "-q", "--force")
Run = Callable[..., Ended]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def ended(*tokens: object) -> Ended:
        capfd.readouterr()
        code = call([str(token) for token in tokens])
        return Ended(code, *capfd.readouterr())

    return ended


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fitted")
    source = write_people(folder / "people.csv")
    assert call(["fit", str(source), "-o", str(folder / "model"), *FAST]) == 0
    return folder / "model"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a source and the user's own notes beside it."""
    place = tmp_path / "place"
    place.mkdir()
    write_people(place / "people.csv")
    (place / "notes.txt").write_text("my only copy")
    return place


def content(folder: Path) -> dict[str, bytes | str]:
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = os.readlink(path) if path.is_symlink() else b""
        if path.is_file() and not path.is_symlink():
            found[name] = path.read_bytes()
    return found


def refused(ended: Ended, *parts: str) -> None:
    assert ended.code == 1, ended
    lines = ended.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"], ended.err
    assert "internal error" not in ended.err
    for part in parts:
        assert part in ended.err


def commands(source: Path, out: Path, model: Path) -> dict[str, tuple[object, ...]]:
    """A command of every verb that reads `source` and writes `out`."""
    people = model.parent / "people.csv"
    return {
        "synth": ("synth", source, "-o", out, *FAST),
        "fit": ("fit", source, "-o", out, *FAST),
        "inspect": ("inspect", source, "-o", out, "-q", "--force"),
        "compare": ("compare", source, source, "-o", out, *EVALUATE),
        "holdout": ("compare", people, people, "--holdout", source, "-o", out, *EVALUATE),
        "bench": ("bench", "--sources", source, "-o", out, "--methods", "marginals", *EVALUATE),
        "forecast": ("forecast", "--data", source, "-o", out, "-q", "--force"),
        "schema": ("fit", people, "--schema", source, "-o", out, *FAST),
    }


VERBS = ("synth", "fit", "inspect", "compare", "holdout", "bench", "forecast", "schema")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("where", ["is", "holds", "link", "hard link"])
def test_an_out_that_is_or_holds_the_source_is_refused(
    run: Run, place: Path, fitted: Path, verb: str, where: str
) -> None:
    source, out = place / "people.csv", place / "people.csv"
    if where == "holds":
        out = place
    elif where == "link":
        out = place.parent / "link"
        out.symlink_to(place)
    elif where == "hard link":
        out = place.parent / "other.csv"
        os.link(source, out)
    before = content(place)
    refused(run(*commands(source, out, fitted)[verb]))
    assert content(place) == before


def test_an_out_that_lies_in_the_source_is_refused(run: Run, place: Path, fitted: Path) -> None:
    (place / "notes.txt").unlink()
    before = content(place)
    refused(run("synth", place, "-o", place / "new", *FAST), "lies in", "place")
    refused(run("inspect", place, "-o", place / "new.toml", "-q"), "lies in")
    assert content(place) == before
    model = content(fitted)
    refused(run("sample", fitted, "--rows", 3, "-o", fitted / "made.csv", "-q"), "lies in")
    assert content(fitted) == model


def test_an_out_that_holds_a_link_to_the_source_is_refused(run: Run, place: Path) -> None:
    out = place.parent / "out"
    assert run("synth", place / "people.csv", "-o", out, *FAST).code == 0
    (out / "link.csv").symlink_to(place / "people.csv")
    refused(run("synth", out / "link.csv", "-o", out, *FAST), "holds")
    assert (out / "link.csv").is_symlink()


def test_the_database_of_to_is_never_the_source(run: Run, tmp_path: Path) -> None:
    base = tmp_path / "shop.db"
    with sqlite3.connect(base) as connection:
        connection.execute("create table people (a integer, b text)")
        rows = [(i, "xy"[i % 2]) for i in range(90)]
        connection.executemany("insert into people values (?, ?)", rows)
    before = base.read_bytes()
    out = tmp_path / "out"
    ended = run("synth", f"{base}::people", "-o", out, "--to", f"sqlite:///{base}", *FAST)
    refused(ended, "shop.db", "read")
    assert base.read_bytes() == before
    assert not out.exists()


def test_a_database_in_out_is_refused(run: Run, place: Path) -> None:
    out = place.parent / "out"
    url = f"sqlite:///{out / 'made.db'}"
    ended = run("synth", place / "people.csv", "-o", out, "--to", url, *FAST)
    assert ended.code == 2
    assert "made.db" in ended.err
    assert not out.exists()


def test_a_table_that_is_there_is_refused_before_the_work(run: Run, place: Path) -> None:
    out, base = place.parent / "out", place.parent / "made.db"
    tokens = ("synth", place / "people.csv", "-o", out, "--to", f"sqlite:///{base}", *FAST)
    assert run(*tokens).code == 0
    before = base.read_bytes()
    kept = content(out)
    # Impossible conditions end the run before anything is fitted, and after this check.
    refused(run(*tokens, "--where", "age=500"), "already exists", "made.db")
    assert base.read_bytes() == before
    assert content(out) == kept


@pytest.mark.parametrize("verb", ["synth", "fit", "compare", "bench", "forecast"])
def test_a_folder_that_is_not_ours_is_never_replaced(
    run: Run, place: Path, fitted: Path, verb: str
) -> None:
    mine = place.parent / "mine"
    (mine / "deep").mkdir(parents=True)
    (mine / "deep" / "thesis.txt").write_text("years of work")
    (mine / "manifest.json").write_text('{"name": "of a browser extension"}')
    before = content(mine)
    tokens = commands(place / "people.csv", mine, fitted)[verb]
    if verb == "forecast":
        tokens = ("forecast", "--draws", 100, "-o", mine, "-q", "--force")
    refused(run(*tokens), "mine")
    assert content(mine) == before
    assert sorted(path.name for path in place.parent.iterdir()) == ["mine", "place"]


@pytest.mark.parametrize("verb", ["sample", "inspect"])
def test_a_file_never_replaces_a_folder(run: Run, place: Path, fitted: Path, verb: str) -> None:
    mine = place.parent / "mine"
    shutil.copytree(fitted, mine)
    before = content(mine)
    if verb == "sample":
        ended = run("sample", fitted, "--rows", 3, "-o", mine, "-q", "--force")
    else:
        ended = run("inspect", place / "people.csv", "-o", mine, "-q", "--force")
    refused(ended, "folder")
    assert content(mine) == before


def test_a_folder_never_replaces_a_file(run: Run, place: Path) -> None:
    out = place / "notes.txt"
    refused(run("fit", place / "people.csv", "-o", out, *FAST), "notes.txt")
    assert out.read_text() == "my only copy"


def test_our_own_outputs_and_empty_folders_are_replaced(run: Run, place: Path) -> None:
    out = place.parent / "out"
    out.mkdir()
    people = place / "people.csv"
    for tokens in (
        ("fit", people, "-o", out, *FAST),
        ("synth", people, "-o", out, *FAST, "--rows", 20),
        ("compare", people, people, "-o", out, "--metrics", "ks", "-q", "--force"),
        ("forecast", "--draws", 100, "-o", out, "-q", "--force"),
        ("fit", people, "-o", out, *FAST),
    ):
        ended = run(*tokens)
        assert ended.code == 0, ended.err
    assert (out / "model.json").is_file()
    assert not (out / "manifest.json").exists()
    assert sorted(path.name for path in place.parent.iterdir()) == ["out", "place"]


def test_a_link_is_written_through(run: Run, place: Path, fitted: Path) -> None:
    """Of a link with --force, what it leads to is replaced, and the link stays."""
    target, link = place / "made.csv", place.parent / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    sample = ("sample", fitted, "--rows", 3, "-o", link, "-q")
    refused(run(*sample), "exists")
    assert target.read_text() == "old"
    assert run(*sample, "--force").code == 0
    assert link.is_symlink()
    assert len(target.read_text(encoding="utf-8").splitlines()) == 4
    folder, out = place.parent / "folder", place.parent / "link"
    out.symlink_to(folder)
    assert run("fit", place / "people.csv", "-o", out, *FAST).code == 0
    assert out.is_symlink()
    assert (folder / "model.json").is_file()
    out.unlink()
    out.symlink_to(place)
    before = content(place)
    refused(run("fit", fitted.parent / "people.csv", "-o", out, *FAST), "place")
    assert content(place) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a matter of POSIX")
def test_pipes_are_written_into(run: Run, place: Path, fitted: Path) -> None:
    ended = run("sample", fitted, "--rows", 3, "-o", "/dev/stdout", "-q")
    assert ended.code == 0, ended.err
    assert len(ended.out.splitlines()) == 4
    pipe = place.parent / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ended = run("inspect", place / "people.csv", "-o", pipe, "-q", "--force")
        assert ended.code == 0, ended.err
        assert b"[tables.people" in os.read(reader, 1 << 16)
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.skipif(not hasattr(os, "mknod"), reason="devices with names are a matter of POSIX")
def test_devices_are_written_into(run: Run, place: Path, fitted: Path) -> None:
    """With a device of the test's own: a fault would replace that of the system for everybody."""
    device = place.parent / "device"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.open("wb").close()
    except OSError:
        pytest.skip("only root may create a device, and not everywhere")
    assert run("sample", fitted, "--rows", 3, "-o", device, "-q", "--force").code == 0
    assert run("inspect", place / "people.csv", "-o", device, "-q").code == 0
    assert device.is_char_device()
    refused(run("fit", place / "people.csv", "-o", device, *FAST), "device")
    assert device.is_char_device()
