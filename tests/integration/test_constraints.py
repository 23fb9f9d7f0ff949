"""Constraints of every kind are kept by every method, or refused by name."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core import fingerprint
from artesian.core.errors import ArtesianError, ConditionError, MissingExtra, SchemaError
from artesian.core.run import Run
from artesian.data.read import read
from artesian.relations.protocol import count
from artesian.relations.rules import parse_rule
from artesian.runs.resolve import resolve_method
from artesian.runs.roles import with_constraints
from artesian.synthesizers import CATALOG
from artesian.synthesizers.store import load, save

DECLARED = (
    'col("a") + col("b") == col("total")',
    'col("low") <= col("high")',
    '(col("kind") != "x") | col("y").is_null()',
    'col("red") + col("green") + col("blue") == 1',
    'col("age").is_between(18, 65)',
    '(col("score") - col("age")).abs() >= 5',
    "start <= end",
    "a < 45 and b != 3",
    "product -> price",
    "unique(slot)",
)


def orders(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Orders of which some break the ranges, and none the relations."""
    rng = np.random.default_rng(seed)
    a, b, product = rng.integers(0, 50, rows), rng.integers(0, 30, rows), rng.integers(0, 6, rows)
    low, colour = rng.normal(100, 20, rows).round(1), rng.integers(0, 3, rows)
    kind = rng.choice(["x", "y", "z"], rows)
    start = np.datetime64("2024-01-01") + rng.integers(0, 300, rows)
    end = start + rng.integers(0, 30, rows)
    return pl.DataFrame(
        {
            "a": a,
            "b": b,
            "total": a + b,
            "low": low,
            "high": (low + rng.exponential(5, rows)).round(1),
            "kind": kind,
            "y": pl.Series(np.where(kind == "x", None, a + 1).tolist(), dtype=pl.Int64),
            **{name: (colour == n) * 1 for n, name in enumerate(("red", "green", "blue"))},
            "start": pl.Series(start.astype("datetime64[D]")),
            "end": pl.Series(end.astype("datetime64[D]")),
            "age": rng.integers(15, 80, rows),
            "score": (rng.random(rows) * 100).round(2),
            "product": [f"p{n}" for n in product],
            "price": product * 1.5 + 2,
            "slot": rng.permutation(rows) + 5000,
        }
    )


def broken(frame: pl.DataFrame, texts=DECLARED) -> dict[str, int]:
    """Constraint -> number of rows that break it."""
    return {text: count(parse_rule(text, tuple(frame.columns)), frame)[1] for text in texts}


SLOW = (
    *("gaussian_mixture", "vine_copula", "forest_flow", "hierarchical_glm"),
    *("vae", "ctgan", "adsgan", "medgan"),
)


@pytest.mark.parametrize(
    "method", [pytest.param(one, marks=[pytest.mark.slow] * (one in SLOW)) for one in CATALOG]
)
def test_every_method_keeps_every_constraint(method, tmp_path):
    """No relation is discovered: what holds is declared."""
    table = with_constraints(read(orders()), DECLARED)
    table = replace(table, schema=replace(table.schema, relations=()))
    synthesizer, _ = resolve_method(method, {}, table)
    try:
        model = synthesizer.fit(table, run=Run.from_seed(1))
    except MissingExtra as problem:
        pytest.skip(problem.problem)
    rows = model.sample(4200, run=Run.from_seed(2)).frame
    assert not any(broken(rows).values()), broken(rows)
    assert rows.head(10).equals(model.sample(10, run=Run.from_seed(2)).frame)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model").sample(300, run=Run.from_seed(2)).frame
    assert again.equals(rows.head(300))


def test_the_rest_of_a_row_remains_as_it_was():
    """Rows that break a constraint are drawn again; nothing but their number changes."""
    frame = orders(2000).select("age", "price", "score")
    plain = ar.synth(frame, 4000, method="bootstrap", metrics=["validity"]).data
    kept = ar.synth(
        frame, 4000, method="bootstrap", metrics=["validity"], constraints='col("age") <= 40'
    ).data
    young = plain.filter(pl.col("age") <= 40)
    assert kept["age"].max() == 40
    assert kept["price"].mean() == pytest.approx(young["price"].mean(), rel=0.05)
    assert kept["age"].mean() == pytest.approx(young["age"].mean(), rel=0.02)


