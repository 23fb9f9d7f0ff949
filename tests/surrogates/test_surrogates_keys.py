"""Surrogate keys: unique, in the source's type and form, within a public range."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.core.errors import DataError, Unsupported
from artesian.core.run import Seed
from artesian.data.inference import check_digits
from artesian.data.inference.kinds import infer_kind
from artesian.data.schema import Column, Kind
from artesian.surrogates.columns import Surrogate, SurrogateGroup
from artesian.surrogates.keyed_random import Permutation
from artesian.surrogates.positions import Positions

RNG = np.random.default_rng(11)


def learn(values: pl.Series, keep_repeats: bool | None = None) -> Surrogate:
    column = Column(name=values.name, kind=Kind.KEY)
    return Surrogate.learn(values, column, keep_repeats=keep_repeats)


def series(values: object, dtype: object = None) -> pl.Series:
    return pl.Series("id", values, dtype=dtype)  # type: ignore[arg-type]


KEYS = {
    "sequence": series(range(1, 501)),
    "sampled sequence": series(sorted(RNG.choice(1000, 500, replace=False).tolist())),
    "tens": series(range(0, 5000, 10)),
    "negative": series(range(-500, 0)),
    "scattered": series(RNG.choice(90_000, 5000, replace=False) + 10_000),
    "signed hashes": series(RNG.integers(-(2**62), 2**62, 500)),
    "unsigned hashes": series(RNG.integers(2**60, 2**64 - 1, 500, dtype=np.uint64)),
    "small type": series(range(100), pl.Int8),
    "floats": series([float(n) for n in range(1, 301)]),
    "digits": series([str(n) for n in range(1, 301)]),
    "padded": series([f"{n:05d}" for n in RNG.permutation(500)]),
    "prefixed": series([f"C{n:06d}" for n in range(500)]),
    "prefixed, scattered": series([f"ORD-{n}" for n in RNG.choice(10**6, 500, replace=False)]),
    "uuid": series([str(uuid.UUID(int=int(n), version=4)) for n in RNG.integers(0, 2**62, 500)]),
    "hexadecimal": series([f"{n:012x}" for n in RNG.integers(2**40, 2**48, 500)]),
    "letters": series(sorted({"".join(map(chr, row)) for row in RNG.integers(65, 91, (500, 5))})),
    "parts": series([f"{['FR', 'US', 'DE'][n % 3]}-{2010 + n % 9}-{n * 7919 % 99991:05d}"
                     for n in range(500)]),
    "mixed lengths": series([f"d{n % 50}_{n // 50}" for n in range(600)]),
    "unicode": series([f"å{n * 37 % 1009}日" for n in range(500)]),
    "dates": series([date(2020, 1, 1) + timedelta(days=n) for n in range(300)]),
    "one": series([7]),
    "none": series([None, None], pl.String),
}  # fmt: skip


@pytest.mark.parametrize("form", KEYS)
def test_keys_are_unique_and_of_the_same_type(form: str) -> None:
    source = KEYS[form]
    generated = learn(source).make(0, len(source) + 50, Seed(3))
    assert generated.dtype == source.dtype
    assert generated.name == "id"
    assert generated.null_count() == 0
    assert generated.n_unique() == len(generated)


@pytest.mark.parametrize("form", KEYS)
def test_keys_depend_on_the_row_alone(form: str) -> None:
    key = learn(KEYS[form])
    whole = key.make(0, 60, Seed(3))
    assert pl.concat([key.make(0, 17, Seed(3)), key.make(17, 43, Seed(3))]).equals(whole)
    assert key.make(20, 5, Seed(3)).equals(whole[20:25])


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("scattered", r"\d{5}"),
        ("padded", r"00\d{3}"),
        ("prefixed", r"C000\d{3}"),
        ("prefixed, scattered", r"ORD-\d{1,6}"),
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("hexadecimal", r"[0-9a-f]{12}"),
        ("letters", r"[A-Z]{5}"),
        ("parts", r"(FR|US|DE)-20[01]\d-\d{5}"),
        ("unicode", r"å\d{1,4}日"),
    ],
)
def test_keys_keep_their_pattern(form: str, pattern: str) -> None:
    generated = learn(KEYS[form]).make(0, 300, Seed(3)).cast(pl.String).to_list()
    assert all(re.fullmatch(pattern, key) for key in generated)


def test_sequences_count_from_a_round_number() -> None:
    assert learn(KEYS["sequence"]).make(0, 3, Seed(0)).to_list() == [1, 2, 3]
    assert learn(KEYS["tens"]).make(2, 2, Seed(0)).to_list() == [20, 30]
    assert learn(series(range(5217, 5700))).make(0, 2, Seed(0)).to_list() == [5000, 5001]


@pytest.mark.parametrize(
    ("low", "high", "bounds"),
    [(67, 72_940, (1, 99_999)), (10_311, 98_000, (10_000, 99_999)), (0, 4_321_987, (0, 9_999_999))],
)
def test_of_scattered_numbers_only_powers_of_ten_are_learned(
    low: int, high: int, bounds: tuple[int, int]
) -> None:
    one, two = (
        series([low, *np.random.default_rng(n).integers(low, high, 90), high]) for n in (1, 2)
    )
    first, second = (learn(each.unique()).to_state() for each in (one, two))
    assert first == second  # so no candidate can be tested
    generated = learn(one.unique()).make(0, 500, Seed(1))
    assert bounds[0] <= generated.min() <= generated.max() <= bounds[1]  # type: ignore[operator]
    assert generated.max() > bounds[1] * 0.9  # type: ignore[operator]
    assert generated.min() < bounds[0] + bounds[1] * 0.1  # type: ignore[operator]


def test_dates_are_drawn_from_whole_years() -> None:
    days = [date(2020, 3, 1) + timedelta(days=int(n)) for n in RNG.choice(400, 60, replace=False)]
    generated = learn(series(days)).make(0, 300, Seed(1))
    assert date(2020, 1, 1) <= generated.min() <= date(2020, 1, 31)  # type: ignore[operator]
    assert date(2021, 12, 1) <= generated.max() <= date(2021, 12, 31)  # type: ignore[operator]


YEARS = RNG.choice([2019, 2020, 2021], 300)
SERIALS = RNG.permutation(900)[:300]
DAYS = [date(2022, 1, 5) + timedelta(days=int(n)) for n in RNG.integers(0, 600, 300)]


@pytest.mark.parametrize(
    ("codes", "year"),
    [
        (series([f"{y}-{n:03d}" for y, n in zip(YEARS, SERIALS, strict=True)]), r"^(\d{4})-"),
        (series([f"INV/{y}/{n:05d}" for y, n in zip(YEARS, SERIALS, strict=True)]), r"/(\d{4})/"),
        (series([f"A{y}{n:03d}" for y, n in zip(YEARS, SERIALS, strict=True)]), r"^A(\d{4})"),
        (series([int(f"{y}{n:04d}") for y, n in zip(YEARS, SERIALS, strict=True)]), r"^(\d{4})"),
    ],
)
def test_years_in_codes_are_those_of_the_source(codes: pl.Series, year: str) -> None:
    generated = learn(codes).make(0, 900, Seed(3))
    assert generated.n_unique() == 900
    years = generated.cast(pl.String).str.extract(year).cast(pl.Int64)
    assert set(years.head(600)) == {2019, 2020, 2021}
    restored = Surrogate.from_state(json.loads(json.dumps(learn(codes).to_state())))
    assert restored.make(0, 900, Seed(3)).equals(generated)


@pytest.mark.parametrize("pattern", ["%Y%m%d", "%d%m%Y", "%y%m%d"])
def test_days_in_codes_are_days(pattern: str) -> None:
    codes = series([f"PO{d:{pattern}}-{n:03d}" for d, n in zip(DAYS, SERIALS, strict=True)])
    generated = learn(codes.unique()).make(0, 5_000, Seed(3))
    assert generated.n_unique() == 5_000
    days = generated.str.extract(r"^PO(\d+)-\d{3}$").str.to_date(pattern)
    assert set(days.dt.year()) == {2022, 2023}
    assert days.n_unique() > 600


def test_running_numbers_are_no_years() -> None:
    generated = learn(series([f"K-{n}-X{n % 7}" for n in range(1900, 2090)])).make(
        0, 2_000, Seed(1)
    )
    assert generated.str.extract(r"^K-(\d+)-").cast(pl.Int64).max() > 2_100  # type: ignore[operator]


ITEMS = {
    "ean": (
        [f"40{n:010d}" for n in RNG.choice(10**9, 200, replace=False)],
        check_digits.gtin_digit,
        r"^40\d{11}$",
    ),
    "upc": (
        [f"0{n:010d}" for n in RNG.choice(10**9, 200, replace=False)],
        check_digits.gtin_digit,
        r"^0\d{11}$",
    ),
    "isbn": (
        [f"978-3-16-{n:06d}-" for n in RNG.choice(10**6, 200, replace=False)],
        check_digits.gtin_digit,
        r"^978-3-16-\d{6}-\d$",
    ),
    "isbn10": (
        [f"3{n:08d}" for n in RNG.choice(10**8, 200, replace=False)],
        check_digits.isbn10_digit,
        r"^3\d{8}[\dX]$",
    ),
}


@pytest.mark.parametrize(
    ("item", "dtype"), [*((item, pl.String) for item in ITEMS), ("ean", pl.Int64)]
)
def test_numbers_of_items_have_valid_check_digits(item: str, dtype: pl.DataType) -> None:
    bodies, digit, form = ITEMS[item]
    codes = series([body + digit(body) for body in bodies]).cast(dtype)
    inferred = infer_kind(codes)
    assert inferred.kind is Kind.KEY
    assert not inferred.role
    generated = learn(codes).make(0, 500, Seed(2)).cast(pl.String)
    assert generated.n_unique() == 500
    assert generated.str.contains(form).all()
    assert all(digit(text[:-1]) == text[-1] for text in generated)
    assert generated.is_in(codes.cast(pl.String).implode()).mean() < 0.05  # type: ignore[operator]


@pytest.mark.parametrize(
    ("bodies", "finish", "form"),
    [
        (
            [f"RR{n:08d}NL" for n in RNG.choice(10**8, 200, replace=False)],
            check_digits.s10_with_check,
            r"^RR\d{9}NL$",
        ),
        (
            [f"{c}{n:08d}SE" for c in ("CP", "LX") for n in RNG.choice(10**8, 90, replace=False)],
            check_digits.s10_with_check,
            r"^(CP|LX)\d{9}SE$",
        ),
        (
            [f"MSCU{n:06d}" for n in RNG.choice(10**6, 200, replace=False)],
            lambda body: body + check_digits.container_digit(body),
            r"^MSCU\d{7}$",
        ),
    ],
    ids=["parcel", "parcels", "container"],
)
def test_numbers_of_parcels_and_containers_have_valid_check_digits(
    bodies: list[str], finish: Callable[[str], str], form: str
) -> None:
    codes = series([finish(body) for body in bodies])
    item = check_digits.item_check(codes.to_list())
    assert item in ("s10", "container")
    assert infer_kind(codes).kind is Kind.KEY
    generated = learn(codes).make(0, 500, Seed(2))
    assert generated.n_unique() == 500
    assert generated.str.contains(form).all()
    assert check_digits.item_check(generated.to_list()) == item
    assert generated.is_in(codes.implode()).mean() < 0.05  # type: ignore[operator]


def test_other_numbers_are_no_items() -> None:
    for values in (RNG.integers(10**12, 10**13, 300), range(10_000_000, 10_000_300)):
        texts = [str(n) for n in values]
        assert check_digits.item_check(texts) == ""
    amounts = pl.Series("amount", RNG.integers(10**12, 10**13, 300))
    assert infer_kind(amounts).kind is Kind.NUMBER


def test_scattered_keys_depend_on_the_seed() -> None:
    key = learn(KEYS["scattered"])
    assert not key.make(0, 50, Seed(1)).equals(key.make(0, 50, Seed(2)))


def test_a_pattern_that_is_full_grows() -> None:
    generated = learn(series([f"{letter}{n}" for letter in "XYZ" for n in range(10)]))
    keys = generated.make(0, 20_000, Seed(0))
    assert keys.n_unique() == 20_000
    digits = learn(series(RNG.choice(9000, 900, replace=False) + 1000)).make(0, 50_000, Seed(0))
    assert digits.n_unique() == 50_000


def test_a_type_that_is_full_is_an_error_that_says_so() -> None:
    key = learn(KEYS["small type"])
    assert key.make(0, 256, Seed(0)).n_unique() == 256
    with pytest.raises(DataError, match="257 keys were requested, and the type can represent 256"):
        key.make(0, 257, Seed(0))


def test_keys_may_repeat_as_the_source_does() -> None:
    source = series([n for n in RNG.choice(10**6, 200, replace=False) for _ in range(5)])
    generated = learn(source, keep_repeats=True).make(0, 1000, Seed(0))
    assert generated.value_counts()["count"].to_list() == [5] * 200


def test_no_key_is_learned_of_a_number() -> None:
    with pytest.raises(Unsupported, match="'age' is a number"):
        SurrogateGroup.learn(pl.DataFrame({"age": [1, 2]}), [Column(name="age", kind=Kind.NUMBER)])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=60, unique=True),
    st.integers(0, 10**12),
)
def test_any_whole_numbers(numbers: list[int], seed: int) -> None:
    generated = learn(series(numbers, pl.Int64)).make(0, 80, Seed(seed))
    assert generated.n_unique() == 80


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=40, unique=True))
def test_any_codes(codes: list[str]) -> None:
    key = learn(series(codes))
    generated = key.make(0, 80, Seed(1))
    assert generated.n_unique() == 80
    assert pl.concat([key.make(0, 33, Seed(1)), key.make(33, 47, Seed(1))]).equals(generated)


@given(st.integers(1, 3000), st.integers(0, 2**64 - 1))
def test_permutations_hit_every_place_once(size: int, key: int) -> None:
    places = Permutation(key, size)(np.arange(size, dtype=np.uint64))
    assert sorted(places.tolist()) == list(range(size))


def test_positions_are_distinct_and_fill_level_after_level() -> None:
    level, place = Positions((10, 100, 1000)).at(np.arange(1110, dtype=np.uint64), 5)
    assert np.bincount(level).tolist() == [10, 100, 1000]
    assert len(set(zip(level.tolist(), place.tolist(), strict=True))) == 1110
    with pytest.raises(DataError, match="1111 unique values were requested"):
        Positions((10, 100, 1000)).at(np.arange(1111, dtype=np.uint64), 5)
