"""Free text by pattern: the source's lengths and classes, none of its rare texts or rare words."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from tests.real_tables import path

from artesian.core.run import Seed
from artesian.data.schema import Column, Kind
from artesian.surrogates.characters import shapes
from artesian.surrogates.columns import Surrogate, SurrogateGroup

RNG = np.random.default_rng(2)
COLUMN = Column(name="note", kind=Kind.TEXT)


def learn(values: list[str] | pl.Series, *, keep_repeats: bool | None = None) -> Surrogate:
    series = pl.Series("note", values, dtype=pl.String)
    return Surrogate.learn(series, COLUMN, keep_repeats=keep_repeats)


def length_ks(a: pl.Series, b: pl.Series) -> float:
    lengths = (a.str.len_chars().to_numpy(), b.str.len_chars().to_numpy())
    return float(ks_2samp(*lengths, method="asymp").statistic)


def rare(values: pl.Series) -> set[str]:
    return {v for v, n in Counter(values.to_list()).items() if n < 5}


VOCABULARY = (
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "mat",
    "while",
    "rain",
    "fell",
    "over",
    "old",
    "roofs",
)
PROSE = pl.Series(
    "note",
    [" ".join(RNG.choice(VOCABULARY, RNG.integers(3, 20)).tolist()) + f" {RNG.integers(10**6)}."
     for _ in range(2000)],
)  # fmt: skip
CODES = pl.Series("note", [f"Order {RNG.integers(10**5)} för å, 日本{n % 7}" for n in range(2000)])
REPEATED = pl.Series("note", [f"reason {n % 40 * 7919}" for n in range(2000)])


@pytest.mark.parametrize("source", [PROSE, CODES], ids=["prose", "codes"])
def test_lengths_and_classes_are_kept(source: pl.Series) -> None:
    generated = learn(source).make(0, len(source), Seed(1))
    assert generated.dtype == pl.String
    assert generated.null_count() == 0
    assert length_ks(source, generated) < 0.06
    allowed = set("".join(shapes(source).to_list()))
    assert set("".join(shapes(generated).to_list())) <= allowed


def test_rare_vocabulary_is_not_used() -> None:
    secrets = ["".join(map(chr, RNG.integers(97, 123, 9))) for _ in range(400)]
    source = pl.Series([f"patient {s} has come back, {w}" for s in secrets for w in ("ok", "ill")])
    surrogate = learn(source)
    text = json.dumps(surrogate.to_state(), ensure_ascii=False)
    generated = " ".join(surrogate.make(0, 2000, Seed(1)).to_list())
    assert not [s for s in secrets if s in generated or s in text]
    assert "patient" in generated


def test_the_state_holds_no_rare_text() -> None:
    source = pl.Series([f"Kim Lee {n} of Elm Street" for n in range(3)] + ["hello there"] * 9)
    state = json.dumps(learn(source).to_state())
    assert "Kim" not in state
    assert "Elm" not in state
    assert "hello there" in state


def test_repeated_texts_repeat_as_often() -> None:
    generated = learn(REPEATED).make(0, 2000, Seed(1))
    assert set(generated.to_list()) <= set(REPEATED.to_list())
    assert 35 <= generated.n_unique() <= 40


def test_texts_of_few_rows_repeat_as_often() -> None:
    source = pl.Series([f"ticket {n // 3} to nowhere" for n in range(1500)])
    generated = learn(source).make(0, 1500, Seed(1))
    assert 350 <= generated.n_unique() <= 520


def test_unique_texts_can_be_asked_for() -> None:
    source = pl.Series("note", [f"ticket {n // 3} to nowhere" for n in range(1500)])
    generated = learn(source, keep_repeats=False).make(0, 1500, Seed(1))
    assert generated.n_unique() > 700


def test_letters_of_the_script_are_used() -> None:
    source = pl.Series(["".join(map(chr, RNG.integers(0x430, 0x450, 8))) for _ in range(300)])
    generated = "".join(learn(source).make(0, 100, Seed(0)).to_list())
    assert all("а" <= letter <= "я" for letter in generated)
    chinese = pl.Series(["".join(map(chr, RNG.integers(0x4E00, 0x8000, 6))) for _ in range(300)])
    generated = "".join(learn(chinese).make(0, 100, Seed(0)).to_list())
    assert all("\u4e00" <= letter <= "\u9fff" for letter in generated)


@pytest.mark.parametrize(
    "values",
    [[], ["only"], [""], ["", "", "a"], [" "], ["?!"], ["a" * 5000], ["\ud83d\ude00 ok"[2:]],
     [str(n % 10) for n in range(20)], ["x"] * 10, ["日"], ["e\u0301t\u00e9", "🙂 fine"]],
)  # fmt: skip
def test_odd_columns(values: list[str]) -> None:
    surrogate = learn(values)
    generated = surrogate.make(0, 50, Seed(0))
    assert (len(generated), generated.null_count()) == (50, 0)
    assert len(surrogate.make(0, 0, Seed(0))) == 0


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.text(max_size=25), max_size=40),
    st.integers(0, 60),
    st.integers(0, 2**31),
)
def test_any_texts(values: list[str], cut: int, seed: int) -> None:
    surrogate = learn(values)
    generated = surrogate.make(0, 60, Seed(seed))
    pieces = [surrogate.make(0, cut, Seed(seed)), surrogate.make(cut, 60 - cut, Seed(seed))]
    assert pl.concat(pieces).equals(generated)
    state = json.loads(json.dumps(surrogate.to_state(), sort_keys=True))
    read = Surrogate.from_state(state)
    assert read.make(0, 60, Seed(seed)).equals(generated)


@pytest.mark.parametrize(
    ("name", "column"),
    [("sms_spam", "text"), ("chinook/Track", "Name"), ("chinook/Track", "Composer"),
     ("nycflights/airports", "name")],
)  # fmt: skip
def test_real_texts(name: str, column: str) -> None:
    read = pl.read_ndjson if name == "sms_spam" else pl.read_csv
    source = read(path(name))[column].drop_nulls().rename("note")
    generated = learn(source).make(0, len(source), Seed(4))
    assert length_ks(source, generated) < 0.05


def test_texts_of_the_source_are_as_frequent_as_those_of_another() -> None:
    texts = pl.read_ndjson(path("sms_spam"))["text"].to_list()
    order = RNG.permutation(len(texts)).tolist()
    half = len(texts) // 2
    mine, others = ([texts[i] for i in part] for part in (order[:half], order[half:]))
    only_mine, only_others = set(mine) - set(others), set(others) - set(mine)
    hits = Counter[str]()
    for seed in range(3):
        generated = learn(mine).make(0, half, Seed(seed)).to_list()
        often = {text for text, n in Counter(mine).items() if n >= 5}
        hits["mine"] += sum(text in only_mine - often for text in generated)
        hits["others"] += sum(text in only_others for text in generated)
    assert abs(hits["mine"] - hits["others"]) <= 3 * (hits.total() + 1) ** 0.5


def test_what_one_person_wrote_often_is_not_kept() -> None:
    frame = pl.DataFrame(
        {
            "mail": [f"{'anna' if n < 30 else f'user{n}'}@example.org" for n in range(300)],
            "note": ["call Zyxwvut Qponmlk"] * 30 + [f"call back at {n % 12}" for n in range(270)],
        }
    )
    columns = [Column(name="mail", kind=Kind.TEXT, role="email"), COLUMN]
    group = SurrogateGroup.learn(frame, columns)
    state = json.dumps(group.to_state())
    notes = " ".join(group.make(0, 600, Seed(1))["note"].to_list())
    for word in ("Zyxwvut", "Qponmlk"):
        assert word not in notes + state
    assert "call back at" in notes


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("form", ["{a} {b} {n}", "AB-{n}{n}"])
def test_one_page_among_words_makes_no_long_text(count: int, form: str) -> None:
    words = [form.format(a=a, b=b, n=n) for a in VOCABULARY for b in VOCABULARY for n in range(2)]
    pages = ["old roofs, " * 4_000] * count
    generated = learn([*words, *pages], keep_repeats=False).make(0, 300, Seed(0))
    assert generated.str.len_chars().max() <= max(map(len, words)) + 2
