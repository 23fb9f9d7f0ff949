"""Tasks that another process can import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def work(word: str) -> str:
    """The word repeated; some words fail instead."""
    name, _, argument = word.partition(":")
    if name == "raise":
        raise KeyError(argument)
    if name == "die":
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has one
    if name == "pid":
        return str(os.getpid())
    if name == "sleep":
        time.sleep(60)
    if name == "child":  # a process below the worker, which writes its process id
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        Path(argument).write_text(str(child.pid))
        child.wait()
    return word * 2


def threads(_: int) -> tuple[str, str]:
    return os.environ["OMP_NUM_THREADS"], os.environ["POLARS_MAX_THREADS"]
