"""URLs of databases, and what is shown of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.shop import KEYS, write_shop

from artesian.core.errors import DataError, UsageError, without_passwords
from artesian.data.databases import shown_url, target_of_url
from artesian.data.read import read, read_dataset
from artesian.data.readers.server_address import is_database_url, parse_address


@pytest.mark.parametrize(
    ("url", "shown", "schema", "table"),
    [
        ("postgresql://h/db", "postgresql://h/db", None, None),
        ("postgres://ann:x@h:5/db?schema=s", "postgresql://ann@h:5/db?schema=s", "s", None),
        ("postgresql://h/db?sslmode=require::t", "postgresql://h/db", None, "t"),
        ("postgresql+pg8000://h/db?schema=s::a b", "postgresql://h/db?schema=s", "s", "a b"),
        ("postgresql://ann:x%40y@[::1]:5432/db", "postgresql://ann@[::1]:5432/db", None, None),
        ("postgresql://u:a::b@h/db", "postgresql://u@h/db", None, None),
    ],
)
def test_an_address_has_a_database_a_schema_and_a_table(
    url: str, shown: str, schema: str | None, table: str | None
) -> None:
    address = parse_address(url)
    assert (address.shown, address.schema, address.table) == (shown, schema, table)
    assert "x@" not in repr(address)
    if table is None:
        assert shown_url(url) == shown


@given(st.text(st.characters(codec="utf-8", exclude_characters="*", min_codepoint=33), min_size=4))
def test_a_password_is_in_no_message(secret: str) -> None:
    if secret in "postgresql://ann@host/shop" or any(c.isspace() for c in secret):
        return
    assert secret not in without_passwords(f"no postgresql://ann:{secret}@host/shop there")


def test_urls_of_files_are_files(tmp_path: Path) -> None:
    for name, scheme in (("shop.db", "sqlite"), ("shop.duckdb", "duckdb")):
        path = write_shop(tmp_path / name)
        assert {str(k) for k in read_dataset(f"{scheme}:///{path}").foreign_keys} == KEYS
        assert len(read(f"{scheme}:///{path}::line")) == 150
    assert not is_database_url("https://host/x.csv")
    with pytest.raises(DataError, match="is not a file\nhint: download it first"):
        read("https://ann:secret@host/x.csv")
    with pytest.raises(UsageError, match="names no file"):
        read("sqlite://shop.db")
    with pytest.raises(UsageError, match="did you mean 'duckdb'"):
        target_of_url("duckdbb:///x")


@pytest.mark.parametrize("url", ["postgresql://h:port/db", "postgresql://h/db?schema=a&schema=b"])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(UsageError):
        parse_address(url)
