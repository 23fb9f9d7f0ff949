"""Events of a case in their order: placed before paid, paid before shipped."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

import artesian as ar


def log(cases=220, seed=8):
    """Events of orders, with comments at any time."""
    rng, rows = np.random.default_rng(seed), []
    for case in range(cases):
        events = ["created", "approved", "picked", "shipped", "delivered"]
        if rng.random() < 0.2:
            events = ["created", "cancelled"]
        if rng.random() < 0.3:
            events.insert(int(rng.integers(1, len(events))), "comment")
        time = dt.datetime(2024, 3, 1) + dt.timedelta(minutes=int(rng.integers(0, 100_000)))
        channel = str(rng.choice(["web", "shop", "phone"]))
        for event in events:
            clerk = str(rng.choice(["ann", "bob", "eva", "tom"]))
            rows.append((f"ORD-{10_000 + case}", event, time, channel, clerk))
            time += dt.timedelta(minutes=int(rng.exponential(600)) + 1)
    names = ["case_id", "activity", "timestamp", "channel", "clerk"]
    return pl.DataFrame(rows, schema=names, orient="row")


def visits(patients=120, seed=3):
    """The same in other words: what happens to a patient, by day, rows of patients mixed."""
    rng, rows = np.random.default_rng(seed), []
    for patient in range(patients):
        day = dt.date(2023, 1, 1) + dt.timedelta(int(rng.integers(0, 300)))
        for step in ["Aufnahme", *["Visite"] * int(rng.integers(1, 4)), "Entlassung"]:
            rows.append((f"P{patient:04d}", day, step, round(float(rng.normal(37, 0.6)), 1)))
            day += dt.timedelta(int(rng.integers(1, 4)))
    names = ["Patient-Nr", "Tag", "Ereignis", "Temperatur"]
    return pl.DataFrame(rows, schema=names, orient="row").sort("Tag")


@pytest.mark.parametrize(
    ("frame", "key", "time", "event", "first", "order"),
    [
        (log(), "case_id", "timestamp", "activity", "created", ["approved", "picked", "shipped"]),
        (visits(), "Patient-Nr", "Tag", "Ereignis", "Aufnahme", ["Visite", "Entlassung"]),
    ],
    ids=["orders", "patients"],
)
def test_events_are_in_their_order(frame, key, time, event, first, order):
    made = ar.Trees().fit(frame).sample(frame.height)
    cases = made.sort(key, time).group_by(key, maintain_order=True).agg(event)
    complete = cases.filter(pl.col(event).list.len() > 1)[event]
    assert (complete.list.first() == first).mean() > 0.97
    assert (complete.list.eval(pl.element() == first).list.sum() == 1).mean() > 0.97
    ranks = {name: rank for rank, name in enumerate([first, *order])}
    placed = complete.list.eval(
        pl.element().replace_strict(ranks, default=None, return_dtype=pl.Int64).drop_nulls()
    )
    rising = placed.list.eval((pl.element().diff().drop_nulls() >= 0).all()).list.first()
    assert rising.fill_null(True).mean() > 0.97
    assert made[key].n_unique() == pytest.approx(frame[key].n_unique(), rel=0.15)


def test_a_case_does_not_take_longer_than_cases_do():
    frame = log()
    made = ar.Trees().fit(frame).sample(2 * frame.height)

    def hours(rows):
        each = rows.group_by("case_id").agg(pl.col("timestamp").max() - pl.col("timestamp").min())
        return each["timestamp"].dt.total_hours().median()

    assert hours(made) < 3 * hours(frame)


def test_events_in_any_order_stay_so():
    frame = log().with_columns(
        pl.Series("activity", np.random.default_rng(0).permutation(log()["activity"].to_numpy()))
    )
    made = ar.Trees().fit(frame).sample(600)
    assert made["activity"].n_unique() == frame["activity"].n_unique()


def test_a_saved_model_keeps_the_order(tmp_path):
    model = ar.Trees().fit(log(100))
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(200).equals(model.sample(200))
