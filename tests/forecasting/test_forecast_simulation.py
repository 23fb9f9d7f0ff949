"""Scenarios simulated: levers do what they say, own corpora follow the closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.forecasting.comparison_scenarios import one_lever_each, read_scenarios
from artesian.forecasting.inputs.distributions import LogNormal
from artesian.forecasting.model import corpus
from artesian.forecasting.model.levers import worth_of_passes
from artesian.forecasting.model.trend import fit_trend
from artesian.forecasting.scenario import MODALITIES, Scenario, changed
from artesian.forecasting.sensitivity import influences
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.simulation import Outlook, outlook
from artesian.forecasting.summary import told

TREND = fit_trend(read_language_models())
SEED = Run.of(0).seed


def see(scenario: Scenario, draws: int = 4_000) -> Outlook:
    return outlook(scenario, TREND, today=2026.9, draws=draws, seed=SEED)


def mine(**changes: object) -> Scenario:
    return Scenario(modality="mine", set={f"mine.{k}": v for k, v in changes.items()})  # type: ignore[misc]


def test_the_world_runs_out_where_the_studies_say_and_the_numbers_agree_with_each_other():
    found = see(Scenario())
    numbers = told(found, influences(found))
    low, high = numbers["exhaustion"]["interval80"]
    assert 2026 < low < numbers["exhaustion"]["median"] < high < 2036
    by_year = list(numbers["exhaustion"]["probability_by_year"].values())
    assert by_year == sorted(by_year)
    assert 1 - by_year[-1] == pytest.approx(numbers["exhaustion"]["probability_later"], abs=0.01)
    assert found.stock.shape == found.demand.shape == (4_000, len(found.years))
    assert np.all(np.diff(found.demand, axis=1) >= 0)  # records do not fall


@pytest.mark.parametrize(
    ("change", "later"),
    [
        ({"levers.salvage": 2}, True),
        ({"levers.opt_out": 0.3}, False),
        ({"levers.passes": 16}, True),
        ({"levers.passes": 1}, False),
        ({"levers.synthetic_share": 0.5}, True),
        ({"levers.overtraining": 5}, False),
        ({"levers.user_growth": 1.05}, True),
        ({"quality": 0.9}, True),
        ({"web.pages": 75e9}, False),
    ],
)
def test_each_lever_moves_every_draw_its_own_way(change, later):
    before, after = see(Scenario()).exhaustion.dates, see(Scenario(set=change)).exhaustion.dates
    decided = np.isfinite(before) & np.isfinite(after)
    if "quality" in change or "web.pages" in change:  # they replace what the draws had
        assert (np.median(after) > np.median(before)) == later
        return
    moved = after[decided] - before[decided]
    assert np.all(moved >= -1e-9) if later else np.all(moved <= 1e-9)
    assert np.median(moved) != 0


def test_synthetic_data_beyond_the_limit_does_not_count():
    half = {"levers.synthetic_share": 0.5}
    limited = see(Scenario(set={"levers.synthetic_share": 0.9, "levers.synthetic_limit": 0.5}))
    assert np.array_equal(limited.demand, see(Scenario(set=half)).demand)


def test_repeated_data_is_worth_what_muennighoff_found():
    assert worth_of_passes(1, 15.39) == 1
    assert float(worth_of_passes(4, 15.39)) == pytest.approx(3.73, abs=0.005)
    assert float(worth_of_passes(16, 15.39)) == pytest.approx(10.6, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(
    ratio=st.floats(1.05, 1e4),
    growth=st.floats(0.9, 1.3),
    demand_growth=st.floats(1.35, 3),
    quality=st.floats(0.05, 1),
    passes=st.floats(1, 20),
)
def test_the_simulation_of_an_own_corpus_is_the_closed_form(
    ratio, growth, demand_growth, quality, passes
):
    need = 1e9 * quality * float(worth_of_passes(passes, 15.39)) / ratio
    scenario = mine(
        corpus=1e9,
        growth=growth,
        quality=quality,
        demand=max(need, 1.0),
        demand_growth=demand_growth,
    )
    scenario = replace(scenario, set={**scenario.set, "levers.passes": passes})
    found = see(scenario, 100)
    by_hand = 2026.9 + math.log(ratio) / math.log(demand_growth / growth)
    exact = corpus.dates(found.inputs, 2026.9, 100, SEED)
    assert exact[0] == pytest.approx(by_hand, abs=1e-6)
    if by_hand < found.exhaustion.last:
        # Both grow at constant rates, so a straight line between two years is exact.
        assert found.exhaustion.dates[0] == pytest.approx(by_hand, abs=1e-6)
    else:
        assert found.exhaustion.dates[0] == math.inf


def test_the_simulation_agrees_with_the_closed_form_draw_by_draw():
    found = see(
        mine(
            corpus="2B..8B tokens",
            growth="0..10%/year",
            quality="0.2..0.6@90",
            demand="100M..1B",
            demand_growth="20..80%/year",
        )
    )
    exact = corpus.dates(found.inputs, 2026.9, 4_000, SEED)
    inside = exact < found.exhaustion.last
    assert found.exhaustion.dates[inside] == pytest.approx(exact[inside], abs=1e-6)
    assert np.all(np.isinf(found.exhaustion.dates[~inside]))


def test_a_corpus_that_grows_as_fast_as_the_need_never_runs_out_and_that_is_said():
    for growth in ("60%/year", "80%/year"):
        found = see(mine(corpus="5B", growth=growth, demand="1B", demand_growth="60%/year"))
        numbers = told(found)
        assert found.never == 1
        assert numbers["exhaustion"]["median"] is None
        assert numbers["exhaustion"]["probability_never"] == 1
        assert "lasts beyond 2066 in 100 %" in numbers["says"]
        assert "never runs out in 100 %" in numbers["says"]


def test_need_that_shrinks_never_exhausts_and_need_above_the_corpus_has():
    assert see(mine(corpus="5B", demand="1B", demand_growth="-5%/year")).never == 1
    found = see(mine(corpus="5B", demand="50B"))
    assert found.already == 1
    assert told(found)["says"] == "Demand had reached the stock by 2026.9."


@pytest.mark.parametrize("modality", [m for m in MODALITIES if m != "mine"])
def test_every_modality_tells_of_its_own_inputs_alone(modality):
    found = see(Scenario(modality=modality), 2_000)
    numbers = told(found, influences(found))
    units = {"text": "tokens", "users": "tokens", "images": "images"}
    assert numbers["stock"]["unit"] == units.get(modality, "words")
    groups = {name.partition(".")[0] for name in numbers["inputs"]}
    own = {"text": {"web"}, "users": {"users", "web"}}.get(modality, {"study_2022"})
    assert groups <= own | {"levers"}
    for entry in numbers["inputs"].values():
        assert all(entry[key] for key in ("unit", "source", "date", "meaning", "confidence"))


def test_the_indices_find_what_was_planted():
    found = see(mine(corpus="1B..100B", demand="90M..110M", demand_growth=2))
    first, second = influences(found)[:2]
    assert (first.name, second.name) == ("mine.corpus", "mine.demand")
    assert first.first_order > 0.95
    assert second.first_order < 0.05
    # Ten times the corpus is log2(10) years: from the 10th to the 90th percentile of 1 to 100 B.
    ninth = LogNormal(1e9, 1e11).quantile(0.9) / LogNormal(1e9, 1e11).quantile(0.1)
    assert first.swing == pytest.approx(math.log2(float(ninth)), abs=0.3)


def test_the_same_seed_gives_the_same_and_an_override_leaves_other_draws_alone():
    one, other = see(Scenario()), see(Scenario(set={"quality": 0.3}))
    assert np.array_equal(one.exhaustion.dates, see(Scenario()).exhaustion.dates)
    assert np.array_equal(one.demand, other.demand)
    assert np.array_equal(one.factors["web.pages"], other.factors["web.pages"])


def test_what_users_have_written_is_more_than_the_indexed_web_and_lasts_longer():
    text, users = see(Scenario()), see(Scenario(modality="users"))
    assert np.median(users.stock[:, 0]) > 3 * np.median(text.stock[:, 0])
    assert users.exhaustion.median > text.exhaustion.median


def test_a_language_is_its_share_of_the_web():
    whole, german = see(Scenario()), see(Scenario(language="German"))
    assert german.stock == pytest.approx(0.053038 * whole.stock)
    assert changed(Scenario(language="deu")) == changed(Scenario(language="German"))
    level = see(Scenario(language="deu", set={"levers.demand_share": 0.053038}))
    assert level.exhaustion.median == pytest.approx(whole.exhaustion.median, abs=1e-6)


@pytest.mark.parametrize(
    ("scenario", "problem", "hint"),
    [
        (lambda: Scenario(modality="txt"), "no modality 'txt'", "text"),
        (lambda: Scenario(demand="trends"), "no demand 'trends'", "trend"),
        (lambda: see(Scenario(set={"qualty": 0.2})), "no input is named 'qualty'", "quality"),
        (lambda: see(Scenario(set={"quality": 1.5})), "web.quality", "means"),
        (lambda: see(Scenario(set={"quality": "0.4..0.1"})), "0.4", ""),
        (lambda: see(Scenario(set={"demand.growth": 0.2})), "plays no part", "study"),
        (lambda: see(Scenario(set={"web.pages": "5 tokens"})), "tokens", "pages"),
        (lambda: see(Scenario(modality="mine")), "needs its size", "--my-corpus"),
        (lambda: see(Scenario(language="Klingon")), "Klingon", "levers.stock_share"),
        (lambda: see(Scenario(modality="images", demand="trend")), "demand of its own", "leave"),
        (lambda: see(mine(corpus="-5B")), "mine.corpus", ""),
    ],
)
def test_wrong_questions_are_refused_by_name(scenario, problem, hint):
    with pytest.raises(ArtesianError) as caught:
        scenario()
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_scenarios_of_a_file_stand_on_the_base(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(
        '[[scenario]]\nname = "fewer"\nset = { "levers.opt_out" = 0.4 }\n'
        '[[scenario]]\nname = "study"\ndemand = "study"\n[scenario.set]\nlevers.passes = 4\n'
    )
    fewer, study = read_scenarios(file, Scenario(set={"quality": 0.2}))
    assert dict(fewer.set) == {"quality": 0.2, "levers.opt_out": 0.4}
    assert (study.demand, dict(study.set)) == ("study", {"quality": 0.2, "levers.passes": 4})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "is no TOML"),
        ("", "holds no [[scenario]]"),
        ('[[scenario]]\nnme = "x"\n', "has no 'nme'"),
        ("[[scenario]]\nset = {}\n", "no name"),
        ('[[scenario]]\nname = "x"\nset = { quality = true }\n', "quality is True"),
        ('[[scenario]]\nname = "x"\n[[scenario]]\nname = "x"\n', "two scenarios"),
        ("other = 1\n", "a key 'other'"),
        ('[[scenario]]\nname = "x"\nlanguage = 5\n', "language is 5"),
    ],
)
def test_a_wrong_file_of_scenarios_is_told(tmp_path, text, problem):
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(ArtesianError, match=r"s\.toml|quality") as caught:
        read_scenarios(file, Scenario())
    assert problem in caught.value.problem


def test_levers_moved_alone_leave_out_what_the_base_moves():
    names = [one.name for one in one_lever_each(Scenario(set={"levers.opt_out": 0.1}))]
    assert "owners withdraw 30 %" not in names
    assert "filters keep twice as much" in names
    for one in one_lever_each(Scenario(modality="images")):
        see(one, 500)
    for one in one_lever_each(mine(corpus="5B")):
        see(one, 500)
