"""Limits of containers, and kernels without a writable or with a damaged cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.people import write_people
from tests.hostile.commands import SOURCE, environment, run

from artesian.core import kernels
from artesian.engine.protocol import cores


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n"}, 1),
        (
            {
                "proc/self/cgroup": "0::/a\n",
                "sys/fs/cgroup/a/cpu.max": "max 100000\n",
                "sys/fs/cgroup/cpu.max": "150000 100000\n",
            },
            1,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/1\n1:name=systemd:/\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "100000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            1,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            None,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "a lot\n"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "900000000 100000\n"}, None),
        ({}, None),
    ],
)
def test_cores_are_those_of_the_container(
    tmp_path: Path, files: dict[str, str], expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cores(tmp_path) == (8 if expected is None else expected)


def test_quotas_are_rounded_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("350000 100000\n")
    assert cores(tmp_path) == 3


def test_a_temporary_cache_that_others_can_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = kernels.temporary_cache()
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)
    assert kernels.temporary_cache() is None
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert kernels.temporary_cache() is None


KERNEL = """
from artesian.core import kernels
@kernels.kernel()
def twice(x):
    return 2 * x
assert twice(21) == 42
print(kernels.notes)
"""


def read_only_source(folder: Path) -> Path:
    """A module with one kernel below a folder where no cache can be created, also as root."""
    folder.mkdir()
    (folder / "__pycache__").write_text("a file in the place of the folder")
    (folder / "twice.py").write_text(KERNEL)
    return folder / "twice.py"


@pytest.mark.parametrize("temporary", [True, False])
def test_kernels_work_where_no_cache_can_be_written(tmp_path: Path, temporary: bool) -> None:
    script = read_only_source(tmp_path / "package")
    home = tmp_path / "file"
    home.write_text("")
    folder = tmp_path / "temporary"
    folder.mkdir()
    if not temporary:
        (folder / f"artesian-kernels-{os.getuid()}").write_text("in the way")
    env = environment(
        HOME=str(home / "none"), XDG_CACHE_HOME=None, NUMBA_CACHE_DIR=None, TMPDIR=str(folder)
    )
    env["PYTHONPATH"] = f"{SOURCE}{os.pathsep}{script.parent}"
    ended = subprocess.run(
        [sys.executable, "-c", "import twice"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ("compiled anew" in ended.stdout) is not temporary
    assert any(folder.rglob("*.nbi")) is temporary


@pytest.mark.parametrize("damage", ["emptied", "cut", "garbage", "index", "removed"])
def test_a_damaged_cache_is_rebuilt_and_said(tmp_path: Path, damage: str) -> None:
    script = tmp_path / "twice.py"
    script.write_text(KERNEL)
    env = environment(NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    env["PYTHONPATH"] = f"{SOURCE}{os.pathsep}{tmp_path}"

    def notes() -> str:
        ended = subprocess.run(
            [sys.executable, "-c", "import twice"],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert notes() == "[]\n"
    (code,) = (tmp_path / "cache").rglob("*.nbc")
    (index,) = (tmp_path / "cache").rglob("*.nbi")
    if damage == "emptied":
        code.write_bytes(b"")
    elif damage == "cut":
        code.write_bytes(code.read_bytes()[:500])
    elif damage == "garbage":
        code.write_bytes(bytes(range(256)) * 9)
    elif damage == "index":
        index.write_bytes(b"no pickle")
    else:
        code.unlink()
    assert ("is damaged, and is rebuilt" in notes()) is (damage != "removed")
    assert notes() == "[]\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_every_verb_works_for_a_user_without_a_home_on_a_read_only_installation(
    tmp_path: Path,
) -> None:
    package = tmp_path / "site" / "artesian"
    shutil.copytree(SOURCE / "artesian", package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [package, *(p for p in package.rglob("*") if p.is_dir())]:
        (folder / "__pycache__").write_text("in the way of a cache, also for root")
    folder = tmp_path / "temporary"
    folder.mkdir()
    env = environment(HOME=None, XDG_CACHE_HOME="/dev/null", TMPDIR=str(folder))
    env |= {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("NUMBA_CACHE_DIR", None)
    people = write_people(tmp_path / "people.csv")
    out = tmp_path / "out"
    told = json.loads(run("doctor", "--json", env=env).stdout)
    (check,) = (c for c in told["checks"] if c["check"] == "kernels")
    assert check["state"] == "slow"
    assert str(folder) in check["message"]
    fast = ("--method", "trees", "--set", "rounds=0", "-q")
    for tokens in (
        ("fit", people, "-o", out / "model", *fast),
        ("sample", out / "model", "--rows", "10", "-o", out / "made.csv"),
        ("synth", people, "-o", out / "synth", *fast, "--metrics", "ks"),
    ):
        ended = run(*tokens, env=env)
        assert ended.returncode == 0, ended.stderr
    told = json.loads(run("doctor", "--json", env=env).stdout)
    (check,) = (c for c in told["checks"] if c["check"] == "kernels")
    assert check["state"] == "ok"
