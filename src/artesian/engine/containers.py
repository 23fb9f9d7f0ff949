"""The processor time that a container may use, which is often less than the cores of its host."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/")


def cpu_limit(root: Path = ROOT) -> float | None:
    """Cores that the control groups of this process allow it; None for no limit.

    Args:
        root: The folder that holds `proc` and `sys`.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    limits = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            limits += [_version_2(folder) for folder in _above(root / "sys/fs/cgroup", path)]
        elif "cpu" in controllers.split(","):
            for mount in (controllers, "cpu"):
                limits += [_version_1(f) for f in _above(root / "sys/fs/cgroup" / mount, path)]
    return min((limit for limit in limits if limit is not None), default=None)


def _above(mount: Path, path: str) -> list[Path]:
    """The folder of a control group and of those above it; within a container only the mount."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [mount.joinpath(*parts[:length]) for length in range(len(parts), -1, -1)]


def _version_2(folder: Path) -> float | None:
    text = _read(folder / "cpu.max").split()
    return _cores(text[0], text[1]) if len(text) == 2 else None


def _version_1(folder: Path) -> float | None:
    return _cores(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _cores(quota: str, period: str) -> float | None:
    """Microseconds of processor time in each period; 'max' and -1 are no limit."""
    try:
        limit = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None
    return limit if limit > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
