"""Whole tables as codes and back, on real tables too."""

import numpy as np
import polars as pl
import pytest
from tests.real_tables import path

from artesian.core.errors import ConditionError, SchemaError, UsageError
from artesian.core.run import Seed
from artesian.data.read import read
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.encoding.table_codec import TableCodec, column_of


def people(rows=300):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "note": pl.Series([f"n {i * 31}" for i in range(rows)]).set(
                pl.Series(rng.random(rows) < 0.2), None
            ),
            "age": rng.integers(18, 80, rows),
            "plan": rng.choice(["gold", "basic"], rows),
        }
    )
    kinds = {"id": Kind.KEY, "note": Kind.TEXT, "age": Kind.NUMBER, "plan": Kind.CATEGORY}
    columns = (Column(name=n, kind=k, nullable=n == "note") for n, k in kinds.items())
    return Table(frame, Schema(columns=tuple(columns)), Origin(name="people", format="csv"))


def decoded(codec, codes, seed=0):
    uniforms = np.random.default_rng(seed).random(codes.shape)
    return codec.decode(codes, uniforms, 0, Seed(seed)).frame


def test_keys_and_texts_are_not_coded_but_whether_a_text_is_missing_is():
    data = people()
    codec = TableCodec.from_data(data)
    assert codec.names == ("note", "age", "plan")
    assert codec.surrogates.names == ("id", "note")
    codes = codec.encode(data)
    assert codes.shape == (3, 300)
    assert (codes.max(axis=1) < codec.levels).all()
    assert codec.ordered.tolist() == [False, True, False]
    made = decoded(codec, codes)
    assert made.columns == data.frame.columns
    assert made.schema == data.frame.schema
    assert (made["note"].is_null() == data.frame["note"].is_null()).all()
    assert made["plan"].equals(data.frame["plan"])
    assert made["id"].n_unique() == 300


def test_the_state_gives_the_same_codec():
    data = people()
    codec = TableCodec.from_data(data)
    header, arrays = codec.to_state()
    again = TableCodec.from_state(header, arrays, data.frame.clear(), data.schema, data.origin)
    codes = codec.encode(data)
    assert (again.encode(data) == codes).all()
    assert decoded(again, codes).equals(decoded(codec, codes))
    assert again.suppressed() == codec.suppressed()


def test_what_protection_changed_is_told():
    data = people()
    frame = data.frame.with_columns(
        plan=pl.when(pl.col("id") < 3).then(pl.lit("odd")).otherwise("plan"),
        age=pl.when(pl.col("id") == 9).then(400).otherwise("age"),
    )
    told = TableCodec.from_data(data.with_frame(frame)).suppressed()
    assert told["plan"] == {"rows": 3, "replacement": "(rare)"}
    assert told["age"]["replacement"] == "fitted tail"
    assert 1 <= told["age"]["rows"] <= 8
    assert not TableCodec.from_data(data.with_frame(frame), protect=False).suppressed()


def test_rows_unseen_in_fitting_can_be_encoded():
    data = people()
    codec = TableCodec.from_data(data)
    frame = pl.DataFrame(
        {"id": [1, 2], "note": [None, "x"], "age": [-5, None], "plan": ["silver", None]},
        schema=data.frame.schema,
    )
    codes = codec.encode(data.with_frame(frame))
    assert (codes.max(axis=1) < codec.levels).all()


def test_only_modelled_columns_can_be_asked_for():
    codec = TableCodec.from_data(people())
    assert column_of(codec, "age").kind is Kind.NUMBER
    with pytest.raises(ConditionError, match="generated values"):
        column_of(codec, "note")
    with pytest.raises(SchemaError, match="did you mean 'plan'"):
        column_of(codec, "plam")


@pytest.mark.parametrize(
    "name",
    [
        "adult",
        "credit_default",
        "california_housing",
        "online_shoppers",
        "chinook/Track",
        "penguins",
    ],
)
def test_real_columns_keep_their_distribution(name):
    data = read(path(name))
    codec = TableCodec.from_data(data)
    codes = codec.encode(data)
    made = decoded(codec, codes)
    assert made.schema == data.frame.schema
    for column in codec.names:
        if column in codec.surrogates.names or column not in made.columns:
            continue
        if data.schema[column].kind is Kind.KEY:
            continue
        real, new = data.frame[column], made[column]
        # A relation with exceptions is kept without exceptions.
        exceptions = 0.01 * len(real) if column in codec.transforms.columns else 0
        assert abs(new.null_count() - real.null_count()) <= exceptions, column
        if data.schema[column].kind in (Kind.NUMBER, Kind.DATETIME):
            one, two = (np.sort(s.drop_nulls().to_physical().to_numpy()) for s in (real, new))
            both = np.concatenate([one, two])
            gap = np.searchsorted(one, both, "right") - np.searchsorted(two, both, "right")
            assert np.abs(gap).max() / len(one) < 0.02, column
        else:
            counts = [s.drop_nulls().value_counts().rows() for s in (real, new)]
            one, two = ({str(value): count for value, count in rows} for rows in counts)
            rare = sum(count for count in one.values() if count < 5)
            moved = sum(abs(one.get(v, 0) - two.get(v, 0)) for v in {*one, *two})
            # Those that share a code are drawn by frequency, which moves a few.
            assert moved / 2 <= rare + exceptions + 0.05 * len(real) * (len(one) > 250), column


def wide(rows=8000):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "x": pl.Series(rng.normal(size=rows)).set(pl.Series(rng.random(rows) < 0.1), None),
            "town": [f"t{i % 900:03d}" for i in range(rows)],
            "plan": rng.choice(["gold", "basic"], rows),
        }
    )
    kinds = {"x": Kind.NUMBER, "town": Kind.CATEGORY, "plan": Kind.CATEGORY}
    columns = (Column(name=n, kind=k, nullable=n == "x") for n, k in kinds.items())
    return Table(frame, Schema(columns=tuple(columns)))


def test_more_codes_than_a_byte_holds_are_finer_and_come_back():
    data = wide()
    narrow, fine = TableCodec.from_data(data), TableCodec.from_data(data, max_codes=1200)
    assert narrow.encode(data).dtype == np.uint8
    codes = fine.encode(data)
    assert codes.dtype == np.uint16
    assert fine.levels.tolist()[1] == 900, "every category owns a code"
    assert 1000 < fine.levels[0] <= 1200
    assert (codes.max(axis=1) < fine.levels).all()
    rows = decoded(fine, codes)
    assert rows["town"].equals(data.frame["town"])
    assert rows["x"].is_null().equals(data.frame["x"].is_null())
    errors = [
        (decoded(codec, codec.encode(data))["x"] - data.frame["x"]).abs().mean()
        for codec in (narrow, fine)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_wide_codes_survive_saving_and_take_conditions():
    data = wide()
    codec = TableCodec.from_data(data, max_codes=1200)
    header, arrays = codec.to_state()
    again = TableCodec.from_state(header, arrays, data.frame.clear(), data.schema, data.origin)
    assert (again.encode(data) == codec.encode(data)).all()
    _, weights = codec.coded["town"].restrict_values(["t777"])
    assert weights.shape == (900,)
    assert weights.sum() == 1


@pytest.mark.parametrize("max_codes", [0, 31, 65_537])
def test_an_impossible_number_of_codes_is_refused(max_codes):
    with pytest.raises(UsageError, match="max_codes"):
        TableCodec.from_data(wide(50), max_codes=max_codes)
