"""Small models of many kinds of columns, and seeded edits of their files."""

from __future__ import annotations

import datetime
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import artesian as ar
from artesian.core import fingerprint
from artesian.synthesizers.store import HEADER

SQL = "VARCHAR); COPY (SELECT 42) TO 'PLANTED'; CREATE TEMP TABLE z(a INT"

HOSTILE: tuple[Any, ...] = (
    *(None, True, "", "x", "x" * 70_000, "%Y" * 500, "{}", "\x00", "\ud800", SQL, "NaN"),
    *(0, 1, -1, 7, 255, 256, 70_000, 10**9, -(10**9), 2**31, 2**53 + 1, 2**63, -(2**63), 10**30),
    *(0.5, -0.5, 1e-300, 1e300, float("inf"), float("nan")),
    *([], {}, [[]], [None], [0, 1], ["x"], {"x": 1}, {"type": "String"}),
)
"""Values that replace those of a model."""


def events(rows: int = 240) -> pl.DataFrame:
    """Rows of people over time, whose columns need most transforms and surrogates."""
    rng = np.random.default_rng(5)
    person = np.sort(rng.integers(0, rows // 6, rows))
    day = rng.integers(0, 900, rows)
    net = rng.integers(1, 400, rows) * 100
    first = np.array(["Ann", "Bob", "Carla", "Dan", "Eve", "Frank", "Gina", "Hugo"])[person % 8]
    last = np.array(["Stone", "Wood", "Hill", "Lake", "Field", "Brook", "Ford"])[person % 7]
    group = rng.integers(0, 3, rows)
    letters = np.array(list("ABCDEFGH"))
    words = np.array(["late", "paid in full", "call back", "see letter", "no answer"])
    start = [datetime.date(2020, 1, 1) + datetime.timedelta(days=int(d)) for d in day]
    return pl.DataFrame(
        {
            "order": [f"ORD-{n:05}" for n in range(1000, 1000 + rows)],
            "person": [f"P{p:04}" for p in person],
            "name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
            "email": [
                f"{a.lower()}.{b.lower()}@example.org" for a, b in zip(first, last, strict=True)
            ],
            "device": [
                f"{a}{b}-{n}"
                for a, b, n in zip(
                    letters[rng.integers(0, 8, rows)],
                    letters[rng.integers(0, 8, rows)],
                    rng.integers(10_000, 99_999, rows),
                    strict=True,
                )
            ],
            "note": [
                f"{a}, {b} {n}"
                for a, b, n in zip(
                    words[rng.integers(0, 5, rows)],
                    words[rng.integers(0, 5, rows)],
                    rng.integers(0, 900, rows),
                    strict=True,
                )
            ],
            "town": np.array(["Ulm", "Bonn", "Kiel", "Jena"])[rng.integers(0, 4, rows)],
            "start": start,
            "end": [d + datetime.timedelta(days=int(n)) for d, n in zip(start, group, strict=True)],
            "net": net,
            "gross": net * 1.25,
            "paid": rng.random(rows) < 0.4,
            "pressure": [f"{a}/{b}" for a, b in zip(net // 400 + 90, net // 600 + 50, strict=True)],
            "grade": np.array(["low", "mid", "high"])[np.digitize(net, [10_000, 25_000])],
            **{f"is_{k}": (group == k).astype(int) for k in range(3)},
            "score": [None if v < 0.1 else round(float(v), 3) for v in rng.random(rows)],
        }
    )


def fit(folder: Path, method: Any, frame: pl.DataFrame) -> Path:
    """Fit and save one model."""
    source = folder / "events.duckdb"
    if not source.exists():
        import duckdb

        with duckdb.connect(str(source)) as base:
            base.register("rows", frame.to_arrow())
            base.execute("CREATE TABLE events AS SELECT * FROM rows")
    model = method.fit(ar.read(source))
    out = folder / type(method).__name__.lower()
    ar.save(model, out)
    return out


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one model folder: a value of a JSON file, an array, or the bytes of a file."""

    model: Path
    file: str
    place: tuple[Any, ...]
    change: Any
    seed: int

    def __str__(self) -> str:
        shown = repr(self.change)[:60]
        return f"{self.model.name}/{self.file}: {'.'.join(map(str, self.place))[:120]} <- {shown}"

    def apply(self, folder: Path) -> None:
        """Write the changed model to `folder`, with digests that fit."""
        shutil.copytree(self.model, folder)
        path = folder / self.file
        if self.file.endswith(".json"):
            state = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps(_changed(state, self.place, self.change)), encoding="utf-8")
        elif self.file.endswith(".npz"):
            with np.load(path) as stored:
                arrays = {name: stored[name] for name in stored.files}
            own = np.random.default_rng(self.seed)
            new = _changed_array(arrays.pop(self.place[0]), self.change, own)
            np.savez_compressed(path, **(arrays if new is None else {**arrays, self.place[0]: new}))
        else:
            data = bytearray(path.read_bytes())
            own = random.Random(self.seed)
            for _ in range(4):
                data[own.randrange(len(data))] = own.randrange(256)
            path.write_bytes(data[: self.change] if self.change else data)
        reseal(folder)


def reseal(folder: Path) -> None:
    """Make the digests of a model those of its files."""
    path = folder / HEADER
    header = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(header, dict):
        return
    header.pop("digest", None)
    if isinstance(header.get("files"), dict):
        for name in header["files"]:
            if isinstance(name, str) and "\x00" not in name and (folder / name).is_file():
                header["files"][name] = fingerprint.hash_file(folder / name)
    header["digest"] = fingerprint.hash_json(header)
    path.write_text(json.dumps(header), encoding="utf-8")


def edits(models: list[Path], count: int, seed: int) -> Iterator[Edit]:
    """`count` edits, spread evenly over every field and every array of the models."""
    rng = random.Random(seed)
    places: list[tuple[Path, str, tuple[Any, ...]]] = []
    for model in models:
        for path in sorted(one for one in model.rglob("*") if one.is_file()):
            file = path.relative_to(model).as_posix()
            if path.suffix == ".json":
                state = json.loads(path.read_text(encoding="utf-8"))
                places += [(model, file, place) for place in _places(state)]
            elif path.suffix == ".npz":
                with np.load(path) as stored:
                    places += [(model, file, (name,)) for name in stored.files] * 2
            else:
                places.append((model, file, ()))
    rng.shuffle(places)  # every field once, before any of them a second time
    for number in range(count):
        model, file, place = places[number % len(places)]
        change: Any
        if file.endswith(".json"):
            change = rng.choice((*HOSTILE, "DELETE", "DOUBLE", "HALVE", "RENAME"))
        elif file.endswith(".npz"):
            change = rng.choice(ARRAY_CHANGES)
        else:
            change = rng.choice((0, 10, 100))
        yield Edit(model, file, place, change, rng.randrange(2**32))


def _places(state: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value; of long lists only the first, a middle and the last."""
    if place:
        yield place
    if isinstance(state, dict):
        for name, value in state.items():
            yield from _places(value, (*place, name))
    if isinstance(state, list):
        for at in sorted({0, len(state) // 2, len(state) - 1} & set(range(len(state)))):
            yield from _places(state[at], (*place, at))


def _changed(state: Any, place: tuple[Any, ...], change: Any) -> Any:
    if not place:
        return state
    inner = state
    for step in place[:-1]:
        inner = inner[step]
    last, value = place[-1], inner[place[-1]]
    if change == "DELETE":
        del inner[last]
    elif change == "RENAME" and isinstance(inner, dict):
        inner["renamed"] = inner.pop(last)
    elif change == "DOUBLE" and isinstance(value, (list, str, int, float)):
        inner[last] = value * 2
    elif change == "HALVE" and isinstance(value, (list, str)):
        inner[last] = value[: len(value) // 2]
    else:
        inner[last] = change
    return state


def number_edits(model: Path, file: str = "codec.json") -> Iterator[Edit]:
    """Every number of a file as a huge one and as ones that no size may be."""
    state = json.loads((model / file).read_text(encoding="utf-8"))
    for place in _places(state):
        value = state
        for step in place:
            value = value[step]
        if isinstance(value, int | float) and not isinstance(value, bool):
            for change in (10**9, 3 * 10**7, 10**30, -1, 0):
                yield Edit(model, file, place, change, 3)


ARRAY_CHANGES = (
    *("absent", "empty", "scalar", "double", "halve", "transpose", "one longer axis"),
    *("text", "objects", "floats", "negative", "huge", "infinite", "bits", "zeros", "reversed"),
)


def _changed_array(array: Any, change: str, rng: np.random.Generator) -> Any:
    flat = array.reshape(-1).copy()
    some = rng.integers(0, max(len(flat), 1), 3)
    numeric = array.dtype.kind in "iuf" and len(flat)
    if change == "absent":
        return None
    if change == "empty":
        return array.reshape(-1)[:0]
    if change == "scalar":
        return np.asarray(flat[0] if len(flat) else 0)
    if change == "double":
        return np.concatenate([np.atleast_1d(array)] * 2)
    if change == "halve":
        return np.atleast_1d(array)[: len(np.atleast_1d(array)) // 2]
    if change == "transpose":
        return array.T
    if change == "one longer axis":
        return array[None]
    if change == "text":
        return array.astype(str)
    if change == "objects":
        return np.array(["x"] * max(array.size, 1))
    if change == "floats":
        return array.astype(np.float64) + 0.5
    if change == "zeros":
        return np.zeros_like(array)
    if change == "reversed":
        return np.ascontiguousarray(np.flip(array))
    if change == "bits":
        data = bytearray(array.tobytes())
        for at in rng.integers(0, max(len(data), 1), 3) if data else ():
            data[at] ^= 1 << int(rng.integers(8))
        return np.frombuffer(bytes(data), array.dtype).reshape(array.shape)
    if numeric:
        info = np.finfo(array.dtype) if array.dtype.kind == "f" else np.iinfo(array.dtype)
        low, high = info.min, info.max
        value = {"negative": -1 if array.dtype.kind != "u" else high, "huge": high}.get(change, low)
        flat[some] = np.nan if change == "infinite" and array.dtype.kind == "f" else value
        return flat.reshape(array.shape)
    return np.ones(3)
