"""Inference: kinds, spellings and evidence, column by column."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import DataError, SchemaError
from artesian.data.formatting.times import write_times
from artesian.data.inference.infer import infer
from artesian.data.readers.raw import Raw
from artesian.data.schema import Column, Kind, Schema
from artesian.data.value_format import ValueFormat


def column(values, name="x", given=None, text=True):
    frame = pl.DataFrame({name: pl.Series(values, dtype=pl.String if text else None)})
    schema = None if given is None else Schema(columns=(given,))
    inferred = infer(Raw(frame=frame, text=text), schema)
    return inferred.table.schema[name], inferred.table.frame[name], inferred.evidence[name]


@pytest.mark.parametrize(
    "token", ["?", "NA", "N/A", "null", "NaN", "-", "--", ".", "missing", "None"]
)
def test_missing_spellings_among_numbers(token):
    meant, values, why = column(["1", token, "3", token])
    assert (meant.kind, meant.nullable, meant.value_format.missing) == (Kind.NUMBER, True, token)
    assert values.to_list() == [1, None, 3, None]
    assert repr(token) in why


def test_the_more_frequent_spelling_of_missing_is_kept():
    meant, _, why = column(["1", "?", None, None, "3"])
    assert meant.value_format.missing == ""
    assert "an empty field" in why
    assert "'?'" in why


def test_in_text_only_safe_values_are_missing():
    values = ["red", "none", "?", "unknown", "red", "-"] * 10
    meant, values, _ = column(values)
    assert meant.value_format.missing == "?"
    assert values.null_count() == 10
    assert {"none", "unknown", "-"} <= set(values.drop_nulls())


def test_namibia_stays_a_country():
    codes = ["NA", "DE", "FR", "IT", "ES", "GB"] * 5
    _, values, _ = column(codes)
    assert values.null_count() == 0
    _, values, _ = column(["NA", "yellow", "green"] * 5)
    assert values.null_count() == 5


@pytest.mark.parametrize(
    ("true", "false"),
    [("True", "False"), ("yes", "no"), ("Y", "N"), ("T", "F"), ("TRUE", "FALSE"), ("on", "off")],
)
def test_booleans_as_text(true, false):
    meant, values, why = column([true, false, None, true])
    assert meant.kind is Kind.BOOLEAN
    assert values.to_list() == [True, False, None, True]
    assert (meant.value_format.true, meant.value_format.false) == (true, false)
    assert why.startswith("booleans")


def test_zero_and_one_are_numbers_and_a_lone_word_is_a_category():
    meant, values, why = column(["0", "1", "1"])
    assert (meant.kind, values.dtype) == (Kind.NUMBER, pl.Int64)
    assert "0 and 1" in why
    assert column(["no", "no"])[0].kind is Kind.CATEGORY
    assert column(["false", "false"])[0].kind is Kind.BOOLEAN


def test_whole_numbers_decimals_and_their_digits():
    assert column(["1", "-2", "+3"])[1].dtype == pl.Int64
    meant, values, _ = column(["1.50", "2.25", "-0.10"])
    assert (values.dtype, meant.value_format.decimals) == (pl.Float64, 2)
    assert column(["1.5", "2.25"])[0].value_format.decimals is None
    assert column(["1e3", "2.5"])[1].to_list() == [1000.0, 2.5]
    assert column([" 7", "8 "])[1].to_list() == [7, 8]


def test_leading_zeros_and_very_long_numbers_are_codes():
    meant, values, why = column(["00042", "12345", "00042"] * 4, name="zip")
    assert (meant.kind, values.dtype, meant.value_format.width) == (Kind.CATEGORY, pl.String, 5)
    assert "leading zeros" in why
    _, values, _ = column(["123456789012345678901", "3"])
    assert values.dtype == pl.String


def test_numbers_with_a_few_texts_stay_text_and_are_noted():
    frame = pl.DataFrame({"x": [*map(str, range(99)), "abc"]})
    inferred = infer(Raw(frame=frame, text=True))
    assert inferred.table.frame["x"].dtype == pl.String
    assert "mixes numbers and text such as 'abc'" in inferred.table.origin.notes[0]


def test_infinity_is_refused_with_column_and_count():
    with pytest.raises(DataError, match="column 'x' is infinite in 2 rows"):
        column(["1.5", "inf", "-Infinity"])


DAY = datetime.date(2020, 2, 3)


@pytest.mark.parametrize(
    ("values", "pattern", "first"),
    [
        (["2020-02-03", "2021-12-31"], "%Y-%m-%d", DAY),
        (["2020/02/03", "2021/12/31"], "%Y/%m/%d", DAY),
        (["03.02.2020", "31.12.2021"], "%d.%m.%Y", DAY),
        (["3/2/2020", "31/12/2021"], "%-d/%-m/%Y", DAY),
        (["02/03/2020", "12/31/2021"], "%m/%d/%Y", DAY),
        (["02/03/20", "12/31/21"], "%m/%d/%y", DAY),
        (["03-Feb-2020", "31-Dec-2021"], "%d-%b-%Y", DAY),
        (["Feb 03, 2020", "Dec 31, 2021"], "%b %d, %Y", DAY),
        (["3 February 2020", "31 December 2021"], "%-d %B %Y", DAY),
        (["2020年02月03日", "2021年12月31日"], "%Y年%m月%d日", DAY),
        (["2020年2月3日", "2021年12月31日"], "%Y年%-m月%-d日", DAY),
        (["2020년 02월 03일", "2021년 12월 31일"], "%Y년 %m월 %d일", DAY),
        (["10:30", "09:05"], "%H:%M", datetime.time(10, 30)),
        (
            ["2020-02-03 10:30:00", "2021-12-31 23:59:59"],
            "%Y-%m-%d %H:%M:%S",
            datetime.datetime(2020, 2, 3, 10, 30),
        ),
        (
            ["2020-02-03T10:30:00.250", "2021-12-31T23:59:59.000"],
            "%Y-%m-%dT%H:%M:%S%.3f",
            datetime.datetime(2020, 2, 3, 10, 30, 0, 250_000),
        ),
        (
            ["2/3/2020 1:05 PM", "12/31/2021 11:59 AM"],
            "%-m/%-d/%Y %-I:%M %p",
            datetime.datetime(2020, 2, 3, 13, 5),
        ),
    ],
)
def test_dates_and_times_by_their_pattern(values, pattern, first):
    meant, read, _ = column([*values, None])
    assert meant.kind is Kind.DATETIME
    assert meant.value_format.pattern == pattern
    assert read.to_list()[0] == first
    assert read.dt.strftime(pattern).to_list() == [*values, None]


@pytest.mark.parametrize(
    ("unit", "pattern", "name"),
    [
        (1, "%s", "ts"),
        (1, "%s", "event_time"),
        (1000, "%s%3f", "created_ms"),
        (1, "%s", "Timestamp"),
    ],
)
def test_counts_of_seconds_since_1970_are_times_if_they_are_called_so(unit, pattern, name):
    counts = [(1_600_000_000 + 86_461 * n) * unit + n % unit for n in range(50)]
    for values in (counts, [*counts, None]):
        texts = [None if v is None else str(v) for v in values]
        for source, text in ((values, False), (texts, True)):
            meant, read, _ = column(source, name, text=text)
            assert meant.kind is Kind.DATETIME
            assert meant.value_format.pattern == pattern
            assert read[0] == datetime.datetime(2020, 9, 13, 12, 26, 40)
            assert write_times(read, pattern).to_list() == texts
    for other in ("amount", "time_id", "serial"):
        assert column(counts, other, text=False)[0].kind is not Kind.DATETIME
    assert column([v * 3 for v in counts], name, text=False)[0].kind is not Kind.DATETIME


def test_years_of_japanese_eras():
    texts = [
        "昭和64年1月7日",
        "平成1年1月8日",
        "平成31年4月30日",
        "令和1年5月1日",
        "令和3年11月30日",
    ]
    meant, read, _ = column([*texts, None])
    assert meant.kind is Kind.DATETIME
    assert meant.value_format.pattern == "%EY年%-m月%-d日"
    assert read.to_list() == [
        *map(datetime.date, (1989, 1989, 2019, 2019, 2021), (1, 1, 4, 5, 11), (7, 8, 30, 1, 30)),
        None,
    ]
    assert write_times(read, "%EY年%-m月%-d日").to_list() == [*texts, None]
    assert column(["令和元年5月1日", "令和2年5月1日"])[1].dt.year().to_list() == [2019, 2020]


@pytest.mark.parametrize(
    ("values", "zone", "pattern"),
    [
        (["2020-02-03T10:30:00Z", "2021-12-31T00:00:00Z"], "UTC", "%Y-%m-%dT%H:%M:%SZ"),
        (
            ["2020-02-03 10:30:00+02:00", "2021-12-31 00:00:00+02:00"],
            "Etc/GMT-2",
            "%Y-%m-%d %H:%M:%S%:z",
        ),
    ],
)
def test_zones_are_kept(values, zone, pattern):
    meant, read, why = column(values)
    assert read.dtype == pl.Datetime("us", zone)
    assert read.dt.strftime(pattern).to_list() == values
    assert meant.value_format.pattern == pattern
    assert "times" in why


def test_summer_time_is_that_of_its_zone():
    values = ["2020-07-01 12:00:00+02:00", "2020-01-01 10:00:00+01:00"] * 3
    meant, read, _ = column(values)
    assert read.dtype == pl.Datetime("us", "Europe/Berlin")
    assert read.dt.strftime(meant.value_format.pattern).to_list() == values


def test_an_offset_of_half_an_hour_is_kept():
    values = ["2020-07-01T12:00:00+05:30", "2020-01-01T10:05:00+05:30"]
    meant, read, _ = column(values)
    assert read.dtype == pl.Datetime("us", "Asia/Kolkata")
    assert read.dt.strftime(meant.value_format.pattern).to_list() == values
    assert read.dt.hour().to_list() == [12, 10]


def test_ambiguous_day_and_month_are_reported():
    _, _, why = column(["01/02/2020", "03/04/2020"])
    assert "may be swapped" in why


def test_versions_years_and_eight_digits_are_no_dates():
    assert column(["1.2.10", "1.3.11", "2.0.1"])[1].dtype == pl.String
    assert column(["1997", "2001"])[0].kind is Kind.NUMBER
    assert column(["20200101", "20200102"])[0].kind is Kind.NUMBER
    assert column(["20200101", "20200102"], name="birth_date")[0].kind is Kind.DATETIME


def test_identifiers():
    numbers = [str(n) for n in range(1, 201)]
    assert column(numbers)[0].kind is Kind.KEY
    assert column(numbers[::-1])[0].kind is Kind.NUMBER
    assert column(numbers[::-1], name="customer_id")[0].kind is Kind.KEY
    assert column([f"{n}.5" for n in numbers], name="id")[0].kind is Kind.NUMBER
    assert column([f"A-{n:04}" for n in range(50)])[0].kind is Kind.KEY
    uuids = [f"{n:08x}-1111-2222-3333-444455556666" for n in range(50)]
    assert column(uuids)[0].kind is Kind.KEY
    assert column([str(n % 5) for n in range(100)], name="StoreID")[0].kind is Kind.CATEGORY
    assert column([str(n) for n in range(1990, 2021)], name="year")[0].kind is Kind.NUMBER


def test_categories_texts_and_constants():
    assert column(["a b", "c d"] * 20)[0].kind is Kind.CATEGORY
    texts = [f"the {n} of them said {n * 7}" for n in range(50)]
    assert column(texts)[0].kind is Kind.TEXT
    meant, _, why = column(["only"] * 5)
    assert meant.kind is Kind.CATEGORY
    assert why.startswith("constant")
    mails = [f"{chr(97 + n % 26)}{n}@example.org" for n in range(60)]
    assert (column(mails)[0].kind, column(mails)[0].role) == (Kind.TEXT, "email")


def test_types_of_typed_sources_are_kept():
    frame = pl.DataFrame(
        {
            "d": pl.Series(["1.10", "2.20"]).cast(pl.Decimal(5, 2)),
            "t": [datetime.timedelta(seconds=1), None],
            "e": pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])),
            "n": [None, None],
            "f": [float("nan"), 1.0],
        }
    )
    table = infer(Raw(frame=frame)).table
    assert [c.kind.value for c in table.schema] == [
        "number",
        "number",
        "category",
        "category",
        "number",
    ]
    assert table.schema["e"].domain == ("b", "a")
    assert table.frame["d"].dtype == pl.Decimal(5, 2)
    assert table.frame["f"].to_list() == [None, 1.0]
    with pytest.raises(DataError, match="column 'deep' is of type Struct"):
        infer(Raw(frame=pl.DataFrame({"deep": [{"a": 1}]})))


def test_a_schema_comes_first():
    given = Column(name="x", kind=Kind.CATEGORY)
    assert column(["1", "2", "1"], given=given)[1].to_list() == ["1", "2", "1"]
    flag = Column(name="x", kind=Kind.BOOLEAN, value_format=ValueFormat(true="1", false="0"))
    assert column(["1", "0", None], given=flag)[1].to_list() == [True, False, None]
    number = Column(name="x", kind=Kind.NUMBER, value_format=ValueFormat(missing="-999"))
    assert column(["1", "-999"], given=number)[1].to_list() == [1, None]
    moment = Column(name="x", kind=Kind.DATETIME, value_format=ValueFormat(pattern="%Y%m%d"))
    assert column(["20200203"], given=moment)[1].to_list() == [DAY]
    with pytest.raises(DataError, match="given as number, but row 2 has 'red'"):
        column(["1", "red"], given=Column(name="x", kind=Kind.NUMBER))
    with pytest.raises(DataError, match="given as datetime"):
        column(["blue", "red"], given=Column(name="x", kind=Kind.DATETIME))
    with pytest.raises(SchemaError, match="did you mean 'x'"):
        column(["1"], given=Column(name="xx", kind=Kind.NUMBER))


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1))
def test_whole_numbers_survive(values):
    _, read, _ = column([None if v is None else str(v) for v in values])
    expected = [v for v in values if v is not None]
    assert [int(v) for v in read.drop_nulls()] == expected


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_decimal_numbers_survive(values):
    _, read, _ = column([repr(v) for v in values])
    assert read.to_list() == values
