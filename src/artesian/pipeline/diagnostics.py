"""Check whether the installation is complete and fast."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from artesian.core.kernels import cache_folder
from artesian.core.version import VERSION
from artesian.engine.protocol import cores


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check.

    Attributes:
        name: What was checked.
        state: 'ok', 'slow' (works, but could be faster), 'absent' (optional), or 'bad'.
        message: Version, number or problem.
    """

    name: str
    state: Literal["ok", "slow", "absent", "bad"]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Results of all checks of an installation."""

    checks: tuple[Check, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that is required is installed and works."""
        return all(check.state != "bad" for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        checks = [{"check": c.name, "state": c.state, "message": c.message} for c in self.checks]
        return {"complete": self.complete, "checks": checks}


def diagnose() -> Diagnosis:
    """Check the installation without importing heavy libraries."""
    return Diagnosis(checks=tuple(_checks()))


def _checks() -> list[Check]:
    available = cores()
    return [
        Check("artesian", "ok", f"{VERSION} on Python {platform.python_version()}"),
        Check("cores", "ok" if available > 1 else "slow", str(available)),
        *_dependencies(),
        _kernels(),
        _temporary(),
    ]


def _dependencies() -> list[Check]:
    """The declared dependencies, optional ones last."""
    try:
        needs = importlib.metadata.requires("artesian") or []
    except importlib.metadata.PackageNotFoundError:
        return [Check("dependencies", "slow", "unknown: artesian runs from its source folder")]
    each = [need for need in needs if _extra(need) != "all"]  # 'all' repeats the other extras
    return [_dependency(need) for need in sorted(each, key=lambda need: _extra(need) != "")]


def _dependency(need: str) -> Check:
    name = re.split(r"[^\w.-]", need, maxsplit=1)[0]
    try:
        return Check(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        pass
    if extra := _extra(need):
        return Check(name, "absent", f"optional: pip install 'artesian[{extra}]'")
    return Check(name, "bad", f"not installed: pip install '{need}'")


def _extra(need: str) -> str:
    """The extra that a requirement belongs to; '' for the base."""
    match = re.search(r"""extra == ['"](.+?)['"]""", need)
    return match[1] if match else ""


def _kernel_file() -> Path:
    spec = find_spec("artesian.trees.kernels")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def kernels_cached() -> bool:
    """Whether the kernels of the synthesizers are compiled and cached."""
    source = _kernel_file()
    folder = cache_folder([source])
    if folder is None:
        return False
    return next(folder.rglob(f"{source.stem}.*.nbi"), None) is not None


def _kernels() -> Check:
    folder = cache_folder([_kernel_file()])
    if folder is None:
        message = (
            "compiled anew in every run, which takes several seconds: no folder for their cache"
        )
        return Check("kernels", "slow", f"{message} is writable (NUMBA_CACHE_DIR names one)")
    if kernels_cached():
        return Check("kernels", "ok", f"compiled and cached in {folder}")
    message = "not compiled yet: the first run takes several seconds longer; their cache will be in"
    return Check("kernels", "slow", f"{message} {folder}")


def _temporary() -> Check:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
    except OSError as problem:
        return Check("temporary files", "bad", f"{tempfile.gettempdir()}: {problem.strerror}")
    return Check("temporary files", "ok", tempfile.gettempdir())
