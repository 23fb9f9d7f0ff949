"""Tables of a newer or older database of models: changed column names, and the rebuilt series."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path

import pytest

from artesian.core.errors import DataError, OutputError
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.series.rebuild import rebuild_series

TODAY = dt.date(2026, 11, 30)
COLUMNS = {
    "2025": ("Model", "Training dataset size (datapoints)", "Training compute (FLOP)"),
    "2026": ("Model", "Training dataset size (total)", "Training compute (FLOP)"),
    "2024": ("System", "Training dataset size (datapoints)", "Training compute (FLOP)"),
    "other case": ("model", "Training Dataset Size (Tokens)", "Training compute (FLOPs)"),
}


def table(path: Path, model: str, size: str, compute: str) -> Path:
    header = [model, "Domain", "Organization", "Publication date", size, "Dataset size notes"]
    header += [compute, "Base model", "Confidence", "Abstract"]
    rows = [
        [
            "A",
            "Language",
            "x",
            "2024-03-01",
            "3e12",
            "3T tokens",
            "1e24",
            "",
            "Confident",
            "two\nlines",
        ],
        ["B", "Multimodal,Language", "x", "2024-04-01", "9e12", "", "1e25", "", "Confident", ""],
        ["C", "Language", "x", "2026-09-15", "40000000000000", "", "", "", "Confident", ""],
        ["D", "Language", "x", "2012-05-01", "8e8", "800M words of news", "", "", "Confident", ""],
        ["E", "Vision", "x", "2024-05-01", "1e9", "", "1e22", "", "Confident", ""],
        ["F", "Language", "x", "", "1e12", "", "", "", "Confident", ""],
        ["G", "Language", "x", "2024-06-01", "", "", "", "", "Confident", ""],
    ]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize("names", COLUMNS.values(), ids=list(COLUMNS))
def test_changed_column_names_are_recognised(tmp_path, names):
    source, out = table(tmp_path / "epoch.csv", *names), tmp_path / "series.csv"
    rebuilt = rebuild_series(source, out, today=TODAY)
    assert (rebuilt.rows, rebuilt.newest) == (4, dt.date(2026, 9, 15))
    assert rebuilt.excluded == {
        "not a language model": 1,
        "no publication date": 1,
        "size and compute unknown": 1,
    }
    models = read_language_models(out, today=TODAY)
    # 800M words are a billion tokens; B is not text-only.
    assert models.sizes.values.tolist() == pytest.approx([1e9, 3e12, 4e13])
    assert "epoch.csv" in models.sizes.source
    # The table itself can be used too, once its rows have dates.
    text = source.read_text().replace("F,Language,x,,", "F,Language,x,2024-07-01,")
    source.write_text(text)
    assert len(read_language_models(source, today=TODAY).sizes) == 4


def test_compressed_table_and_existing_output(tmp_path):
    plain = table(tmp_path / "epoch.csv", *COLUMNS["2026"])
    source, out = tmp_path / "epoch.csv.gz", tmp_path / "series.csv"
    source.write_bytes(gzip.compress(plain.read_bytes()))
    assert rebuild_series(source, out, today=TODAY).rows == 4
    with pytest.raises(OutputError):
        rebuild_series(source, out, today=TODAY)
    assert rebuild_series(source, out, today=TODAY, force=True).rows == 4


def test_a_count_of_passes_is_not_a_size(tmp_path):
    path = table(
        tmp_path / "m.csv", "Model", "Training dataset size (gradients)", "Training compute"
    )
    with pytest.raises(DataError, match="Training dataset size"):
        read_language_models(path, today=TODAY)
