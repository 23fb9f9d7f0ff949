"""What a subject has in all of its rows, though it is written in some of them only."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar


def visits(names: dict[str, str], subjects: int = 220) -> pl.DataFrame:
    """Visits of subjects at sites: the baseline is the pressure at the second visit, and is written
    from there on; a visit is planned days after consent, and takes place some days off."""
    rng = np.random.default_rng(len(names["subject"]))
    rows = []
    for at in range(subjects):
        site = str(rng.choice(["DE01", "FR02", "IT03"]))
        consent = np.datetime64("2023-01-02") + int(rng.integers(0, 300))
        level, weight = rng.normal(145, 12), rng.normal(80, 12)
        base = None
        for number in range(1, int(rng.integers(3, 7)) + 1):
            pressure = round(level + rng.normal(0, 6))
            base = pressure if number == 2 else base
            off = int(rng.integers(-3, 4)) if number > 2 else 0
            rows.append(
                (
                    f"{site}-{1000 + at}",
                    site,
                    consent.item(),
                    number,
                    ["Screening", "Baseline", *(f"Week {n}" for n in range(1, 5))][number - 1],
                    off,
                    (consent + 14 * (number - 1) + off).item(),
                    pressure,
                    base,
                    round(weight + rng.normal(0, 0.5), 1),
                )
            )
    frame = pl.DataFrame(rows, schema=list(names), orient="row", infer_schema_length=None)
    return frame.rename(names)


ENGLISH = {
    n: n
    for n in (
        "subject", "site", "consent", "visit_no", "visit", "deviation", "visit_date", "systolic",
        "baseline", "weight",
    )
}  # fmt: skip
GERMAN = dict(
    zip(
        ENGLISH,
        (
            "Patient-Nr", "Zentrum", "Einwilligung", "Besuch Nr", "Besuch", "Abweichung", "Datum",
            "Blutdruck", "Ausgangswert", "Gewicht",
        ),
        strict=True,
    )
)  # fmt: skip


@pytest.mark.parametrize("names", [ENGLISH, GERMAN], ids=["en", "de"])
def test_visits_of_a_subject_are_complete_and_have_one_baseline(names: dict[str, str]) -> None:
    real = visits(names)
    made = ar.synth(real, metrics=()).data.rename({v: k for k, v in names.items()})
    numbers = made.group_by("subject").agg(pl.col("visit_no").sort(), pl.len())
    complete = numbers["visit_no"].list.eval(pl.element()).to_list()
    assert all(each == list(range(1, len(each) + 1)) for each in complete)
    assert made.group_by("subject").agg(pl.col("site").n_unique())["site"].max() == 1
    assert made["subject"].str.starts_with(made["site"]).mean() > 0.99
    bases = made.drop_nulls("baseline").group_by("subject").agg(pl.col("baseline").n_unique())
    assert (bases["baseline"] == 1).all()
    assert made.filter(pl.col("visit_no") == 1)["baseline"].is_null().mean() > 0.9
    second = made.filter(pl.col("visit") == "Baseline").drop_nulls("baseline")
    assert (second["baseline"] == second["systolic"]).mean() > 0.95
    # Days after consent: exact for each kind of visit.
    days = (made["visit_date"] - made["consent"]).dt.total_days()
    assert (days == 14 * (made["visit_no"] - 1) + made["deviation"]).mean() > 0.9
    weights = made.group_by("subject").agg(pl.col("weight").std())["weight"].drop_nulls()
    assert weights.median() < 0.5 * real.rename({v: k for k, v in names.items()})["weight"].std()


def test_what_was_measured_stays_with_its_result() -> None:
    """No analyte twice in a sample; exchanging one takes its result along."""
    rng = np.random.default_rng(9)
    usual = {"sodium": (140, 3), "potassium": (4.2, 0.4), "glucose": (95, 15), "tsh": (2.0, 0.8)}
    rows = []
    for at in range(300):
        taken = np.datetime64("2024-03-01T06:00") + 37 * at
        received = taken + int(rng.integers(5, 50))
        for analyte in sorted(rng.choice([*usual], int(rng.integers(1, 4)), replace=False)):
            mean, spread = usual[analyte]
            minutes = int(rng.gamma(3, 10)) + 1 + int((received - taken).astype(int))
            times = (str(taken), str(received), minutes, str(taken + minutes))
            result = round(float(rng.normal(mean, spread)), 1)
            rows.append((f"S-{at:05d}", *times, analyte, result))
    names = ["sample_id", "taken", "received", "minutes", "resulted", "analyte", "result"]
    made = ar.synth(pl.DataFrame(rows, schema=names, orient="row"), metrics=()).data
    assert not made.select("sample_id", "analyte").is_duplicated().any()
    assert made.group_by("sample_id").agg(pl.col("received").n_unique())["received"].max() == 1
    assert (made["received"] < made["resulted"]).mean() > 0.99
    plausible = [
        abs(value - usual[analyte][0]) < 6 * usual[analyte][1]
        for analyte, value in made.select("analyte", "result").iter_rows()
    ]
    assert np.mean(plausible) > 0.9


def test_a_range_tells_the_analyte_but_not_the_sex() -> None:
    """Sex belongs to the person, so that the range follows from analyte and sex."""
    rng = np.random.default_rng(2)
    ranges = {("hb", "F"): "12-15", ("hb", "M"): "13-17", ("na", "F"): "136-145"}
    ranges |= {("na", "M"): "136-145", ("k", "F"): "3.5-5.1", ("k", "M"): "3.5-5.1"}
    rows = []
    for at in range(400):
        sex = str(rng.choice(["F", "M"]))
        for analyte in ("hb", "na", "k")[: int(rng.integers(1, 4))]:
            rows.append((f"P{10_000 + at}", sex, analyte, ranges[analyte, sex]))
    real = pl.DataFrame(rows, schema=["patient_id", "sex", "analyte", "range"], orient="row")
    made = ar.synth(real, metrics=()).data
    assert made.group_by("patient_id").agg(pl.col("sex").n_unique())["sex"].max() == 1
    right = [ranges[a, s] == r for a, s, r in made.select("analyte", "sex", "range").iter_rows()]
    assert np.mean(right) > 0.99
