"""Which columns identify somebody with several rows, and which label things."""

import polars as pl

import artesian as ar
from artesian.data.row_groups import entity_of, label_ids, repeating_ids

FIRST = ["Ann", "Bob", "Cid", "Dora", "Eva", "Finn", "Gus", "Hal", "Ida", "Jon", "Kim", "Lea"]
LAST = ["Smith", "Jones", "Miller", "Brown", "Davis", "Wilson", "Moore", "Taylor", "Clark", "Hall"]


def payroll(months: int = 12, people: int = 60) -> pl.DataFrame:
    """A row for each person and month."""
    rows = [(p, m) for p in range(people) for m in range(months)]
    return pl.DataFrame(
        {
            "badge_id": [f"B{7_000 + 13 * p}" for p, _ in rows],
            "first_name": [FIRST[p % 12] for p, _ in rows],
            "last_name": [LAST[p // 6 % 10] for p, _ in rows],
            "month": [m + 1 for _, m in rows],
            "pay": [2_000.0 + 37 * p for p, _ in rows],
        }
    )


def test_an_identifier_of_few_people_with_many_rows_is_no_label() -> None:
    """Each badge has one name, so it stands for a person, however many rows it has."""
    table = ar.read(payroll())
    assert "badge_id" not in label_ids(table)
    assert "badge_id" in repeating_ids(table)
    assert entity_of(table) == "badge_id"


def test_an_identifier_of_things_is_a_label() -> None:
    """A shop sells to people with other names in every row."""
    rows = payroll().with_columns(
        pl.col("first_name", "last_name").shuffle(seed=1),
        shop_id=pl.Series([f"S{100 + p % 20}" for p in range(720)]),
    )
    assert "shop_id" in label_ids(ar.read(rows.drop("badge_id")))
