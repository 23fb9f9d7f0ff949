"""One small table in every format, and the other files that a command reads."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from tests.hostile.models import events
from tests.hostile.old_workbooks import cells_of, write_xls, write_xlsb

from artesian.forecasting.series import bundled_data

FILES = Path(__file__).parent / "files"
COLUMNS = ("order", "person", "email", "town", "start", "end", "net", "gross", "paid", "score")


def write_tables(folder: Path, frame: pl.DataFrame | None = None) -> list[Path]:
    """The files of one table in every format that is read."""
    frame = events(60) if frame is None else frame
    frame.write_csv(folder / "t.csv")
    frame.write_ndjson(folder / "t.jsonl")
    frame.write_parquet(folder / "t.parquet")
    frame.write_ipc(folder / "t.feather", compression="zstd")
    frame.write_excel(folder / "t.xlsx")
    write_xls(folder / "t.xls", cells_of(frame))
    write_xlsb(folder / "t.xlsb", cells_of(frame))
    for name, codec in (("gz", "gzip"), ("zst", "zstd")):
        with pa.output_stream(str(folder / f"t.csv.{name}"), compression=codec) as file:
            file.write((folder / "t.csv").read_bytes())
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


def write_schemas(folder: Path) -> list[Path]:
    """Schemas of the table `t` in both forms."""
    kinds = {"order": "key", "town": "category", "net": "number", "start": "datetime"}
    lines = ["[tables.t]", 'key = "order"', 'constraints = ["net <= gross", "start <= end"]']
    for name, kind in kinds.items():
        lines += [f"[tables.t.columns.{name}]", f'kind = "{kind}"', "nullable = false"]
    lines += ['[tables.t.columns.score]\nkind = "number"\ndecimals = 3\nmissing = "-"']
    (folder / "s.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {
        "order": {"sdtype": "id", "regex_format": "ORD-[0-9]{5}"},
        "town": {"sdtype": "categorical"},
        "net": {"sdtype": "numerical", "computer_representation": "Int64"},
        "start": {"sdtype": "datetime", "datetime_format": "%Y-%m-%d"},
        "email": {"sdtype": "email", "pii": True},
    }
    table = {"primary_key": "order", "columns": columns}
    metadata = {"METADATA_SPEC_VERSION": "V1", "tables": {"t": table}, "relationships": []}
    (folder / "s.json").write_text(json.dumps(metadata), encoding="utf-8")
    return [folder / "s.toml", folder / "s.json"]


def write_series(folder: Path) -> list[Path]:
    """Files for `artesian forecast`: the data series of the package, cut short, and scenarios."""
    for path in sorted(Path(bundled_data.__file__).parent.glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / path.name).write_text("".join(lines[:60]), encoding="utf-8")
    (folder / "plans.toml").write_text(
        '[[scenario]]\nname = "opt-outs"\n[scenario.set]\nlevers.opt_out = 0.3\n'
        '[[scenario]]\nname = "study"\ndemand = "study"\n',
        encoding="utf-8",
    )
    return sorted(folder.iterdir())
