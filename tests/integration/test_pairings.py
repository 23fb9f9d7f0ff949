"""Keys of three categories: every pair of teams once in a season, in either order or in any."""

from datetime import date, timedelta
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar

TEAMS = ("Lyon", "Paris", "Lille", "Nantes", "Nice", "Rennes", "Metz")
PLAYERS = tuple(f"{name} {letter}." for name in ("Anna", "Ben", "Carl", "Dora") for letter in "KLM")


def league() -> pl.DataFrame:
    """Every team at home against every other one in each season."""
    rng = np.random.default_rng(1)
    rows = []
    for year in range(2010, 2021):
        for home, away in permutations(TEAMS, 2):
            goals = rng.poisson((1.6, 1.1))
            day = date(year, 8, 10) + timedelta(days=int(rng.integers(0, 280)))
            rows.append(
                {
                    "saison": f"{year}-{year + 1}",
                    "jour": day,
                    "domicile": home,
                    "extérieur": away,
                    "stade": f"Stade {home[:2]}",
                    "buts": int(goals[0]),
                    "contre": int(goals[1]),
                }
            )
    return pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=1)


def games() -> pl.DataFrame:
    """Every pair of players once in each tournament, with white for one of them."""
    rng = np.random.default_rng(2)
    rows = []
    for year in range(2000, 2009):
        for pair in combinations(PLAYERS, 2):
            white, black = rng.permutation(np.array(pair)).tolist()
            rows.append(
                {
                    "tournament": f"T{year}",
                    "white": white,
                    "black": black,
                    "moves": int(rng.integers(15, 90)),
                    "result": str(rng.choice(["1-0", "0-1", "remis"])),
                }
            )
    return pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=2)


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_every_pair_of_teams_meets_once_a_season(method: str, tmp_path: Path) -> None:
    source = league()
    assert ar.read(source).schema.key == ("saison", "domicile", "extérieur")
    model = ar.synth(source, method=method, seed=1, metrics=()).model
    rows = model.sample(len(source))
    assert not rows.select("saison", "domicile", "extérieur").is_duplicated().any()
    assert (rows["domicile"] != rows["extérieur"]).all()
    assert (rows["stade"] == "Stade " + rows["domicile"].str.head(2)).all()
    years = rows["saison"].str.head(4).cast(pl.Int32)
    start = rows["jour"].dt.year() - (rows["jour"].dt.month() < 7)
    assert method == "marginals" or (years == start).mean() > 0.9
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(len(source)).equals(rows)


def test_two_players_meet_once_whoever_has_white() -> None:
    source = games()
    rows = ar.synth(source, method="trees", seed=1, metrics=()).model.sample(len(source))
    pair = [pl.min_horizontal("white", "black").alias("a"), pl.max_horizontal("white", "black")]
    assert not rows.select("tournament", *pair).is_duplicated().any()
    assert (rows["white"] != rows["black"]).all()


def test_independent_categories_are_no_key() -> None:
    rng = np.random.default_rng(3)
    frame = pl.DataFrame({n: rng.integers(0, 12, 400).astype(str) for n in ("a", "b", "c", "d")})
    assert ar.read(frame).schema.key == ()
