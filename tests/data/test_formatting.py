"""Numbers and times as text: what is read is written again, digit by digit."""

from __future__ import annotations

from datetime import date, time, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError
from artesian.data.formatting.numbers import read_numbers, write_numbers
from artesian.data.formatting.templates import Part, Template
from artesian.data.formatting.times import read_times, write_times
from artesian.data.inference.number_formats import infer_number_format
from artesian.data.inference.templates import infer_templates
from artesian.data.schema import Column, Kind
from artesian.data.value_format import ValueFormat

TEXTS = [
    ["$1,234.50", "($350.00)", "$0.05", "$1,234,567.00"],
    ["1.214,30 €", "-74,94 €", "1.000.000,00 €"],
    ["1,23,456", "-12,345", "123", "1,23,45,678"],
    ["CHF 1'234.50", "CHF 0.10"],
    ["1\u202f234,5 kr", "-12,3 kr", "999,0 kr"],
    ["12,345-", "678", "1,234,567"],
    ["$-5.00", "$3.00", "$1,000.00"],
    ["+1.2%", "-0.5%", "0.0%"],
    ["1.89E-03", "-3.82E+01", "1.00E+12"],
    ["1.5e-3", "2.0e12", "-7.1e0"],
    ["1.20", "12.3", "123", "0.0450"],
    ["78.6 kg", "8.1 kg", "-0.5 kg"],
    ["20 m²", "315 m²"],
]


@pytest.mark.parametrize("texts", TEXTS, ids=lambda texts: texts[0])
def test_a_number_format_is_inferred_and_reproduced(texts: list[str]) -> None:
    form = infer_number_format(texts)
    assert form is not None
    numbers = read_numbers(pl.Series(texts), form)
    assert write_numbers(numbers, form, bare=form.decimals is None).to_list() == texts


@pytest.mark.parametrize(
    "texts",
    [
        ["1E5", "12E4"],
        ["INV-1001", "INV-1002"],
        ["L-1001", "L-1002"],  # litres and rand are written so, too
        ["R-17", "R-4"],
        ["007 kg", "012 kg"],
        ["3 kg", "5 lb"],
        ["12A", "13A"],
    ],
    ids=lambda texts: texts[0],
)
def test_codes_and_mixed_units_have_no_number_format(texts: list[str]) -> None:
    assert infer_number_format(texts) is None


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1),
    st.sampled_from([",", ".", "'", " ", "\u00a0"]),
    st.sampled_from([0, 2, 3]),
    st.sampled_from([("{}", "-{}"), ("${}", "(${})"), ("{} kr", "{}- kr"), ("R$ {}", "-R$ {}")]),
    st.sampled_from([2, 3]),
)
def test_written_numbers_are_read_back(
    cents: list[int], thousands: str, decimals: int, around: tuple[str, str], group: int
) -> None:
    form = ValueFormat(
        thousands=thousands,
        decimal_mark="," if thousands == "." else ".",
        decimals=decimals,
        positive=around[0],
        negative=around[1],
        group=group,
    )
    values = pl.Series([value / 10**decimals for value in cents] if decimals else cents)
    text = write_numbers(values, form)
    assert read_numbers(text, form).round(decimals).to_list() == values.to_list()
    assert write_numbers(read_numbers(text, form), form).to_list() == text.to_list()


def test_a_text_without_a_place_for_digits_is_refused() -> None:
    with pytest.raises(SchemaError, match="does not say where the digits are"):
        Column.from_dict("price", {"kind": "number", "positive": "$"})
    column = Column(
        name="price", kind=Kind.NUMBER, value_format=ValueFormat(positive="{} kg", decimals=1)
    )
    assert Column.from_dict("price", column.to_dict()) == column


@pytest.mark.parametrize(
    ("text", "pattern", "value"),
    [
        ("2023-Q2", "%Y-Q%q", date(2023, 4, 1)),
        ("Q4 2020", "Q%q %Y", date(2020, 10, 1)),
        ("2020-W53", "%G-W%V", date(2020, 12, 28)),
        ("04/2023", "%m/%Y", date(2023, 4, 1)),
        ("202304", "%Y%m", date(2023, 4, 1)),
        ("Apr 2023", "%b %Y", date(2023, 4, 1)),
        ("26092023", "%d%m%Y", date(2023, 9, 26)),
        ("1937", "%H%M", time(19, 37)),
        ("PT6H27M", "PT{h}H{m}M", timedelta(hours=6, minutes=27)),
        ("P1DT2H", "iso", timedelta(days=1, hours=2)),
        ("PT30H9M", "iso hours", timedelta(hours=30, minutes=9)),
        ("125:07:09", "{h}:{m:02}:{s:02}", timedelta(hours=125, minutes=7, seconds=9)),
    ],
)
def test_times_of_every_usual_form(text: str, pattern: str, value: object) -> None:
    read = read_times(pl.Series([text, None, "x"]), pattern)
    assert read is not None
    assert read.to_list() == [value, None, None]
    assert write_times(read, pattern).to_list() == [text, None, None]


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=90)), min_size=1))
def test_durations_are_read_back(spans: list[timedelta]) -> None:
    values = pl.Series(spans, dtype=pl.Duration("us"))
    for pattern in ("iso", "iso hours"):
        read = read_times(write_times(values, pattern), pattern)
        assert read is not None
        assert read.to_list() == values.to_list()


def test_a_template_survives_as_json_and_rejects_other_texts() -> None:
    whole = ValueFormat(decimals=0)
    parts = (
        Part(slot="number 1", kind="number", value_format=whole),
        Part(text="/"),
        Part(slot="number 2", kind="number", value_format=whole),
    )
    template = Template(parts)
    assert Template(tuple(Part.from_dict(part.to_dict()) for part in parts)) == template
    texts = pl.Series(["128/80", "128/080", "128", None])
    fields = template.split(texts)
    assert template.matches(texts, fields).to_list() == [True, False, False, False]


@pytest.mark.parametrize(
    "texts",
    [
        ["0176-555-1234", "0176-555-9999", "0151-444-1234", "0160-123-4567", "0160-123-4000"] * 4,
        ["Hamlet 1", "Hamlet 2", "Ulm", "Bonn", "Hamlet 7"] * 4,
        ["250.83", "V27", "E909", "401.9", "V45"] * 4,
        ["the 3 cats of 17", "a dog", "cats of 9 lives ran over", "2 or 3", "none of the above"]
        * 4,
    ],
    ids=lambda texts: texts[0],
)
def test_codes_labels_and_sentences_have_no_templates(texts: list[str]) -> None:
    assert infer_templates(pl.Series(texts)) is None
