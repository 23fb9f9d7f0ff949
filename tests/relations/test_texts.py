"""Texts that are made of several columns, of numbers with zeros in front and of parts of dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation


def templates(frame: pl.DataFrame) -> dict[str, str]:
    found = [str(one.relation) for one in discover(ar.read(frame))]
    return dict(text.split(" = ", 1) for text in found if " = text(" in text)


def sizes(rows: int = 500) -> pl.DataFrame:
    rng = np.random.default_rng(rows)
    return pl.DataFrame(
        {
            "length": rng.integers(10, 90, rows),
            "width": rng.integers(5, 60, rows),
            "height": rng.integers(2, 12, rows),
        }
    )


@pytest.mark.parametrize("form", ["{}x{}x{} cm", "{} × {} × {}", "L{}/B{}/H{}"])
def test_all_numbers_of_a_text(form: str) -> None:
    frame = sizes().with_columns(text=pl.format(form, "length", "width", "height"))
    expected = form
    for name in ("length", "width", "height"):
        expected = expected.replace("{}", f"{{{name}}}", 1)
    assert templates(frame) == {"text": f'text("{expected}")'}


def test_scores_of_one_digit() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"home": rng.poisson(1.5, 400), "away": rng.poisson(1.2, 400)})
    frame = frame.with_columns(result=pl.format("{}:{}", "home", "away"))
    assert templates(frame) == {"result": 'text("{home}:{away}")'}


def test_quarters_months_and_weeks_of_dates() -> None:
    rng = np.random.default_rng(2)
    when = [date(2021, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1400, 900)]
    frame = pl.DataFrame(
        {
            "day": when,
            "trimestre": [f"T{(d.month + 2) // 3} {d.year}" for d in when],
            "short": [f"{d.year % 100:02d}Q{(d.month + 2) // 3}" for d in when],
            "period": [f"{d.year}.M{d.month:02d}" for d in when],
            "week": ["wk {1:02d} of {0}".format(*d.isocalendar()[:2]) for d in when],
        }
    )
    assert templates(frame) == {
        "trimestre": 'text("T{quarter(day)} {year(day)}")',
        "short": 'text("{short_year(day):02}Q{quarter(day)}")',
        "period": 'text("{year(day)}.M{month(day):02}")',
        "week": 'text("wk {week(day):02} of {iso_year(day)}")',
    }


def test_numbers_with_zeros_in_front() -> None:
    rng = np.random.default_rng(3)
    shop, number = rng.integers(1, 40, 800), rng.integers(1, 3000, 800)
    frame = pl.DataFrame(
        {
            "shop": shop,
            "till": number,
            "receipt": [f"S{s:03d}-{n:05d}" for s, n in zip(shop, number, strict=True)],
        }
    )
    assert templates(frame)["receipt"] == 'text("S{shop:03}-{till:05}")'


def test_what_follows_the_last_part_is_open() -> None:
    rng = np.random.default_rng(4)
    kind = rng.choice(["transfer", "card", "fee"], 600)
    when = [datetime(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, 600)]
    days = [d.date() for d in when]
    frame = pl.DataFrame(
        {
            "kind": kind,
            "booked": days,
            "note": [
                f"{k} {d} ref {rng.integers(10**6):06d}" for k, d in zip(kind, days, strict=True)
            ],
        }
    )
    assert templates(frame) == {"note": 'text("{kind} {booked} ref ...")'}


def test_frequent_classes_are_not_computed_from_their_parts() -> None:
    rng = np.random.default_rng(5)
    school = rng.choice(["1A", "1B", "2A", "3A", "3B", "5C"], 600)
    frame = pl.DataFrame(
        {
            "form": school,
            "year": [int(s[0]) for s in school],
            "section": [s[1] for s in school],
            "marks": rng.integers(0, 100, 600),
        }
    )
    rows = ar.synth(frame, method="marginals", seed=1, metrics=()).table.frame
    assert (rows["form"] == rows.select(pl.format("{}{}", "year", "section")).to_series()).all()
    assert set(rows["form"]) <= set(school)


def test_unrelated_texts_have_no_templates() -> None:
    rng = np.random.default_rng(6)
    frame = pl.DataFrame(
        {f"code {k}": [f"{a}-{b}" for a, b in rng.integers(0, 9, (500, 2))] for k in range(8)}
        | {f"digit {k}": rng.integers(0, 9, 500) for k in range(8)}
    )
    assert templates(frame) == {}


@pytest.mark.parametrize(
    "text",
    [
        'a = text("{b}x{c} cm")',
        'a = text("{quarter(d e)}/{year(d e)}")',
        'a = text("{b:03}-{month(d e):02}...")',
        'a = text("{f:02}")',
    ],
)
def test_a_template_is_its_own_text(text: str) -> None:
    assert str(parse_relation(text, ("a", "b", "c", "d e", "f:02"))) == text


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_texts_are_kept(method: str) -> None:
    rng = np.random.default_rng(7)
    when = [date(2021, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1400, 500)]
    source = sizes().with_columns(
        pl.format("{}x{}x{} cm", "length", "width", "height").alias("size"),
        pl.Series("day", when),
        pl.Series("period", [f"{d.year}.M{d.month:02d}" for d in when]),
    )
    rows = ar.synth(source, method=method, seed=1, metrics=()).table.frame
    written = rows.select(pl.format("{}x{}x{} cm", "length", "width", "height")).to_series()
    assert (rows["size"] == written).all()
    assert rows["period"].to_list() == [f"{d.year}.M{d.month:02d}" for d in rows["day"]]
