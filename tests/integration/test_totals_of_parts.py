"""Totals of parts that cannot be negative, natural keys, random tokens, and lengths such as 07:45."""

import string

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def results(stations=400, seed=0):
    """Votes by polling station: ward and booth are a key beside the number of the station."""
    rng, rows = np.random.default_rng(seed), []
    parties = ["Red", "Blue", "Green", "Other"]
    for station in range(stations):
        registered = int(rng.lognormal(7.2, 0.6)) + 50
        turnout = int(registered * rng.uniform(0.45, 0.8))
        invalid = int(turnout * rng.uniform(0.005, 0.03))
        votes = np.floor(rng.dirichlet([6, 5, 3, 1]) * (turnout - invalid)).astype(int)
        votes[0] += turnout - invalid - votes.sum()
        place = (1000 + station, f"Ward {station // 8 + 1}", station % 8 + 1)
        winner = parties[int(votes.argmax())]
        rows.append((*place, registered, turnout, invalid, *votes.tolist(), winner))
    names = ["station", "ward", "booth", "registered", "turnout", "invalid"]
    return pl.DataFrame(rows, [*names, *(p.lower() for p in parties), "winner"], orient="row")


def costs(projects=300, seed=1):
    """The same in other words: what a project costs, and what of it."""
    rng = np.random.default_rng(seed)
    parts = {
        name: rng.lognormal(mean, 1, projects).round(2)
        for name, mean in {"travel": 5, "staff": 8, "material": 6, "other": 3}.items()
    }
    return pl.DataFrame(parts).with_columns(
        cost=pl.sum_horizontal(*parts).round(2), year=pl.Series(rng.integers(2015, 2024, projects))
    )


@pytest.mark.parametrize(
    ("frame", "total", "parts"),
    [
        (results(), "turnout", ("invalid", "red", "blue", "green", "other")),
        (costs(), "cost", ("travel", "staff", "material", "other")),
    ],
    ids=["votes", "costs"],
)
def test_no_part_of_a_total_is_negative(frame, total, parts):
    made = ar.Trees().fit(frame).sample(800)
    assert ((made[total] - made.select(pl.sum_horizontal(parts)).to_series()).abs() < 0.006).all()
    assert made.select(pl.min_horizontal(parts)).min().item() >= 0


def test_the_winner_has_the_largest_number_of_votes():
    made = ar.Trees().fit(results()).sample(800)
    parties = ["red", "blue", "green", "other"]
    own = pl.coalesce(
        pl.when(pl.col("winner") == name.title()).then(pl.col(name)) for name in parties
    )
    assert made.select((own == pl.max_horizontal(parties)).all()).item()


def test_categories_are_a_key_beside_an_identifier():
    made = ar.Trees().fit(results()).sample(300)
    assert not made.select("ward", "booth").is_duplicated().any()
    # A ward that is drawn more than eight times gets further booths.
    assert made["booth"].is_between(1, 8).mean() > 0.95


def test_lengths_add_up():
    rng = np.random.default_rng(0)

    def written(seconds):
        return [f"{s // 60:02d}:{s % 60:02d}" for s in seconds.tolist()]

    wait, talk, wrap = (rng.lognormal(m, 0.6, 500).astype(int) for m in (3, 5.3, 3))
    frame = pl.DataFrame({"wait": written(wait), "talk": written(talk), "wrap": written(wrap)})
    frame = frame.with_columns(handled=pl.Series(written(wait + talk + wrap)))
    made = ar.synth(frame, metrics=()).table.frame

    def seconds(name):
        series = made[name]
        if series.dtype == pl.Time:
            return series.cast(pl.Int64) // 10**9
        return series.dt.total_seconds()

    total = seconds("wait") + seconds("talk") + seconds("wrap")
    assert (total == seconds("handled")).all()


@pytest.mark.parametrize(
    ("letters", "begin", "length"),
    [
        (string.ascii_letters + string.digits, "cus_", 14),
        (string.ascii_lowercase + string.digits, "", 12),
        ("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "01H", 23),
        ("0123456789abcdef", "", 7),
    ],
)
def test_random_tokens_keep_their_form(letters, begin, length):
    rng = np.random.default_rng(4)
    tokens = [begin + "".join(rng.choice(list(letters), length)) for _ in range(300)]
    frame = pl.DataFrame({"customer": tokens, "amount": rng.normal(50, 9, 300).round(2)})
    assert ar.read(frame).schema["customer"].kind.value == "key"
    made = ar.Trees().fit(frame).sample(300)["customer"]
    assert made.str.contains(f"^{begin}[{letters}]{{{length}}}$").all()
    assert made.n_unique() == 300


@pytest.mark.parametrize(
    "values",
    [
        ["Premium-2023", "Standard-2021", "Basic-2022"] * 20,
        [f"Weber{n}" for n in range(60)],
        ["Ann Smith", "Bob Miller", "Eva Brown"] * 20,
    ],
)
def test_words_are_no_tokens(values):
    from artesian.data.inference.codes import is_token

    assert not is_token(sorted(set(values)))


def test_taken_and_added_are_of_different_rows():
    rng = np.random.default_rng(2)
    kind = rng.choice(["IN", "OUT"], 600, p=[0.3, 0.7])
    moved = np.where(kind == "IN", rng.integers(1, 40, 600), -rng.integers(1, 20, 600))
    made = ar.Trees().fit(pl.DataFrame({"kind": kind, "moved": moved})).sample(2000)
    wrong = (made["kind"] == "IN") != (made["moved"] > 0)
    assert wrong.mean() < 0.005


def test_the_sum_is_listed_as_the_total():
    listed = {str(one.relation) for one in discover(ar.read(results()))}
    assert "turnout = invalid + red + blue + green + other" in listed
