"""The statistics of the stress test on simulated generators: bias, survival, bisection."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collapse.tables import FEW, RARE, towns

from artesian.collapse import theory
from artesian.collapse.policies import Policy
from artesian.collapse.stress import control
from artesian.collapse.stress.bias import bias_by_stratum, bias_counts
from artesian.collapse.stress.measures import Landscape, rare_perplexity, vendi_score
from artesian.collapse.stress.profile import Coded, Profile
from artesian.collapse.stress.proportion import PROPORTIONS, smallest_proportion
from artesian.collapse.stress.result import changed_in
from artesian.collapse.stress.survival import FirstLoss, Level, alive
from artesian.collapse.stress.training import training_rows
from artesian.core.run import Run, Seed


@pytest.fixture(scope="module")
def profile() -> Profile:
    return Profile.from_table(towns())


def resampled(profile: Profile, rng: np.random.Generator) -> Coded:
    return profile.coded.take(rng.integers(len(profile.coded), size=len(profile.coded)))


def sharpened(profile: Profile, rng: np.random.Generator, temperature: float) -> Coded:
    """Rows of a generator that samples every column at a temperature."""
    coded = resampled(profile, rng)
    codes = coded.codes.copy()
    for k, levels in enumerate(profile.levels):
        counts = np.bincount(profile.coded.codes[:, k], minlength=len(levels))
        powers = (counts / counts.sum()) ** (1 / temperature)
        codes[:, k] = rng.choice(len(levels), len(codes), p=powers / powers.sum())
    return Coded(codes, coded.numbers)


def alarms(profile: Profile, make: object, trials: int, replicates: int) -> float:
    hits = 0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        records = [bias_counts(profile, make(profile, rng)) for _ in range(replicates)]  # type: ignore[operator]
        tested = bias_by_stratum(profile, records, Seed(trial))
        hits += any(one.biased for one in tested)
    return hits / trials


def test_the_profile_follows_categories_of_five_rows_and_names_no_others(profile: Profile) -> None:
    names = [profile.name(k) for k in range(len(profile.rows))]
    for town, rows in RARE.items():
        assert profile.rows[names.index(f"town = {town}")] == rows
    assert not any(town in name for town in FEW for name in names)
    assert profile.suppressed == 1
    assert profile.suppressed_rows == pytest.approx(3 / 2000)
    counts = profile.category_counts(profile.coded.codes)
    np.testing.assert_array_equal(counts, profile.rows)
    np.testing.assert_array_equal(profile.tail_counts(profile.coded.numbers), profile.tail_rows)
    members = profile.members()
    for s, label in enumerate(profile.strata):
        assert members[:, s].sum() == profile.rows[profile.in_stratum(label)].sum()


def test_an_unbiased_generator_raises_few_alarms(profile: Profile) -> None:
    # At most 5 % jointly; of 60 trials more than 8 alarms have a probability below 0.3 %.
    assert alarms(profile, resampled, 60, replicates=2) <= 8 / 60


def test_a_sharpened_generator_is_found_at_2000_rows(profile: Profile) -> None:
    found = alarms(profile, lambda p, rng: sharpened(p, rng, 0.9), 25, replicates=5)
    assert found > 0.95


def test_the_control_survives_as_branching_predicts(profile: Profile) -> None:
    simulated = control.simulate(profile, None, Policy(name="replace"), 8, Run(), replicates=150)
    rare = np.flatnonzero(profile.rows < 20)
    for k in rare:
        observed = (simulated.counts[:, -1, k] > 0).mean()
        expected = theory.survival(float(profile.rows[k]), 8)[-1]
        error = max(np.sqrt(expected * (1 - expected) / 150), 0.01)
        assert abs(observed - expected) < 3.5 * error, profile.name(int(k))


def test_suppression_is_told_apart_from_chance(profile: Profile) -> None:
    plain, suppressing = (
        control.simulate(
            profile, None, Policy(name="replace"), 6, Run(), replicates=40, suppress=suppress
        )
        for suppress in (False, True)
    )
    own, other = (alive(one.counts, profile.rare)[0][-1] for one in (plain, suppressing))
    assert other < own - 0.05
    # Once suppressed, a category does not come back.
    living = suppressing.counts > 0
    assert not (living[:, 1:] & ~living[:, :-1]).any()


def test_measures_of_the_source_are_one_and_fall_without_its_tail(profile: Profile) -> None:
    scene = Landscape.from_profile(profile, Seed(1))
    assert scene is not None
    frequent = np.flatnonzero(profile.coded.codes[:, 0] <= 2)
    from artesian.collapse.stress.measures import relative_measures

    whole, part = (
        relative_measures(profile, scene, coded, profile.category_counts(coded.codes), Seed(2))
        for coded in (profile.coded, profile.coded.take(frequent[:40].repeat(50)))
    )
    for name in ("variance", "rare_proportion", "distinct_2", "vendi"):
        assert whole[name] == pytest.approx(1, abs=0.15), name
    assert whole["rare_clusters"] == 1
    assert part["rare_clusters"] < 0.8
    assert part["beta_recall"] < 0.8 * whole["beta_recall"]


def test_vendi_score_counts_different_rows() -> None:
    assert vendi_score(np.zeros((10, 2))) == pytest.approx(1)
    assert vendi_score(np.arange(8)[:, None] * 100.0) == pytest.approx(8)


@given(
    name=st.sampled_from(["replace", "accumulate", "subsample", "mix"]),
    generations=st.integers(1, 5),
    real=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_training_rows_are_rows_that_exist_each_at_most_once(
    name: str, generations: int, real: float, seed: int
) -> None:
    policy = Policy(name=name, real=real if name == "mix" else 0.0)  # type: ignore[arg-type]
    rows = [40] * (generations + 1)
    pieces = training_rows(policy, rows, np.random.default_rng(seed))
    pairs = [(k, int(row)) for k, chosen in pieces for row in chosen]
    assert len(set(pairs)) == len(pairs) == (sum(rows) if name == "accumulate" else 40)
    assert all(0 <= row < rows[k] for k, row in pairs)
    if name == "mix":
        assert sum(k == 0 for k, _ in pairs) == round(real * 40)
    if name == "replace":
        assert {k for k, _ in pairs} == {generations}


# Rounding errors of floats would decide at a proportion itself.
THOUSANDTHS = st.integers(5, 1_200).map(lambda number: number / 1_000)


@given(THOUSANDTHS, st.floats(0.0, 0.2))
def test_bisection_finds_the_threshold_and_censors_at_the_ends(needed: float, noise: float) -> None:
    def evaluate(proportion: float) -> Level:
        value = 0.9 + (proportion - needed) / 2
        return Level(value=value, low=value - noise, high=value + noise)

    found = smallest_proportion(evaluate, 0.9, {})
    low, high = found.interval
    assert len(found.tried) <= 7
    if needed > 1:
        assert (found.censored, found.to_dict()["value"]) == ("more than", None)
        assert high is None
    elif needed <= PROPORTIONS[0]:
        assert (found.censored, found.value) == ("at most", 0.01)
    else:
        assert found.censored == ""
        assert found.value == min(x for x in PROPORTIONS if x >= needed)
    assert low <= found.value
    assert high is None or found.value <= high


@given(
    needed=st.floats(0.0, 1.1),
    known=st.sets(st.sampled_from([0.0, 0.1, 0.12, 0.5, 1.0])),
)
def test_known_proportions_narrow_the_bisection(needed: float, known: set[float]) -> None:
    evaluated = []

    def evaluate(proportion: float) -> Level:
        evaluated.append(proportion)
        value = 0.9 if proportion >= needed else 0.8
        return Level(value=value, low=value, high=value)

    given = {x: evaluate(x) for x in known}
    evaluated.clear()
    found = smallest_proportion(evaluate, 0.9, given)
    enough = [x for x in {*PROPORTIONS, *known} if x >= needed]
    assert found.censored == ("more than" if not enough else found.censored)
    assert found.value == min(enough, default=1.0)
    assert not known & set(evaluated)
    failing = max((x for x in known if x < needed), default=-1.0)
    holding = min((x for x in known if x >= needed), default=2.0)
    assert all(failing < x < holding for x in evaluated)
    assert len(evaluated) <= 6


def test_perplexity_of_rare_categories_has_its_closed_form(profile: Profile) -> None:
    counts = profile.rows
    same = rare_perplexity(profile, counts, len(profile.coded))
    rows, rare = counts[profile.rare], profile.rare
    levels = np.array([len(v) for v in profile.levels])[profile.column[rare]]
    log = np.log((rows + 0.5) / (len(profile.coded) + levels / 2))
    assert same == pytest.approx(math.exp(-(log * rows).sum() / rows.sum()))
    lost = np.where(np.arange(len(counts)) == np.flatnonzero(rare)[0], 0, counts)
    assert rare_perplexity(profile, lost, len(profile.coded)) > same


def test_a_measure_changes_when_it_is_a_tenth_away() -> None:
    assert changed_in([1.0, 0.95, None, 1.1, 0.8]) == 4
    assert changed_in([1.0, 0.95]) is None


def test_first_loss_is_censored_after_the_last_generation() -> None:
    counts = np.ones((3, 4, 2), int)
    never = FirstLoss.from_counts(counts)
    assert never is not None
    assert (never.median, never.interval) == (None, (None, None))
    assert "more than 4" in never.text
    counts[0, 2:, 1] = 0
    counts[1, 3, 0] = 0
    once = FirstLoss.from_counts(counts)
    assert once is not None
    assert (once.median, once.interval) == (4.0, (3.0, None))
    assert FirstLoss.from_counts(np.ones((2, 3, 0), int)) is None
