"""Rare categories generalised: of the source's form, in classes of enough rows, at its rates."""

import numpy as np
import polars as pl
import pytest

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import ConditionError
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.generalise import generalise
from artesian.surrogates.characters import shapes

rng = np.random.default_rng(11)


def letters(alphabet, rows, length):
    return ["".join(word) for word in rng.choice(list(alphabet), (rows, length))]


CODES = {
    "postcodes": [f"{code:05d}" for code in rng.integers(10_000, 99_999, 900)],
    "products": [
        f"{a}{n:03d}"
        for a, n in zip(letters("PQR", 900, 1), rng.integers(0, 999, 900), strict=True)
    ],
    "diagnoses": [
        f"{a}{n:02d}.{d}"
        for a, n, d in zip(
            letters("ABCDEFGH", 900, 1),
            rng.integers(0, 99, 900),
            rng.integers(0, 9, 900),
            strict=True,
        )
    ],
    "airports": letters("ABCDEFGHIJKLM", 900, 3),
    "weights": [f"{kg:.1f} kg" for kg in rng.normal(75, 40, 900).clip(11, 99)],
    "hexadecimal": letters("0123456789abcdef", 900, 6),
    "cyrillic": [
        f"{a}-{n}"
        for a, n in zip(letters("АБВГ", 900, 2), rng.integers(100, 999, 900), strict=True)
    ],
}


def fitted(values, **settings):
    series = pl.Series(values)
    codec = CategoryCodec.fit(series, **settings)
    codes = np.tile(codec.encode(series), 5)
    return codec, codec.decode(codes, np.random.default_rng(0).random(len(codes)))


def rare_part(values):
    counts = pl.Series("value", values).value_counts()
    return counts.filter(pl.col("count") < MIN_COUNT)


@pytest.mark.parametrize("values", CODES.values(), ids=CODES)
def test_codes_keep_their_form_and_number(values):
    codec, drawn = fitted(values)
    assert SUPPRESSED not in drawn
    assert codec.suppressed == rare_part(values)["count"].sum()
    assert codec.substitutes == pytest.approx(len(rare_part(values)), rel=0.15)
    forms = set(shapes(pl.Series(values)))
    substitutes = codec.values.tail(codec.substitutes)
    if len(forms) < 50:
        assert set(shapes(substitutes)) <= forms
    assert set(substitutes.str.len_chars()) <= set(pl.Series(values).str.len_chars())
    assert substitutes.n_unique() == codec.substitutes


@pytest.mark.parametrize("name", ["postcodes", "products", "diagnoses"])
def test_codes_keep_the_distribution_of_their_beginning(name):
    values = CODES[name]
    _, drawn = fitted(values)
    real = pl.Series("first", [value[0] for value in values]).value_counts(normalize=True)
    synthetic = drawn.str.slice(0, 1).rename("first").value_counts(normalize=True)
    both = real.join(synthetic, on="first", how="full", coalesce=True).fill_null(0.0)
    assert (both["proportion"] - both["proportion_right"]).abs().sum() < 0.1


@pytest.mark.parametrize("name", CODES)
def test_rare_codes_come_out_at_the_rate_of_codes_drawn_without_them(name):
    # Codes of every other row are the source, those of the rest the control.
    source = sorted(set(CODES[name][::2]))
    control = sorted(set(CODES[name]) - set(source))
    codec, _ = fitted(source)
    substitutes = set(codec.values.tail(codec.substitutes))
    rates = [len(substitutes & set(codes)) / len(codes) for codes in (source, control)]
    error = 3 * np.sqrt(max(max(rates), 1e-3) / min(len(source), len(control)))
    assert rates[0] == pytest.approx(rates[1], abs=error)


def test_every_class_has_enough_rows_and_its_prefix():
    rare = {code: 1 for code in CODES["products"]}
    frequent = {"P500": 9, "Q100": 30}
    classes = generalise(rare, frequent)
    assert all(one.rows >= MIN_COUNT for one in classes)
    assert sum(one.rows for one in classes) == len(rare)
    for one in classes:
        assert all(value.startswith(one.prefix) for value in one.values)
    substitutes = [value for one in classes for value in one.values]
    assert not set(substitutes) & set(frequent)
    assert len(set(substitutes)) == len(substitutes)


def test_levels_of_a_hierarchy_are_widened():
    rare = {f"{a} > {b} > {i}": 2 for a in ("Food", "Home") for b in ("x", "y") for i in range(9)}
    classes = generalise(rare, {})
    assert {(one.prefix, one.rows, one.values) for one in classes} == {
        (name, 18.0, (name,)) for name in ("Food > x", "Food > y", "Home > x", "Home > y")
    }


def test_texts_that_begin_with_a_frequent_one_join_it():
    values = ["nurse"] * 50 + ["nurse in training", "nurse on call"] * 4 + ["clerk"] * 10
    codec, drawn = fitted(values)
    assert codec.suppressed == 8
    assert set(drawn) == {"nurse", "clerk"}
    assert codec.encode(pl.Series(["nurse in training"])).tolist() == [0]


def test_words_are_recombined_only_from_frequent_ones():
    titles = [
        f"{a} {b} {i}"
        for a in ("senior", "junior", "lead")
        for b in ("nurse", "pilot", "clerk")
        for i in ("one", "two", "three")
    ] * 2
    _, drawn = fitted([*titles, "queen of Denmark", *["worker"] * 60])
    words = {word for text in drawn for word in text.split()}
    assert words >= {"senior", "pilot", "two"}
    assert not words & {"queen", "of", "Denmark"}
    assert len(set(drawn)) > 10


