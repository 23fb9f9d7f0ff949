"""Seeded changes of the bytes of files, of members of archives, and of values in texts."""

from __future__ import annotations

import json
import random
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.models import HOSTILE

VALUE = re.compile(rb'"[^"\n]*"|\b[\w.]+\b')
"""A word, a number or a quoted text."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A seeded change of a file."""

    path: Path
    seed: int

    def __str__(self) -> str:
        return f"{self.path.name}, seed {self.seed}"

    def apply(self, out: Path) -> None:
        """Write the damaged file."""
        rng = random.Random(self.seed)
        data = self.path.read_bytes()
        if not zipfile.is_zipfile(self.path) or rng.random() < 0.3:
            out.write_bytes(_damaged(data, rng))
            return
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(out, "w") as new:
            members = old.namelist()
            chosen = rng.choice(members)
            for name in members:
                own = old.read(name)
                new.writestr(name, _damaged(own, rng) if name == chosen else own)


def _damaged(data: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3 and data.isascii():  # a text, whose values can be replaced
        return _with_other_values(data, rng)
    out = bytearray(data)
    kind = rng.randrange(5)
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.randrange(len(out)) if rng.random() < 0.6 else rng.randrange(min(len(out), 300))
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at] = rng.choice((0, 255, 127, 34, 60, 10, 128))
        elif kind == 2:
            out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0"))
        elif kind == 3:
            out[at:at] = out[at : at + rng.randrange(1, 300)]
        else:
            del out[at : at + rng.choice((1, 7, len(out)))]
            out = out or bytearray(b"x")
    return bytes(out)


def _with_other_values(data: bytes, rng: random.Random) -> bytes:
    """The text with up to three of its values replaced by hostile ones, or by each other."""
    for _ in range(rng.choice((1, 3))):
        values = list(VALUE.finditer(data))
        if not values:
            break
        place = rng.choice(values)
        others = [json.dumps(value).encode() for value in HOSTILE]
        others += [value[0] for value in rng.sample(values, min(len(values), 10))]
        data = data[: place.start()] + rng.choice(others) + data[place.end() :]
    return data
