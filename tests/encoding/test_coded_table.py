"""Coded tables: the codes of a table and the facts of their columns stay together."""

import numpy as np
import polars as pl
import pytest

from artesian.encoding.table_codec import TableCodec
from artesian.testing.tables import people, table


@pytest.fixture(scope="module")
def coded():
    data = people(300)
    return TableCodec.from_data(data).coded_table(data)


def test_it_has_the_facts_of_every_column(coded):
    assert coded.names == tuple(people(1).schema.names[1:]), "the key has no codes"
    assert (coded.columns, coded.rows) == (8, 300)
    assert coded.ordered.tolist() == [True, True, True, False, False, False, True, True]
    assert coded.missing.tolist() == [False] * 7 + [True]
    for column in range(coded.columns):
        counts = coded.counts(column)
        assert len(counts) == coded.levels[column]
        assert counts.sum() == 300


def test_the_last_code_counts_missing_values():
    data = table(pl.DataFrame({"x": [1.0, None, 2.0, None, None] * 3}))
    coded = TableCodec.from_data(data).coded_table(data)
    assert coded.counts(0)[-1] == 9


def test_other_rows_keep_the_columns(coded):
    half = coded.with_codes(coded.codes[:, ::2])
    assert half.rows == 150
    assert (half.levels == coded.levels).all()


def test_categories_are_added_behind(coded):
    extra = np.arange(300, dtype=np.uint8) % 3
    more = coded.with_categories(["third"], [extra], [3])
    assert more.names[-1] == "third"
    assert more.levels[-1] == 3
    assert not more.ordered[-1]
    assert not more.missing[-1]
    assert (more.codes[:-1] == coded.codes).all()
    assert (more.codes[-1] == extra).all()
    assert coded.with_categories([], [], []).columns == coded.columns