@pytest.mark.parametrize(
    ("vocabulary", "rare"),
    [(["M", "F"], "F"), (["männlich", "weiblich"], "weiblich"), (["Mon", "Tue", "Sun"], "Sun")],
)
def test_public_vocabularies_are_released(vocabulary, rare):
    values = [value for value in vocabulary if value != rare for _ in range(6)] + [rare] * 3
    codec, drawn = fitted(values)
    assert set(drawn) == set(vocabulary)
    assert codec.suppressed == 0


def test_fewer_rare_rows_than_a_class_needs_are_suppressed():
    codec, drawn = fitted(["none"] * 9 + ["gout", "flu", "flu"])
    assert set(drawn) == {"none", SUPPRESSED}
    assert codec.suppressed == 3
    assert generalise({"gout": 1, "flu": 2}, {"none": 9}) == ()


def test_a_few_rare_words_among_many_rows_are_suppressed_but_codes_are_not():
    _, drawn = fitted(["Ulm"] * 90 + ["Bonn"] * 50 + ["Wien", "Oslo", "Rom", "Bern", "Graz", "Pau"])
    assert SUPPRESSED in drawn
    _, drawn = fitted(["A10"] * 90 + ["B20"] * 50 + [f"C{n}" for n in range(30, 36)])
    assert SUPPRESSED not in drawn


def test_substitutes_cannot_be_asked_for_and_survive_the_state():
    values = [*CODES["products"], *["P500"] * 50]
    codec, drawn = fitted(values)
    again = CategoryCodec.from_state(*codec.to_state(), codec.dtype)
    assert (again.encode(drawn) == codec.encode(drawn)).all()
    with pytest.raises(ConditionError, match="unknown or suppressed"):
        codec.restrict_values([codec.values[-1]])
    restricted, _ = codec.restrict_values(["P500"])
    assert restricted.mass().sum() == 50 + values.count("P500") - 50


def test_the_categories_of_an_enum_do_not_name_rare_ones():
    series = pl.Series([*CODES["products"], *["P500"] * 50])
    codec = CategoryCodec.fit(series.cast(pl.Enum(series.unique().sort())))
    rare = set(rare_part(series.to_list())["value"])
    substitutes = set(codec.values.tail(codec.substitutes))
    assert set(codec.dtype.categories) & rare <= substitutes


@pytest.mark.parametrize(("form", "step"), [("P{:03d}", 1), ("{:d}", 1), ("AB-{:05d}", 10)])
def test_made_up_codes_of_a_count_meet_no_real_one(form, step):
    for seed in range(20):
        draw = np.random.default_rng(seed)
        rows = {form.format(step * n): int(draw.poisson(8)) for n in range(100, 400)}
        rows = {code: n for code, n in rows.items() if n}
        frequent = {code: n for code, n in rows.items() if n >= MIN_COUNT}
        rare = {code: n for code, n in rows.items() if n < MIN_COUNT}
        values = [v for one in generalise(rare, frequent) for v in one.values]
        assert not set(values) & set(rows)
        number = len(set(values))  # every class has slightly more of them than rare codes
        assert len(rare) <= number <= 1.5 * len(rare)
        assert {len(v) for v in values} == {len(form.format(step * 100))}


def test_made_up_codes_of_a_count_do_not_depend_on_the_rare_ones():
    frequent = {f"P{n:03d}": 9 for n in range(0, 300, 2)} | {f"P{n:03d}": 9 for n in range(100)}
    one, two = ({f"P{n:03d}": 3 for n in range(start, 300, 4)} for start in (101, 103))
    assert generalise(one, frequent)[0].values == generalise(two, frequent)[0].values


@pytest.mark.parametrize("rare", [["x"] * 3, ["x", "y", "z"], ["x", "x", "y", "y"]])
def test_few_rare_rows_of_a_small_column_join_a_frequent_category(rare):
    codec, drawn = fitted(["none"] * 11 + ["asthma"] * 6 + rare)
    assert set(drawn) == {"none", "asthma"}
    assert codec.suppressed == len(rare)
    assert codec.substitutes == 0


def test_one_rare_row_of_many_is_suppressed():
    _, drawn = fitted(["none"] * 60 + ["asthma"] * 39 + ["x"])
    assert set(drawn) == {"none", "asthma", SUPPRESSED}


@pytest.mark.parametrize("rows", [1_500, 2_600, 3_600])
def test_a_sample_has_as_many_distinct_codes_as_the_source(rows):
    """A sample may miss a code, released or not, so slightly more codes are made up."""
    draws = np.random.default_rng(4)
    codes = draws.permutation([f"P{n:03d}" for n in range(300)])
    values = pl.Series(codes[draws.integers(0, 300, rows)])
    codec = CategoryCodec.fit(values)
    encoded = codec.encode(values)
    frequency = np.bincount(encoded) / len(values)
    distinct = []
    for seed in range(20):
        drawn = np.random.default_rng(seed)
        sample = drawn.choice(len(frequency), len(values), p=frequency)
        distinct.append(codec.decode(sample, drawn.random(len(values))).n_unique())
    expected = values.n_unique()
    assert np.mean(distinct) >= expected - 0.5
    assert 0.985 * expected <= min(distinct) <= max(distinct) <= 1.05 * expected
