"""Time series and the table of language models: bundled content and invalid input."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from artesian.core.errors import DataError
from artesian.forecasting.series.csv_file import conversion_factor, decimal_year
from artesian.forecasting.series.language_models import MODELS_FILE, SIZE, read_language_models
from artesian.forecasting.series.time_series import TimeSeries, read_series

TODAY = dt.date(2025, 6, 30)
HEADER = f"Model,Domain,Publication date,{SIZE},Unit,Training compute (FLOP),Base model,Confidence"


def series_file(tmp_path: Path, rows: str, head: str = "# unit: tokens\n") -> Path:
    path = tmp_path / "series.csv"
    path.write_text(f"{head}date,value\n{rows}")
    return path


def models(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "models.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_bundled_table_contains_published_records():
    sizes = read_language_models(today=TODAY).sizes.records()
    expected = {2019.81: 2e11, 2020.40: 3.74e11, 2024.30: 1.5e13, 2025.32: 3.6e13}  # T5 to Qwen3
    result = dict(zip(np.round(sizes.dates, 2).tolist(), sizes.values.tolist(), strict=True))
    assert {date: result[date] for date in expected} == expected


def test_bundled_table_has_source_and_licence():
    result = read_language_models(today=TODAY)
    assert "Epoch AI" in result.sizes.source
    assert result.sizes.licence.startswith("CC BY 4.0")
    assert (MODELS_FILE.parent / "SOURCES.md").read_text().count(MODELS_FILE.name) == 1


def test_every_row_is_used_or_has_an_exclusion_reason():
    result = read_language_models(today=TODAY)
    rows = sum(1 for line in MODELS_FILE.read_text().splitlines() if not line.startswith("#")) - 1
    assert max(len(result.sizes), len(result.compute)) <= rows - sum(result.excluded.values())
    assert rows - sum(result.excluded.values()) <= len(result.sizes) + len(result.compute)
    assert set(result.excluded) >= {"not text-only", "derived from a base model"}


def test_words_are_converted_and_rows_are_filtered(tmp_path):
    path = models(
        tmp_path,
        "a,Language,2020-01-01,3e9,words,,,Confident",
        "b,Language,2021-01-01,5e9,tokens,1e20,,Confident",
        'c,"Language,Vision",2021-01-01,9e9,tokens,,,Confident',
        "d,Language,2021-01-01,9e9,tokens,,b,Confident",
        "e,Language,2021-01-01,9e9,tokens,,,Speculative",
        "f,Vision,2021-01-01,9e9,tokens,,,Confident",
        "g,Language,2009-01-01,9e9,tokens,,,Confident",
        "h,Language,2021-01-01,,,,,Confident",
    )
    result = read_language_models(path, today=TODAY)
    np.testing.assert_allclose(result.sizes.values, [3.75e9, 5e9])  # 0.8 words per token
    assert result.compute.values.tolist() == [1e20]
    assert result.excluded == dict.fromkeys(
        [
            "not text-only",
            "derived from a base model",
            "confidence Speculative",
            "not a language model",
            "before 2010",
            "size and compute unknown",
        ],
        1,
    )


def test_table_without_ratings_is_used_completely(tmp_path):
    header = f"Model,Domain,Publication date,{SIZE}"
    path = models(tmp_path, "a,Language,2020-01-01,3e9", header=header)
    assert len(read_language_models(path, today=TODAY).sizes) == 1


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("a,Language,2026-01-01,3e9,tokens,,,Confident", "Publication date", "is after today"),
        ("a,Language,May 2020,3e9,tokens,,,Confident", "Publication date", "is not a date"),
        ("a,Language,2020-02-30,3e9,tokens,,,Confident", "Publication date", "is not a date"),
        ("a,Language,,3e9,tokens,,,Confident", "Publication date", "is empty"),
        ("a,Language,2020-01-01,many,tokens,,,Confident", SIZE, "is not a number"),
        ("a,Language,2020-01-01,inf,tokens,,,Confident", SIZE, "not finite"),
        ("a,Language,2020-01-01,-3e9,tokens,,,Confident", SIZE, "is negative"),
        ("a,Language,2020-01-01,0,tokens,,,Confident", SIZE, "is 0"),
        ("a,Language,2020-01-01,3e9,bytes,,,Confident", "Unit", "'bytes' cannot be converted"),
        ("a,Language,2020-01-01,3e9,tokens,-1,,Confident", "Training compute (FLOP)", "negative"),
    ],
)
def test_invalid_value_is_reported_by_file_line_and_column(tmp_path, row, column, problem):
    path = models(tmp_path, "good,Language,2020-01-01,1e9,tokens,,,Confident", row)
    with pytest.raises(DataError) as caught:
        read_language_models(path, today=TODAY)
    for part in (str(path), "line 3", repr(column), problem):
        assert part in caught.value.problem
    assert caught.value.hint


def test_missing_column_has_a_suggestion(tmp_path):
    path = models(tmp_path, header=HEADER.replace("Publication date", "Publication day"))
    with pytest.raises(DataError, match="no column 'Publication date'") as caught:
        read_language_models(path, today=TODAY)
    assert caught.value.hint == "did you mean 'Publication day'?"


def test_table_without_usable_rows_lists_the_reasons(tmp_path):
    path = models(tmp_path, "a,Language,2020-01-01,3e9,tokens,,,Speculative")
    with pytest.raises(DataError, match="1 confidence Speculative"):
        read_language_models(path, today=TODAY)


def test_row_with_too_many_values_is_rejected(tmp_path):
    path = models(tmp_path, "a,Language,Vision,2020-01-01,3e9,tokens,,,Confident,")
    with pytest.raises(DataError, match="line 2: 10 values for 8 columns"):
        read_language_models(path, today=TODAY)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00date"])
def test_missing_or_binary_file_is_rejected(tmp_path, content):
    path = tmp_path / "broken.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        read_series(path, unit="tokens", today=TODAY)


def test_series_is_sorted_and_converted(tmp_path):
    head = "# unit: billion words\n# source: a census, as of 2024\n# licence: CC0\n"
    path = series_file(tmp_path, "2022,6\n2021,3\n2023,9\n", head)
    result = read_series(path, unit="tokens", today=TODAY)
    assert result.dates.tolist() == [2021.0, 2022.0, 2023.0]
    np.testing.assert_allclose(result.values, [3.75e9, 7.5e9, 11.25e9])
    assert (result.unit, result.source, result.licence) == ("tokens", "a census, as of 2024", "CC0")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("2020,1\n2021,\n", "line 4: column 'value' is empty"),
        ("", "has no rows"),
    ],
)
def test_invalid_series_is_rejected(tmp_path, rows, problem):
    path = series_file(tmp_path, rows)
    with pytest.raises(DataError) as caught:
        read_series(path, unit="tokens", today=dt.date(2040, 1, 1))
    assert str(path) in caught.value.problem
    assert problem in caught.value.problem


def test_series_without_a_convertible_unit_is_rejected(tmp_path):
    with pytest.raises(DataError, match="has no unit"):
        read_series(series_file(tmp_path, "2020,1\n", head=""), unit="tokens", today=TODAY)
    with pytest.raises(DataError, match="'pages' cannot be converted to 'tokens'"):
        read_series(
            series_file(tmp_path, "2020,1\n", "# unit: pages\n"), unit="tokens", today=TODAY
        )


def test_only_words_convert_to_tokens():
    assert conversion_factor("trillion tokens", "tokens", "") == 1e12
    assert conversion_factor("people", "people", "") == 1.0
    with pytest.raises(DataError, match="'words' cannot be converted to 'people'"):
        conversion_factor("words", "people", "")


def test_decimal_year_accounts_for_leap_years():
    assert decimal_year(dt.date(2024, 1, 1)) == 2024.0
    assert decimal_year(dt.date(2024, 12, 31)) == pytest.approx(2024 + 365 / 366)


def test_records_exceed_all_earlier_values():
    series = TimeSeries("s", np.arange(5.0), np.array([2.0, 1.0, 2.0, 5.0, 4.0]), "u", "", "")
    assert series.records().values.tolist() == [2.0, 5.0]
    assert series.until(2.0).values.tolist() == [2.0, 1.0, 2.0]
    assert len(series.until(-1.0).records()) == 0


def test_unsorted_series_or_unequal_lengths_are_rejected():
    with pytest.raises(DataError, match="not sorted by date"):
        TimeSeries("s", np.array([2.0, 1.0]), np.ones(2), "u", "", "")
    with pytest.raises(DataError, match="dates for"):
        TimeSeries("s", np.ones(2), np.ones(3), "u", "", "")
