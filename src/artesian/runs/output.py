"""The output folder: names of its files, and how they are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey

REPORT, SCORECARD, SUMMARY, SCHEMA, MANIFEST, MODEL = (
    "report.html",
    "scorecard.json",
    "scorecard.md",
    "dataset.toml",
    "manifest.json",
    "model",
)

SENSITIVE_MODEL = (
    "the saved model is as sensitive as the rows it was fitted on: keep it where these rows are "
    "kept, and do not release it"
)
"""What a user must know of every saved model: its leaves are frequencies of few training rows, so it
reveals more of them than synthetic rows do."""


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, atomically; other types are converted to text, NaN is refused."""
    text = json.dumps(value, indent=1, ensure_ascii=False, default=str, allow_nan=False)
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, atomically, replacing an existing file."""
    with staged_file(path, force=True) as stage:
        stage.write_bytes(text.encode("utf-8", "replace"))  # lone surrogates cannot be written


def stated_keys(dataset: Dataset) -> tuple[ForeignKey, ...] | None:
    """The foreign keys to write into a schema file; None for one table, which has none."""
    return dataset.foreign_keys if len(dataset) > 1 else None
