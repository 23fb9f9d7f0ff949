"""What a process and its children did, by the system calls that strace saw: files and sockets."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CALLS = (
    *("socket", "connect", "bind", "execve", "open", "openat", "creat", "mkdir", "mkdirat"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "link", "linkat"),
    *("symlink", "symlinkat", "mknod", "mknodat", "truncate"),
)
NETWORK = ("socket", "connect", "bind")
OPENING = ("open", "openat")
WRITING = re.compile(r"O_CREAT|O_TRUNC|O_WRONLY|O_RDWR")

_LINE = re.compile(r"^\d+\s+(\w+)\((.*)$")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_FAILED = re.compile(r"\)\s+= -1 E")

HARMLESS = ("/dev/null", "/dev/tty", "/dev/shm/", "/proc/self/", "/proc/thread-self/")


def traced(command: list[str], trace: Path) -> list[str]:
    """The command under strace, which writes `trace`; as it is where there is no strace."""
    strace = shutil.which("strace") if sys.platform.startswith("linux") else None
    if strace is None:
        return command
    calls = "trace=" + ",".join(f"?{name}" for name in CALLS)
    options = ["-f", "--seccomp-bpf", "-qq", "-y", "-s", "1000", "-e", "signal=none", "-e", calls]
    return [strace, *options, "-o", str(trace), *command]


def foreign_acts(lines: Iterable[str], own: Path) -> Iterator[str]:
    """Calls that changed a file outside of `own`, opened a socket, or started another program.

    Caches of compiled code are not foreign, as Python and Numba write them beside the source.
    """
    for line in lines:
        call = _LINE.match(line)
        if call is None or _FAILED.search(line):
            continue
        name, arguments = call.groups()
        if name in NETWORK:
            yield line.strip()
        elif name == "execve":
            found = _PATH.search(arguments)
            if found is None or os.path.realpath(found[2]) != os.path.realpath(sys.executable):
                yield line.strip()
        elif name in CALLS and (name not in OPENING or WRITING.search(arguments)):
            paths = [os.path.join(base or "", path) for base, path in _PATH.findall(arguments)]
            if not all(_is_own(path, own) for path in paths):
                yield line.strip()


def _is_own(path: str, own: Path) -> bool:
    path = os.path.normpath(path)
    return Path(path).is_relative_to(own) or "__pycache__" in path or path.startswith(HARMLESS)