def test_missing_values_are_within_any_range():
    frame = (
        orders().select("age", "score").with_columns(age=pl.when(pl.col("age") > 30).then("age"))
    )
    rows = ar.synth(frame, 3000, metrics=["validity"], constraints=["age <= 60"]).data
    assert rows["age"].max() <= 60
    assert rows["age"].null_count() / 3000 == pytest.approx(
        frame["age"].null_count() / 400, abs=0.2
    )


def test_a_declared_dependency_replaces_a_discovered_one():
    frame = orders().select("product", "kind", price=2.0 + pl.col("price") // 5)
    rows = ar.synth(frame, 2000, method="marginals", constraints="kind -> price", metrics=[]).data
    assert broken(rows, ["kind -> price"]) == {"kind -> price": 0}


LEDGER = (
    "balance = previous(balance) + paid_in - paid_out by account, day",
    "unique(account, day)",
    "at most one of (paid_in, paid_out)",
    "gross = 1.19 * paid_out within 0.005",
    'col("balance") >= 0',
    'col("balance") <= 2500',
)


def ledger(rows: int = 600) -> pl.DataFrame:
    """Amounts and balances of 30 accounts."""
    rng = np.random.default_rng(3)
    account = np.sort(rng.integers(0, 30, rows))
    paid_in = np.where(rng.random(rows) < 0.5, rng.integers(10, 200, rows), 0)
    paid_out = np.where(paid_in == 0, rng.integers(1, 60, rows), 0)
    day, balance = np.zeros(rows, int), np.zeros(rows, int)
    for one in range(30):
        here = np.flatnonzero(account == one)
        day[here] = np.sort(rng.choice(400, len(here), replace=False))
        balance[here] = 500 + np.cumsum(paid_in[here] - paid_out[here])
    booked = (np.datetime64("2023-01-01") + day).astype("datetime64[D]")
    return pl.DataFrame(
        {
            "account": [f"A-{one + 100}" for one in account],
            "day": pl.Series(booked),
            "paid_in": paid_in,
            "paid_out": paid_out,
            "balance": balance,
            "gross": (paid_out * 1.19).round(2),
        }
    )


@pytest.mark.parametrize("method", ["trees", "marginals", "gaussian_copula"])
def test_balances_remain_within_limits(method):
    synthesis = ar.synth(
        ledger(), 4000, method=method, constraints=LEDGER, metrics=["relations", "validity"]
    )
    assert not any(broken(synthesis.data, LEDGER).values())
    parts = synthesis.scorecard["relations"].parts
    assert set(LEDGER) <= set(parts)
    assert not any(parts[text] for text in LEDGER)


def test_what_the_source_breaks_is_reported_with_its_count():
    synthesis = ar.synth(
        orders(), method="marginals", constraints=["a <= b"], holdout=0, metrics=["relations"]
    )
    expected = int((orders()["a"] > orders()["b"]).sum())
    note = next(note for note in synthesis.result.notes if "a <= b" in note)
    assert f"broken by {expected} of 400 training rows" in note
    result = synthesis.scorecard["relations"]
    assert result.parts["a <= b"] == 0
    of_real = result.detail["broken_constraints_of_real_rows"]
    assert of_real["a <= b"] == pytest.approx(expected / 400)


def test_a_table_from_elsewhere_is_judged_by_expressions(tmp_path):
    schema = read(orders()).schema
    shuffled = orders().with_columns(pl.col("high").shuffle(1))
    path = tmp_path / "dataset.toml"
    text = 'col("low") <= col("high")'
    path.write_text(f"[tables.t]\nconstraints = ['{text}']\n")
    scorecard = ar.compare(orders(), shuffled, schema=path, metrics=["relations", "validity"])
    wrong = float((shuffled["low"] > shuffled["high"]).mean())
    assert schema.constraints == ()
    assert scorecard["relations"].parts[text] == pytest.approx(wrong)
    assert scorecard["validity"].parts[text] == pytest.approx(1 - wrong)


CONTRADICTIONS = {
    "orders": ["low < high", 'col("high") < col("low")'],
    "a range": ["age >= 60", 'col("age") <= 20'],
    "ranges and an order": ['col("a") >= 30', "b <= 5", 'col("a") <= col("b")'],
    "a sum and ranges": ['col("a") + col("b") == 9', 'col("a") > 5', 'col("b") > 5'],
    "values": ['col("kind") == "x"', 'col("kind").is_in(["y", "z"])'],
    "a value and its exclusion": ["kind = 'x'", 'col("kind") != "x"'],
    "presence": ['col("y").is_null()', 'col("y").is_not_null()'],
    "dates": ["start > '2024-06-01'", 'col("start") < date(2024, 5, 1)'],
    "one alone": ['col("a") > col("a") + 1'],
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_contradictory_constraints_are_named(what):
    texts = CONTRADICTIONS[what]
    with pytest.raises(SchemaError, match=r"contradict each other|never be satisfied") as caught:
        ar.synth(orders(), constraints=[*texts, "total >= 0", 'col("score") >= 0'])
    assert all(repr(text) in caught.value.problem for text in texts)
    assert "total" not in caught.value.problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('col("age") >', "at its end: it ends too early"),
        ("so it is", "it is not a comparison"),
        ('col("aeg") > 3', "there is no column 'aeg'"),
        ("aeg > 3", "there is no column 'aeg'"),
        ("total = 2 * aa", "there is no column 'aa'"),
        ("unique(slott)", "a column 'slott' that there is not"),
        ('col("kind") > 3', "it compares text with numbers"),
        ("kind > 3", "it compares text with numbers"),
        ("total = 2 * kind", "computes with 'kind', which has text"),
        ('col("age") > 200', "holds in none of the 320 rows"),
        ("unique(red, green)", "holds in none of the 320 rows"),
        ("unique(age, red)", "rows of the source have the same values"),
        ('col("low").is_unique()', "cannot be kept"),
        ("age -> score", "cannot be kept"),
    ],
)
def test_what_is_no_constraint_of_the_table_is_refused(text, why):
    with pytest.raises(ArtesianError) as caught:
        ar.synth(orders(), constraints=[text], metrics=["validity"])
    assert why in caught.value.problem
    assert caught.value.hint


