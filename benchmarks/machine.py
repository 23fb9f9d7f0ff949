"""What figures were measured on: part of every result file. No name of a machine or of a person."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"


def machine() -> dict[str, Any]:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def load_average() -> float:
    """Processes that ran or waited in the last minute; more than the cores: a busy machine."""
    return round(os.getloadavg()[0], 2)


def own_environment(threads: int) -> dict[str, str]:
    """For a process of our own package, from the source tree, with so many threads."""
    source = str(HERE.parent / "src")
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | threads_of(threads)


def threads_of(threads: int) -> dict[str, str]:
    names = [f"{library}_NUM_THREADS" for library in ("OMP", "MKL", "OPENBLAS", "NUMBA")]
    return dict.fromkeys([*names, "POLARS_MAX_THREADS"], str(threads))


def save(name: str, result: dict[str, Any]) -> Path:
    """Write results/`name`.json with the machine, the time, the load and our version."""
    RESULTS.mkdir(exist_ok=True)
    about = {"machine": machine(), "load": load_average()}
    about |= {
        "measured": time.strftime("%Y-%m-%d"),
        "argv": [Path(one).name for one in sys.argv[1:]],
    }
    try:
        about["artesian"] = version("artesian")
    except PackageNotFoundError:
        about["artesian"] = "source tree"
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**about, **result}, indent=1) + "\n")
    return path
