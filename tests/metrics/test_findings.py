"""Findings: what is worse than unseen real rows beyond the noise of all measures together."""

from dataclasses import replace

import numpy as np
import pytest
from tables import people, table

from artesian.metrics import CATALOG
from artesian.metrics.evaluate import evaluate
from artesian.metrics.findings import TABLE_FINDINGS, Level, excess, result_findings
from artesian.metrics.protocol import Better, Comparison, Result

QUICK = ("ks", "tv", "pairs", "exact_copies")
SPECS = {name: CATALOG[name].spec for name in CATALOG}


def result(metric="ks", value=0.2, half=0.05, reference=0.1, better=Better.LOWER, **more):
    return Result(
        metric=metric,
        better=better,
        value=value,
        interval=(value - half, value + half),
        reference=reference,
        explanation="It is so.",
        **more,
    )


def test_noise_is_no_finding_and_what_lies_beyond_it_is():
    assert result_findings([result(value=0.12)], SPECS) == ()
    assert [found.code for found in result_findings([result(value=0.2)], SPECS)] == ["ks"]
    assert result_findings([result(value=0.01)], SPECS) == (), "better than the reference"


def test_higher_is_better_turns_it_round():
    low = result("tstr", value=0.5, reference=0.9, better=Better.HIGHER)
    assert [found.level for found in result_findings([low], SPECS)] == [Level.ALARM]
    assert result_findings([replace(low, value=0.95, interval=(0.9, 1.0))], SPECS) == ()


def test_the_noise_of_the_reference_counts():
    one = result(value=0.2, half=0.05, reference=0.1)
    assert result_findings([one], SPECS)
    noisy = replace(one, reference_interval=(0.0, 0.3))
    assert result_findings([noisy], SPECS) == ()
    known = replace(one, excess_interval=(-0.01, 0.2))
    assert result_findings([known], SPECS) == ()


def test_distances_are_set_beside_the_reference_with_equal_rows():
    one = result(value=0.3, reference=0.1, excess=0.02, excess_interval=(-0.02, 0.06))
    assert excess(one) == (pytest.approx(0.02), (-0.02, 0.06))


def test_many_measures_are_allowed_for():
    barely = result(value=0.155)  # 2.2 standard errors: a finding alone, not among forty
    assert result_findings([barely], SPECS)
    others = [result(value=0.1) for _ in range(39)]
    assert result_findings([barely, *others], SPECS) == ()


def test_small_shortfalls_are_warnings_and_worst_stand_first():
    small, large = result("tv", 0.12, 0.001), result("ks", 0.6, 0.05)
    found = result_findings([small, large], SPECS)
    assert [(one.code, one.level) for one in found] == [("ks", Level.ALARM), ("tv", Level.WARNING)]


def test_what_has_no_reference_or_no_interval_gives_none():
    bare = [
        replace(result(), reference=None),
        replace(result(), interval=None),
        replace(result(), better=Better.NEITHER),
        replace(result(), value=None, interval=None),
        replace(result(), metric="of_another_package"),
    ]
    assert result_findings(bare, SPECS) == ()


def codes(tables):
    return [found.code for found in evaluate(tables, metrics=QUICK).findings]


def test_fresh_rows_have_no_finding_and_noise_has():
    real, held = people(800, 1), people(800, 3)
    assert codes(Comparison(real, people(800, 2), held)) == []
    assert {"ks", "tv", "pairs"} <= set(codes(Comparison(real, people(800, 2, blur=1.0), held)))


def test_a_holdout_with_training_rows_in_it_is_told():
    real, held = people(800, 1), people(400, 3)
    mixed = held.with_frame(held.frame[:360].vstack(real.frame[:40]))
    assert "holdout_overlap" not in codes(Comparison(real, people(800, 2), held))
    assert "holdout_overlap" in codes(Comparison(real, people(800, 2), mixed))


def test_rows_that_repeat_by_nature_are_no_overlap():
    rng = np.random.default_rng(0)

    def few(rows):
        return table({"a": rng.choice(["x", "y"], rows), "b": rng.integers(0, 9, rows) > 3})

    assert "holdout_overlap" not in codes(Comparison(few(400), few(400), few(400)))


def test_the_real_rows_themselves_and_no_holdout():
    real = people(300, 1)
    assert codes(Comparison(real, real))[:2] == ["same_rows", "no_holdout"]


def test_the_holdout_itself_is_told_as_such_and_loudly():
    real, held = people(300, 1), people(300, 2)
    card = evaluate(Comparison(real, held, held), metrics=["ks"])
    assert [finding.code for finding in card.findings][:1] == ["holdout_rows"]
    assert card.verdict.startswith("NOT SYNTHETIC")


@pytest.mark.parametrize("code", list(TABLE_FINDINGS))
def test_no_finding_about_tables_has_the_name_of_a_metric(code):
    assert code not in CATALOG
