"""The limit of the number of columns, and the option that sets another one."""

import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import DataError, UsageError
from artesian.core.width import MAX_COLUMNS, VARIABLE, max_columns


def wide(columns: int) -> pl.DataFrame:
    return pl.DataFrame({f"c{at}": [1, 2, 2] for at in range(columns)})


def test_a_table_of_too_many_columns_is_refused_with_the_limit_and_the_option() -> None:
    with pytest.raises(DataError) as caught:
        ar.read(wide(MAX_COLUMNS + 1))
    assert f"{MAX_COLUMNS + 1:,} columns, and the limit is {MAX_COLUMNS:,}" in caught.value.problem
    assert f"{VARIABLE}={MAX_COLUMNS + 1}" in str(caught.value.hint)


def test_the_option_that_the_error_names_sets_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "5")
    with pytest.raises(DataError, match="6 columns, and the limit is 5"):
        ar.read(wide(6))
    monkeypatch.setenv(VARIABLE, "6")
    assert len(ar.read(wide(6)).schema) == 6


@pytest.mark.parametrize("text", ["many", "-3", "0", "1e4", "9" * 12])
def test_another_text_is_no_limit(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(UsageError, match=VARIABLE):
        max_columns()
