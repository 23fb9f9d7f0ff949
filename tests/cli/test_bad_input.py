"""Bad input gets two lines, a documented exit code, and leaves no incomplete output."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.cli.people import Cli, Ended, left_beside


def two_lines(ended: Ended, *parts: str) -> None:
    assert ended.code == 1, ended.err
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"], ended.err
    for part in parts:
        assert part in ended.err


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("empty.csv", b"", ["empty.csv", "empty"]),
        ("header.csv", b"a,b\n", ["header.csv", "no rows"]),
        ("ragged.csv", b"a,b\n1,2\n3,4,5\n6,7\n", ["ragged.csv", "3"]),
        ("twice.csv", b"a,b,a\n1,2,3\n4,5,6\n", ["'a'"]),
        ("infinite.csv", b"x,y\n1.5,a\ninf,b\n2.5,c\n", ["'x'"]),
        ("cut.parquet", b"PAR1 and then nothing", ["cut.parquet"]),
        ("words.parquet", b"no such thing", ["words.parquet"]),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x02", ["cut.csv.gz"]),
    ],
)
def test_a_bad_source_is_named(
    cli: Cli, tmp_path: Path, name: str, content: bytes, parts: list[str]
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    out = tmp_path / "out"
    two_lines(cli("synth", source, "-o", out, "-q"), *parts)
    assert left_beside(out) == []


def test_a_missing_source_gets_did_you_mean(cli: Cli, people: Path) -> None:
    two_lines(cli("inspect", people.with_name("peple.csv")), "peple.csv", "'people.csv'")


def test_a_missing_table_of_a_database_is_named(cli: Cli, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id integer)")
        connection.execute("insert into orders values (1)")
    two_lines(cli("inspect", f"{tmp_path / 'shop.db'}::order"), "order", "'orders'")


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--where", "aeg=3"], ["'aeg'", "'age'"]),
        (["--where", "age=old"], ["age", "'old'"]),
        (["--where", "member=perhaps"], ["member", "'perhaps'", "yes"]),
        (["--where", "since=soon"], ["since", "'soon'"]),
        (["--where", "town=Rome"], ["town", "Rome"]),
        (["--where", "age=30..40", "--where", "age=50"], ["age"]),
        (["--where", "age=40..30"], ["age", "30"]),
        (["--target", "apy"], ["'apy'", "'pay'"]),
    ],
)
def test_options_that_the_data_cannot_meet(
    cli: Cli, people: Path, tmp_path: Path, options: list[str], parts: list[str]
) -> None:
    out = tmp_path / "out"
    two_lines(cli("synth", people, "-o", out, "-q", "--method", "marginals", *options), *parts)
    assert left_beside(out) == []


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--where", "age"], ["'age'", "column=value"]),
        (["--method", "treees"], ["'treees'", "'trees'"]),
        (["--method", "marginals", "--temperature", "0.5"], ["'marginals'", "'temperature'"]),
        (["--method", "trees", "--set", "min_gian=12"], ["'min_gian'", "'min_gain'"]),
        (["--method", "trees", "--set", "min_gain=much"], ["min_gain", "'much'", "number", "0"]),
        (["--method", "trees", "--set", "min_leaf=1.5"], ["min_leaf", "'1.5'", "whole number"]),
        (["--method", "trees", "--set", "min_leaf=0"], ["min_leaf is 0", "1"]),
        (["--method", "trees", "--set", "protect=maybe"], ["protect", "'maybe'", "true or false"]),
        (["--set", "min_gain"], ["'min_gain'", "name=value"]),
        (["--set", "rounds=1", "--set", "rounds=2"], ["'rounds'", "more than once"]),
        (["--set", "temperature=2", "--temperature", "1"], ["'temperature'", "more than once"]),
        (["--set", "foldz=3"], ["'foldz'", "'folds'"]),
    ],
)
def test_options_that_are_wrong_by_themselves(
    cli: Cli, people: Path, tmp_path: Path, options: list[str], parts: list[str]
) -> None:
    ended = cli("synth", people, "-o", tmp_path / "out", "-q", *options)
    assert ended.code == 2
    for part in parts:
        assert part in ended.err
    assert left_beside(tmp_path / "out") == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_that_may_not_be_written(cli: Cli, people: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    two_lines(cli("synth", people, "-o", locked / "out", "-q"), str(locked / "out"))


def test_out_below_a_file_cannot_be_written(cli: Cli, people: Path) -> None:
    two_lines(cli("synth", people, "-o", people / "out", "-q"), "people.csv")


def test_a_full_disk_leaves_nothing(cli: Cli, people: Path, saved: Path, tmp_path: Path) -> None:
    """A limit on the size of a file fails a write where a full disk would."""
    resource = pytest.importorskip("resource", reason="limits are a matter of POSIX")
    out, file = tmp_path / "out", tmp_path / "rows.csv"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        whole = cli("synth", people, "-o", out, "-q", "--method", "marginals")
        rows = cli("sample", saved, "--rows", 100_000, "-o", file, "-q")
        parquet = cli("sample", saved, "--rows", 100_000, "-o", tmp_path / "rows.parquet", "-q")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    for ended in (whole, rows, parquet):
        two_lines(ended, "cannot write")
    assert left_beside(out) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["people.csv"]


@pytest.mark.parametrize("fault", ["altered", "header", "truncated", "absent", "newer", "method"])
def test_a_model_that_is_not_what_was_saved(
    cli: Cli, saved: Path, tmp_path: Path, fault: str
) -> None:
    model = tmp_path / "model"
    shutil.copytree(saved, model)
    header = model / "model.json"
    state = next(path for path in sorted(model.iterdir()) if path != header)
    told = json.loads(header.read_text(encoding="utf-8"))
    if fault == "altered":
        content = bytearray(state.read_bytes())
        content[len(content) // 2] ^= 1
        state.write_bytes(content)
    elif fault == "header":
        header.write_text(header.read_text(encoding="utf-8").replace("age", "egg"), "utf-8")
    elif fault == "truncated":
        header.write_bytes(header.read_bytes()[:50])
    elif fault == "absent":
        state.unlink()
    elif fault == "newer":
        header.write_text(json.dumps(told | {"format": 99}), "utf-8")
    else:
        header.write_text(json.dumps(told | {"method": "posix:system"}), "utf-8")
    file = tmp_path / "rows.csv"
    two_lines(cli("sample", model, "--rows", 3, "-o", file), str(model))
    assert not file.exists()


def test_a_model_that_never_was(cli: Cli, tmp_path: Path) -> None:
    two_lines(cli("sample", tmp_path, "--rows", 3, "-o", tmp_path / "rows.csv"), str(tmp_path))


@pytest.mark.parametrize(
    ("tokens", "code"),
    [
        (["compare", "people.csv", "people.csv", "--holdout", "nowhere/-"], 1),
        (["inspect", "people.csv", "--schema", "-"], 1),
        (["sample", "-", "--rows", "3", "-o", "-"], 1),
        (["bench", "--sources", "-", "-o", "out"], 2),
    ],
)
def test_a_lone_dash_is_never_an_internal_error(
    cli: Cli, people: Path, monkeypatch: pytest.MonkeyPatch, tokens: list[str], code: int
) -> None:
    monkeypatch.chdir(people.parent)
    ended = cli(*tokens)
    assert ended.code == code, ended.err
    assert "internal error" not in ended.err
    assert "\0" not in ended.err
