"""The scorecard: its verdict, its form, what it requires."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

from artesian.core.errors import Cancelled, SchemaError, UsageError
from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics import evaluate as judging
from artesian.metrics.evaluate import evaluate
from artesian.metrics.protocol import Comparison
from artesian.metrics.requirements import check, outcomes, requirements

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/scorecard.schema.json").read_text())

UNMARKED = {
    "survival": "time-to-event target",
    "k_anonymity": "quasi-identifier",
    "l_diversity": "quasi-identifier",
    "t_closeness": "quasi-identifier",
    "identifier_copied": "no column identifies people",
    "relations": "no relation between columns",
}


@pytest.fixture(scope="module")
def fresh():
    return evaluate(Comparison(people(1200, 1), people(1200, 2), people(1200, 3)))


def test_rows_of_the_same_law_get_good_words(fresh):
    assert fresh.verdict.startswith("Hard to tell from real rows (detector 0.")
    assert "as useful for predicting 'member'" in fresh.verdict
    assert "not closer to training rows than to holdout rows" in fresh.verdict
    assert [result.metric for result in fresh.results] == list(CATALOG)
    skipped = {result.metric: result.skipped for result in fresh.results if result.skipped}
    fairness = {name for name in CATALOG if CATALOG[name].spec.family == "fairness"}
    assert set(skipped) == {*fairness, *UNMARKED}
    assert all("marked as sensitive" in skipped[name] for name in fairness)
    assert all(UNMARKED[name] in skipped[name] for name in UNMARKED)


def test_noise_gets_bad_words():
    card = evaluate(Comparison(people(800, 1), people(800, 2, blur=1.0), people(800, 3)))
    assert card.verdict.startswith("Easily detected as synthetic")
    assert "less useful for predicting 'member'" in card.verdict


def test_the_real_table_itself_is_said_loudly():
    real = people(800, 1)
    turned = real.with_frame(real.frame.reverse())
    card = evaluate(Comparison(real, turned, people(800, 3)))
    assert card.verdict.startswith("NOT SYNTHETIC: these are the real rows themselves")
    assert "COPIES TRAINING ROWS" in card.verdict
    assert "CLOSER TO TRAINING ROWS" in card.verdict


def test_a_copying_model_is_said_loudly():
    real = people(800, 1)
    half = real.with_frame(pl.concat([real.frame[:400], people(400, 2).frame]))
    card = evaluate(Comparison(real, half, people(800, 3)))
    assert "COPIES TRAINING ROWS (50 % of the rows, against 0 % of the holdout)" in card.verdict
    assert "NOT SYNTHETIC" not in card.verdict


def test_fidelity_falls_as_rows_turn_into_noise():
    real, holdout = people(1000, 1), people(1000, 3)
    metrics = ["ks", "tv", "pairs", "c2st", "tstr"]
    cards = [
        evaluate(Comparison(real, people(1000, 2, blur=blur), holdout), metrics=metrics)
        for blur in (0.0, 0.25, 0.5, 1.0)
    ]
    for metric in ("ks", "tv", "pairs", "c2st"):
        values = [card[metric].value for card in cards]
        assert values == sorted(values), f"{metric}: {values}"
        assert values[0] < values[-1]
    useful = [card["tstr"].value for card in cards]
    assert useful[0] > useful[2] > useful[3]


@pytest.mark.parametrize(
    "tables",
    [
        Comparison(people(300, 1), people(300, 2), people(300, 3)),
        Comparison(people(300, 1), people(300, 2)),
        Comparison(people(300, 1), people(1, 2), people(3, 3)),
        Comparison(people(0, 1), people(0, 2)),
    ],
    ids=["usual", "no holdout", "few rows", "no rows"],
)
def test_the_scorecard_is_json_of_the_published_schema(tables):
    written = json.dumps(evaluate(tables).to_dict(), allow_nan=False)
    jsonschema.validate(json.loads(written), SCHEMA)


def test_a_result_has_exactly_the_published_fields(fresh):
    told = fresh.to_dict()
    assert list(told) == ["format", "verdict", "results", "findings", "notes", "rows"]
    assert list(told["results"][0]) == [
        *("metric", "value", "interval", "reference", "reference_interval"),
        *("excess", "excess_interval", "better", "explanation", "skipped"),
        *("parts", "reference_parts"),
    ]
    assert told["rows"] == {"real": 1200, "synthetic": 1200, "holdout": 1200}


def test_without_a_holdout_it_says_so_and_skips_what_needs_one():
    card = evaluate(Comparison(people(300, 1), people(300, 2)))
    assert card.findings[0].code == "no_holdout"
    needy = {name for name in CATALOG if CATALOG[name].spec.needs_holdout}
    assert needy >= {"c2st_holdout", "tstr", "dcr_share", "membership_outliers"}
    assert {r.metric for r in card.results if r.skipped} == {
        *needy,
        *UNMARKED,
        "representation",
    }
    assert "no holdout to compare with" in card.verdict


def test_too_few_rows_are_skipped_with_reasons():
    card = evaluate(Comparison(people(1, 1), people(1, 2), people(1, 3)))
    skipped = {r.metric: r.skipped for r in card.results if r.skipped}
    assert set(skipped) == set(CATALOG) - {"exact_copies", "validity"}
    assert "20 are needed" in skipped["ks"]
    assert "50 are needed" in skipped["dcr_share"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda f: f.drop("age"), "lacks the column 'age'"),
        (lambda f: f.rename({"age": "agee"}), "lacks the column 'age'"),
        (lambda f: f.with_columns(extra=1), "has the column 'extra', which the real table lacks"),
        (
            lambda f: f.with_columns(age=pl.lit("x")),
            "'age' holds numbers in the real table and text",
        ),
    ],
)
def test_tables_that_differ_in_columns_are_refused_by_name(change, problem):
    real = people(50, 1)
    with pytest.raises(SchemaError, match=problem) as caught:
        evaluate(Comparison(real, table(change(people(50, 2).frame))))
    assert caught.value.hint


def test_long_tables_are_cut_whatever_their_order(monkeypatch):
    monkeypatch.setattr(judging, "MAX_ROWS", 500)
    tables = Comparison(people(900, 1), people(900, 2), people(300, 3))
    turned = Comparison(
        tables.real.with_frame(tables.real.frame.reverse()),
        tables.synthetic.with_frame(tables.synthetic.frame.reverse()),
        tables.holdout,
    )
    one, two = evaluate(tables), evaluate(turned)
    assert any("500 rows" in note for note in one.notes)
    assert one.to_dict() == two.to_dict()
    assert one["copies"].detail["rows"] == 900


@pytest.mark.slow
def test_the_seed_decides_and_another_seed_gives_close_values():
    tables = Comparison(people(500, 1), people(500, 2), people(500, 3))
    assert (
        evaluate(tables, run=Run.from_seed(1)).to_dict()
        == evaluate(tables, run=Run.from_seed(1)).to_dict()
    )
    one, two = evaluate(tables, run=Run.from_seed(1)), evaluate(tables, run=Run.from_seed(2))
    assert one["c2st"].value != two["c2st"].value
    assert one["c2st"].value == pytest.approx(two["c2st"].value, abs=0.06)


def test_the_number_of_workers_changes_nothing():
    tables = Comparison(people(500, 1), people(500, 2), people(500, 3))
    cards = [evaluate(tables, run=Run(workers=count)).to_dict() for count in (1, 2)]
    assert cards[0] == cards[1]


def test_only_the_metrics_asked_for_in_their_order():
    card = evaluate(Comparison(people(60, 1), people(60, 2)), metrics=["tv", "copies", "tv"])
    assert [result.metric for result in card.results] == ["tv", "exact_copies"]
    with pytest.raises(UsageError, match="no metric 'kss'") as caught:
        evaluate(Comparison(people(60, 1), people(60, 2)), metrics=["kss"])
    assert caught.value.hint == "did you mean 'ks'?"


def test_it_reports_progress_and_can_be_stopped():
    seen = []
    evaluate(Comparison(people(60, 1), people(60, 2)), run=Run(on_progress=seen.append))
    assert any(report.task == "evaluate" for report in seen)
    run = Run()
    run.cancel()
    with pytest.raises(Cancelled):
        evaluate(Comparison(people(60, 1), people(60, 2)), run=run)


def test_one_column_of_any_kind_is_judged():
    for name in people(5, 1).frame.columns:
        tables = [table(people(200, seed).frame.select(name)) for seed in (1, 2, 3)]
        assert evaluate(Comparison(*tables)).verdict


def test_requirements_are_read_and_checked(fresh):
    wanted = requirements(["c2st<=0.7, ks < 0.2", "exact_copies<=0"])
    assert [str(one) for one in wanted] == ["c2st_holdout<=0.7", "ks<0.2", "exact_copies<=0"]
    assert check(fresh, wanted) == ()
    (unmet,) = check(fresh, requirements("c2st<=0.1"))
    assert str(unmet.requirement) == "c2st_holdout<=0.1"
    assert unmet.reason.startswith("it is 0.")
    assert [one.met for one in outcomes(fresh, requirements("ks>=0,ks>1"))] == [True, False]


def test_a_skipped_metric_fails_its_requirement_with_the_reason():
    card = evaluate(Comparison(people(60, 1), people(60, 2)), metrics=["c2st"])
    (one,) = check(card, requirements("c2st<=1"))
    assert "it needs a holdout" in one.reason
    (two,) = check(card, requirements("ks<=1"))
    assert two.reason == "it was not requested"


@pytest.mark.parametrize(
    "text", ["c2st", "c2st=0.5", "c2st<=", "c2st<=abc", "<=0.5", "", "ks<=nan"]
)
def test_a_requirement_that_cannot_be_read_is_refused(text):
    with pytest.raises(UsageError, match="cannot parse the requirement"):
        requirements(text)


def test_a_requirement_on_an_unknown_metric_says_what_was_meant():
    with pytest.raises(UsageError) as caught:
        requirements("c2st_holdot<=0.5")
    assert caught.value.hint == "did you mean 'c2st_holdout'?"


def test_holdout_rows_that_are_training_rows_are_judged():
    real = people(300, 1)
    card = evaluate(Comparison(real, people(300, 2), real))
    assert card["copies"].reference == 1.0
    assert np.isfinite(card["c2st"].value)


def test_a_detector_that_tells_real_rows_from_real_rows_does_not_judge():
    real, holdout = people(600, 1), people(600, 3)
    # The holdout is of other people, all of them older than those of the training rows.
    shifted = pl.col("age") + 60
    holdout = holdout.with_frame(holdout.frame.with_columns(shifted))
    synthetic = people(600, 2)
    card = evaluate(
        Comparison(real, synthetic, holdout), metrics=["c2st_holdout", "ks", "tv", "pairs"]
    )
    assert card.verdict.startswith("The detector tells even real rows from real rows")
    assert "Hard to tell" not in card.verdict
    assert "real rows than" in card.verdict or "as the holdout" in card.verdict