@pytest.mark.parametrize("method", ["trees", "gaussian_copula"])
def test_an_unsatisfiable_condition_names_the_constraint_and_its_rate(method):
    with pytest.raises(ConditionError) as caught:
        ar.synth(orders(), method=method, constraints=["age <= 40", "a >= 0"], where=["age=50..60"])
    assert "'age <= 40' cannot be kept under the conditions {'age'" in caught.value.problem
    assert "0 of" in caught.value.problem
    assert "(0 %)" in caught.value.problem


def test_a_model_folder_with_any_constraint_is_read_or_refused(tmp_path):
    table = with_constraints(read(orders()), ['col("age") >= 18'])
    synthesizer, _ = resolve_method("marginals", {}, table)
    for number, text in enumerate(
        ('__import__("os")', 'col("x") > 3', 'col("kind") > 3', "(" * 999)
    ):
        folder = tmp_path / str(number)
        save(synthesizer.fit(table), folder)
        header = json.loads((folder / "model.json").read_text())
        del header["digest"]
        header["schema"]["constraints"] = [text]
        header["digest"] = fingerprint.hash_json(header)
        (folder / "model.json").write_text(json.dumps(header))
        with pytest.raises(ArtesianError, match="constraint"):
            load(folder).sample(10)


def test_what_is_declared_beside_a_running_total_is_kept_by_construction():
    frame = ledger().with_columns(limit=pl.Series(np.arange(600) % 7 * 40 + 200))
    texts = [*LEDGER[:2], 'col("paid_in") + col("paid_out") <= col("limit")']
    table = with_constraints(read(frame), texts)
    model = resolve_method("marginals", {}, table)[0].fit(table, run=Run.from_seed(0))
    assert not any(broken(model.sample(3000).frame, table.schema.constraints).values())
    steps = [s for one in model.codec.transforms.transforms for s in getattr(one, "steps", ())]
    assert "paid_in + paid_out <= limit" in [str(step.relation) for step in steps]
