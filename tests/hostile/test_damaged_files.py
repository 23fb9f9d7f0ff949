"""Files of every format with some bytes changed or cut: rows or an error, never a crash or a hang."""

from __future__ import annotations

import random
import sqlite3
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from tests.hostile.amounts import amount
from tests.hostile.isolation import outcomes
from tests.hostile.models import events

from artesian.core.errors import ArtesianError
from artesian.data.read import read, read_dataset

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True, slots=True)
class Damage:
    """A seeded change of the bytes of a file, or of a member of an archive."""

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


def read_damaged(damage: Damage) -> str:
    """'rows', 'error: ...' for one of our own, 'fault: ...' for any other exception."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / damage.path.name
        damage.apply(path)
        try:
            if damage.seed % 3 == 0:
                read_dataset(path)
            else:
                read(path)
        except ArtesianError as problem:
            return f"error: {problem.problem}" if problem.hint else f"fault: no hint: {problem}"
        except BaseException as problem:
            frames = traceback.extract_tb(problem.__traceback__)[-4:]
            places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
            return f"fault: {type(problem).__name__}: {problem} at {places}"
    return "rows"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small table in every format."""
    folder = tmp_path_factory.mktemp("sources")
    frame = events(60)
    frame.write_csv(folder / "t.csv")
    frame.write_ndjson(folder / "t.jsonl")
    frame.write_parquet(folder / "t.parquet")
    frame.write_ipc(folder / "t.feather", compression="zstd")
    frame.write_excel(folder / "t.xlsx")
    for name in ("gz", "zst"):
        import pyarrow as pa

        codec = {"gz": "gzip", "zst": "zstd"}[name]
        with pa.output_stream(str(folder / f"t.csv.{name}"), compression=codec) as file:
            file.write((folder / "t.csv").read_bytes())
    import duckdb

    with duckdb.connect(str(folder / "t.duckdb")) as base:
        base.register("rows", frame.to_arrow())
        base.execute("CREATE TABLE t AS SELECT * FROM rows")
    with closing(sqlite3.connect(folder / "t.sqlite")) as base:
        texts = frame.with_columns(pl.selectors.temporal().cast(pl.String))
        base.execute(f"CREATE TABLE t ({', '.join(f'[{n}]' for n in frame.columns)})")
        marks = ", ".join("?" * frame.width)
        base.executemany(f"INSERT INTO t VALUES ({marks})", texts.rows())
        base.commit()
    with (
        zipfile.ZipFile(FILES / "text_spaces.ods") as old,
        zipfile.ZipFile(folder / "t.ods", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"4000000000", b"4"))
    return sorted(folder.iterdir())


def _damages(sources: list[Path], count: int, seed: int) -> Iterator[Damage]:
    for number in range(count):
        yield Damage(sources[number % len(sources)], seed * 1_000_000 + number)


def _check(sources: list[Path], count: int, seed: int) -> None:
    wrong = [
        f"{damage}: {result[:300]}"
        for damage, result in outcomes(read_damaged, _damages(sources, count, seed))
        if result in ("crash", "hang") or result.startswith("fault")
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_damaged_files_end_with_an_error_or_with_rows(sources: list[Path]) -> None:
    _check(sources, 60, seed=1)


@pytest.mark.slow
def test_many_damaged_files_end_with_an_error_or_with_rows(sources: list[Path]) -> None:
    _check(sources, amount(600, 3_000), seed=2)
