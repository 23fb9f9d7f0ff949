"""Detection and validity see what a reader of the table sees, and see nothing in real rows.

Every fault below leaves the distribution of each column as it is, or nearly so.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar

DATA_SETS = Path(__file__).parents[1] / "data_sets"
HARD = "Hard to tell from real rows"
ROWS = 300

Frame = pl.DataFrame
Fault = Callable[[Frame, np.random.Generator], Frame]


def lines(path: Path) -> list[str]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode().splitlines()


def split(name: str, folder: Path, seed: int, *fractions: float) -> list[Path]:
    """CSV files of disjoint random parts of a case file."""
    header, *rows = lines(DATA_SETS / "cases" / f"{name}.csv")
    order = np.random.default_rng(seed).permutation(len(rows))
    parts = np.split(order, (np.cumsum(fractions) * len(rows)).astype(int)[:-1])
    paths = []
    for number, part in enumerate(parts):
        paths.append(folder / f"{name}-{seed}-{number}.csv")
        paths[-1].write_text("\n".join([header, *(rows[at] for at in np.sort(part))]) + "\n")
    return paths


CASES = (
    *("B05_packed_dates_codes", "B06_many_products", "B12_loans_composite_key"),
    *("B13_currency_units", "B17_time_forms", "B18_few_persons_many_rows", "B24_copied_columns"),
    *("O2_bank", "O4_sensor"),
)


@pytest.mark.parametrize("name", CASES)
def test_the_faulty_tables_of_an_earlier_version_are_told_from_real_rows(
    tmp_path: Path, name: str
) -> None:
    real, holdout = split(name, tmp_path, 0, 0.8, 0.2)
    old = tmp_path / "old.csv"
    old.write_text("\n".join(lines(DATA_SETS / "cases_old" / f"{name}.csv.gz")) + "\n")
    card = ar.compare(real, old, holdout, metrics=["c2st_holdout"])
    assert "Easily detected as synthetic" in card.verdict


@pytest.mark.slow
def test_a_disjoint_half_of_the_same_table_is_hard_to_tell_from_real_rows(tmp_path: Path) -> None:
    """By chance, one in ten is told apart: the verdict does not correct for the tables of a test."""
    verdicts = {}
    for name in CASES:
        schema = ar.read(DATA_SETS / "cases" / f"{name}.csv").schema
        for seed in range(2):
            half, real, holdout = split(name, tmp_path, seed, 0.5, 0.25, 0.25)
            card = ar.compare(
                real, half, holdout, metrics=["c2st_holdout"], seed=seed, schema=schema
            )
            verdicts[name, seed] = card.verdict
    easy = {key: line for key, line in verdicts.items() if not line.startswith(HARD)}
    assert len(easy) <= 0.25 * len(verdicts), easy
    assert not any(line.startswith("Easily") for line in easy.values()), easy


def sales(seed: int) -> Frame:
    """German sales: prices as text, a sum, dates in order, buyers with several rows."""
    rng = np.random.default_rng(seed)
    net = np.round(rng.lognormal(4, 1, ROWS), 2)
    tax = np.round(0.19 * net, 2)
    tip = np.round(rng.exponential(3, ROWS), 2)
    ordered = [datetime(2023, 1, 2) + timedelta(days=int(d)) for d in rng.integers(0, 500, ROWS)]
    delivered = [
        day + timedelta(days=int(d))
        for day, d in zip(ordered, rng.integers(1, 9, ROWS), strict=True)
    ]
    article = rng.integers(0, 30, ROWS)
    return pl.DataFrame(
        {
            "Artikel": [f"Ware {chr(65 + at % 26)}{at}" for at in article],
            "Gruppe": [("Haus", "Garten", "Büro")[at % 3] for at in article],
            "Netto": net,
            "Steuer": tax,
            "Trinkgeld": tip,
            "Summe": np.round(net + tax + tip, 2),
            "Brutto": [
                f"{value:,.2f} €".translate(str.maketrans(",.", ".,")) for value in net + tax
            ],
            "bestellt": ordered,
            "geliefert": delivered,
            "Wochentag": [day.strftime("%a, %d %b %Y") for day in ordered],
        }
    )


def visits(seed: int) -> Frame:
    """Spanish visits of patients: codes, several rows each, opening hours, mail from the name."""
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, 100, ROWS)
    names = ["Lucía", "Mateo", "Sofía", "Hugo", "Martina", "Pablo", "Valeria", "Álvaro"]
    name = [f"{names[at % 8]} {chr(65 + at // 8)}aro" for at in patient]
    day = rng.integers(0, 300, ROWS)
    minute = 10 * rng.integers(54, 108, ROWS)
    when = [
        datetime(2024, 1, 1) + timedelta(days=int(d), minutes=int(m))
        for d, m in zip(day, minute, strict=True)
    ]
    return pl.DataFrame(
        {
            "historia": [f"HC-{40_000 + 7 * at}" for at in patient],
            "paciente": name,
            "correo": [
                f"{each.split()[0].lower()}.{at}@salud.example"
                for each, at in zip(name, patient, strict=True)
            ],
            "cita": when,
            "tension": [
                f"{int(s)}/{int(s - 40 + d)}"
                for s, d in zip(rng.normal(130, 12, ROWS), rng.normal(0, 4, ROWS), strict=True)
            ],
            "glucosa": np.round(rng.lognormal(4.6, 0.2, ROWS) / 5) * 5,
        }
    )


def shuffled(*names: str) -> Fault:
    """The columns, shuffled together among the rows."""
    return lambda frame, rng: frame.with_columns(frame.select(names)[rng.permutation(ROWS)])


def noisy(name: str) -> Fault:
    return lambda frame, rng: frame.with_columns(
        (pl.col(name) + pl.Series(rng.uniform(-0.02, 0.02, ROWS))).alias(name)
    )


def at_any_hour(frame: Frame, rng: np.random.Generator) -> Frame:
    minutes = pl.Series(rng.integers(0, 1440, ROWS))
    return frame.with_columns(cita=pl.col("cita").dt.truncate("1d") + pl.duration(minutes=minutes))


def rewritten(name: str, pattern: str, value: str) -> Fault:
    return lambda frame, rng: frame.with_columns(pl.col(name).str.replace(pattern, value))


SALES_FAULTS = {
    "a sum that is none": shuffled("Summe"),
    "a price in euros as text of another row": shuffled("Brutto"),
    "a delivery before the order": shuffled("geliefert"),
    "an article in every group": shuffled("Gruppe"),
    "cents in fractions": noisy("Trinkgeld"),
}
VISITS_FAULTS = {
    "patients mixed up": shuffled("paciente", "correo"),
    "mail of somebody else": shuffled("correo"),
    "visits at night": at_any_hour,
    "codes in another format": rewritten("historia", "-", ""),
    "pressures the wrong way round": rewritten("tension", r"(\d+)/(\d+)", "$2/$1"),
    "no multiples of five": noisy("glucosa"),
}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        *(pytest.param(sales, fault, id=name) for name, fault in SALES_FAULTS.items()),
        *(pytest.param(visits, fault, id=name) for name, fault in VISITS_FAULTS.items()),
    ],
)
def test_a_fault_between_columns_or_within_texts_is_detected(
    source: Callable[[int], Frame], fault: Fault
) -> None:
    faulty = fault(source(2), np.random.default_rng(9))
    card = ar.compare(source(1), faulty, source(3), metrics=["c2st_holdout"])
    assert card["c2st_holdout"].value > 0.85, card["c2st_holdout"].explanation
    assert not card.verdict.startswith(HARD)


def test_weekdays_of_other_dates_are_no_dates() -> None:
    faulty = rewritten("Wochentag", "^[A-Z][a-z]{2}", "Mon")(sales(2), np.random.default_rng(9))
    card = ar.compare(sales(1), faulty, sales(3), metrics=["c2st_holdout", "validity"])
    assert card.verdict.startswith("COLUMNS DIFFER: 'Wochentag' cannot be compared")
    assert card["validity"].parts["Wochentag (type)"] == 0.0
    assert "validity" in {finding.code for finding in card.findings}


@pytest.mark.parametrize("source", [sales, visits])
def test_the_same_tables_without_a_fault_are_hard_to_tell(source: Callable[[int], Frame]) -> None:
    card = ar.compare(source(1), source(2), source(3), metrics=["c2st_holdout", "validity"])
    assert card.verdict.startswith(HARD)
    assert not card.findings


def test_the_explanation_names_the_relation_that_gives_rows_away() -> None:
    faulty = SALES_FAULTS["a sum that is none"](sales(2), np.random.default_rng(9))
    explanation = ar.compare(sales(1), faulty, sales(3), metrics=["c2st"])["c2st"].explanation
    assert " relation to " in explanation.rpartition(";")[2]
    assert "'Summe'" in explanation.rpartition(";")[2]


def test_the_number_of_rows_of_a_person_is_detected() -> None:
    """Every patient has one row in place of three on average."""
    tables = [visits(seed).select("historia", "glucosa") for seed in range(3)]
    lonely = tables[1].with_columns(
        historia=pl.Series([f"HC-{40_000 + 7 * at}" for at in range(ROWS)])
    )
    real, holdout = tables[0], tables[2]
    assert ar.compare(real, lonely, holdout, metrics=["c2st"])["c2st"].value > 0.65
    assert ar.compare(real, tables[1], holdout, metrics=["c2st"]).verdict.startswith(HARD)


def scanned(seed: int) -> Frame:
    """Texts of several forms: dates of two patterns, ISO weeks, times as four digits."""
    rng = np.random.default_rng(seed)
    days = [datetime(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1000, ROWS)]
    return pl.DataFrame(
        {
            "fecha": [d.strftime("%d/%m/%Y" if i % 2 else "%Y-%m-%d") for i, d in enumerate(days)],
            "hora": [f"{h:02d}{m:02d}" for h, m in rng.integers(0, [24, 60], (ROWS, 2))],
            "ref": [f"{a}/{b:03d}-X" for a, b in rng.integers(1, [30, 900], (ROWS, 2))],
        }
    )


TEXTS = ar.Schema(
    columns=tuple(ar.Column(name=name, kind=ar.Kind.TEXT) for name in ("fecha", "hora", "ref"))
)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("fecha", "31/02/2021", "fecha (possible date)"),
        ("fecha", "2021-13-01", "fecha (possible date)"),
        ("fecha", "Jan 2021", "fecha (format)"),
        ("hora", "7155", "hora (range of numbers)"),
        ("hora", "9:15", "hora (format)"),
        ("ref", "12-345/X", "ref (format)"),
        ("ref", "77/123-X", "ref (range of numbers)"),
    ],
)
def test_an_impossible_text_is_invalid(column: str, value: str, rule: str) -> None:
    texts = scanned(2)
    faulty = texts.with_columns(
        pl.when(pl.int_range(ROWS) < 30).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )
    card = ar.compare(scanned(1), faulty, scanned(3), metrics=["validity"], schema=TEXTS)
    validity = card["validity"]
    assert validity.parts[rule] == pytest.approx(0.9)
    assert validity.reference is not None
    assert validity.reference > 0.97
    assert [finding.code for finding in card.findings] == ["validity"]


def test_texts_of_the_same_source_are_valid() -> None:
    card = ar.compare(scanned(1), scanned(2), scanned(3), metrics=["validity"], schema=TEXTS)
    assert card["validity"].value is not None
    assert card["validity"].value > 0.97
    assert not card.findings


def test_free_text_has_no_format_to_break() -> None:
    def notes(seed: int) -> Frame:
        rng = np.random.default_rng(seed)
        words = ["cat", "Dog!", "3 mice", "(owl)", "fox?", "42", "hen,", "Elk"]
        texts = [" ".join(rng.choice(words, rng.integers(3, 12))) for _ in range(ROWS)]
        return pl.DataFrame({"note": texts, "size": rng.normal(size=ROWS)})

    schema = ar.Schema(
        columns=(
            ar.Column(name="note", kind=ar.Kind.TEXT),
            ar.Column(name="size", kind=ar.Kind.NUMBER),
        )
    )
    card = ar.compare(notes(1), notes(2), notes(3), metrics=["validity"], schema=schema)
    assert "note (format)" not in card["validity"].parts
