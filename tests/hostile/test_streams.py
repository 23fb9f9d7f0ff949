"""Pipes and devices as sources, standard streams that are closed or full, and odd places."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.people import write_people
from tests.hostile.commands import run, shell, two_lines

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a matter of POSIX")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write_people(tmp_path / "people.csv")


@pytest.mark.parametrize(
    "script",
    [
        'cat "$1" | $ARTESIAN inspect /dev/stdin --json',
        '$ARTESIAN inspect <(cat "$1") --json',
        '$ARTESIAN inspect /dev/stdin --json < "$1"',
        'mkfifo "$1.pipe"; cat "$1" > "$1.pipe" & $ARTESIAN inspect "$1.pipe" --json',
        'gzip -c "$1" | $ARTESIAN inspect - --json',
    ],
)
def test_every_kind_of_pipe_is_a_source(people: Path, script: str) -> None:
    ended = shell(script, people)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["rows"] == 240


def test_a_database_on_standard_input_is_read(people: Path, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("create table orders (id integer, city text)")
        connection.executemany(
            "insert into orders values (?, ?)", [(i, "xy"[i % 2]) for i in range(50)]
        )
    connection.close()
    ended = shell('$ARTESIAN inspect - --json < "$1"', tmp_path / "shop.db")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["rows"] == 50


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("$ARTESIAN inspect - <&-", 1),
        ('$ARTESIAN inspect "$1" > /dev/full', 1),
        ('$ARTESIAN inspect "$1" --json > /dev/full', 1),
        ("$ARTESIAN methods > /dev/full", 1),
        ('$ARTESIAN inspect "$1" >&-', 1),
        ('$ARTESIAN inspect "$1" --json >&-', 1),
        ("$ARTESIAN --help > /dev/full", 1),
    ],
)
def test_streams_that_cannot_be_used_are_two_lines(people: Path, script: str, code: int) -> None:
    if "/dev/full" in script and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    ended = shell(script, people)
    assert ended.returncode == code
    assert two_lines(ended.stderr), ended.stderr


@pytest.mark.parametrize("number", [0, 1, 2])
def test_listening_to_signals_does_not_take_the_number_of_a_closed_stream(number: int) -> None:
    """It is opened again later, and then the thread that listens would read from nothing."""
    asked = (
        "import os; from artesian.cli import signals; "
        f"os.close({number}); signals.install(); os._exit(os.open(os.devnull, os.O_RDONLY))"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == number


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full"])
def test_errors_without_a_place_change_no_exit_code(people: Path, redirected: str) -> None:
    assert shell(f'$ARTESIAN inspect "$1" {redirected}', people).returncode == 0
    assert shell(f'$ARTESIAN inspect "$1.csv" {redirected}', people).returncode == 1


def test_a_closed_stream_does_not_put_messages_into_an_output(people: Path, tmp_path: Path) -> None:
    shell('$ARTESIAN inspect "$1" -o "$2" >&- 2>&-', people, tmp_path / "dataset.toml")
    text = (tmp_path / "dataset.toml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "rows," not in text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "darwin", reason="names must be UTF-8 there")
def test_names_that_are_not_utf8(people: Path, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    source, out = folder + b"/p\xff.csv", folder + b"/out\xfe"
    Path(os.fsdecode(source)).write_bytes(people.read_bytes())
    fast = ("--method", "marginals", "--rows", "20")
    ended = run("synth", source, "-o", out, *fast)
    assert ended.returncode == 0, ended.stderr
    assert os.path.isfile(out + b"/manifest.json")
    ended = run("synth", source, "-o", out, *fast, "--force", "--json", "--keep-model")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["manifest"]["rows"]["synthetic"] == 20
    for suffix in (b".parquet", b".csv.gz", b".jsonl", b".xlsx", b".feather", b".db", b".duckdb"):
        made = folder + b"/m\xff" + suffix
        ended = run("sample", out + b"/model", "--rows", "3", "-o", made)
        assert ended.returncode == 0, (suffix, ended.stderr)
        assert os.path.getsize(made) > 0
    ended = run("inspect", folder + b"/q\xff.csv")
    assert two_lines(ended.stderr)


@pytest.mark.parametrize("length", [249, 255, 256, 5000])
def test_names_of_any_length_work_or_are_refused(people: Path, tmp_path: Path, length: int) -> None:
    out = tmp_path / ("o" * length)
    ended = run("fit", people, "-o", out, "--method", "marginals", "-q")
    if length <= 255:
        assert ended.returncode == 0, ended.stderr
        assert (out / "model.json").is_file()
    else:
        assert ended.returncode == 1
        assert two_lines(ended.stderr), ended.stderr
        assert b"name" in ended.stderr
    ended = run("inspect", tmp_path / ("s" * length))
    assert two_lines(ended.stderr), ended.stderr
    left = sorted(p.name for p in tmp_path.iterdir())
    assert left == (["o" * length, "people.csv"] if length <= 255 else ["people.csv"])


@pytest.mark.parametrize("limit", [5, 8, 12, 20, 30])
def test_few_descriptors_work_or_are_two_lines(people: Path, tmp_path: Path, limit: int) -> None:
    script = f'ulimit -n {limit}; $ARTESIAN synth "$1" -o "$2" --method marginals --rows 20 -q'
    ended = shell(script, people, tmp_path / "out")
    if ended.returncode:
        assert two_lines(ended.stderr), ended.stderr
        assert not (tmp_path / "out").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_a_source_that_is_a_block_device_or_a_socket_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(tmp_path)
        listening.bind("s")
        assert two_lines(run("inspect", tmp_path / "s").stderr)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize("json_too", [False, True])
def test_consoles_of_any_encoding(tmp_path: Path, encoding: str, json_too: bool) -> None:
    source = tmp_path / "köln.csv"
    rows = "\n".join(f"{i},{['Köln', '東京', '🙂'][i % 3]}" for i in range(60))
    source.write_text(f"номер,город\n{rows}\n", encoding="utf-8")
    tokens = ("inspect", source, *(("--json",) if json_too else ()))
    ended = run(*tokens, env=dict(os.environ, PYTHONIOENCODING=encoding))
    assert ended.returncode == 0, ended.stderr
    if json_too:
        names = [column["name"] for column in json.loads(ended.stdout.decode(encoding))["columns"]]
        assert names == ["номер", "город"]


def test_a_reader_that_hangs_up_is_no_error(people: Path) -> None:
    ended = shell("$ARTESIAN metrics | head -1", people)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_the_real_rows_of_standard_input_have_no_name(people: Path, tmp_path: Path) -> None:
    """While they are read, and after a kill, no file in the temporary folder holds them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    env = dict(os.environ, TMPDIR=str(folder))
    from tests.hostile.commands import ARTESIAN, environment

    with subprocess.Popen(
        [*ARTESIAN, "inspect", "-"], stdin=-1, stdout=-1, stderr=-1, env=environment() | env
    ) as running:
        assert running.stdin is not None
        running.stdin.write(people.read_bytes())
        running.stdin.flush()
        _wait_for_copy(running.pid)
        names = list(folder.rglob("*"))
        running.kill()
    assert names == []
    assert list(folder.rglob("*")) == []


def _wait_for_copy(pid: int) -> None:
    import time

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        links = [os.readlink(p) for p in Path(f"/proc/{pid}/fd").iterdir() if p.is_symlink()]
        # The library first tries with four bytes of its own whether the folder can be written to.
        if any("temporary" in link and link.endswith("(deleted)") for link in links):
            return
        time.sleep(0.01)
    pytest.fail("standard input was not read")
