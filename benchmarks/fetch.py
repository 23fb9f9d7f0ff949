"""Fetch what the benchmarks read and the repository does not ship, checked by SHA-256.

    make data                               # into benchmarks/.data
    ARTESIAN_DATA=/some/folder make data    # check that the folder has it all; nothing is written there

data/fetched.toml lists the files. A download goes into a file with `.part` behind its name, so an
interrupted one goes on where it stopped, and takes the name only when its hash is right.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIST = HERE / "data" / "fetched.toml"
CHUNK = 1 << 16
SECONDS = 60
"""Longest silence of a server."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """One file: where it belongs below the folder, what its hash may be, where it can be had."""

    path: str
    about: str
    licence: str
    sha256: tuple[str, ...]
    urls: tuple[str, ...]
    reached: bool


class FetchError(Exception):
    """A file could not be had, with the reason for each address."""


def listed(path: Path = LIST) -> list[Fetched]:
    """The files of `path`, a list like data/fetched.toml."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["file"]
    return [
        Fetched(**{**entry, "sha256": tuple(entry["sha256"]), "urls": tuple(entry["urls"])})
        for entry in entries
    ]


def given_folder() -> Path | None:
    """The folder that the environment variable ARTESIAN_DATA names."""
    named = os.environ.get("ARTESIAN_DATA", "")
    return Path(named) if named else None


def located(path: str) -> Path:
    """Where the file `path` of the list is, or will be once it is fetched."""
    return (given_folder() or HERE / ".data") / path


def fetch(file: Fetched, target: Path) -> bool:
    """Have `file` at `target`; false if it was there already.

    Raises:
        FetchError: no address gave a file with the right hash. What was at `target` stays.
    """
    if target.exists() and digest(target) in file.sha256:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    reasons = []
    for url in file.urls:
        for _ in range(2):  # a part of something else spoils the first download, not the second
            resumed = part.exists()
            try:
                download(url, part)
            except (OSError, HTTPException) as problem:
                reasons.append(f"{url}: {problem}")
                break
            actual = digest(part)
            if actual in file.sha256:
                part.replace(target)
                return True
            part.unlink()
            if not resumed:
                reasons.append(f"{url}: the SHA-256 is {actual}, not one of those listed")
                break
    raise FetchError(f"{file.path} could not be fetched: " + "; ".join(reasons))


def download(url: str, part: Path) -> None:
    """Append to `part` what `url` has beyond it, or write it anew where that is not offered."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as problem:
        if problem.code == 416 and have:  # there is nothing beyond it
            problem.close()
            return
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as out:
        while chunk := answer.read(CHUNK):
            out.write(chunk)
        missing = getattr(answer, "length", None)  # of HTTP only
    if missing:
        raise OSError(f"the connection ended {missing:,} bytes early")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    failed = 0
    for file in listed():
        target = located(file.path)
        try:
            if given_folder() is None:
                print(f"{'fetched' if fetch(file, target) else 'already here'}: {target}")
            elif not target.exists():
                raise FetchError(f"{target} is missing (ARTESIAN_DATA names its folder)")
            elif digest(target) not in file.sha256:
                raise FetchError(f"{target} has another SHA-256 than those listed")
            else:
                print(f"taken from where it is: {target}")
        except FetchError as problem:
            failed += 1
            print(problem, file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
