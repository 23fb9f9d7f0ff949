"""References of a lone table to its own rows: managers, categories above, tasks before."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar

LEVELS = ["Assistant", "Specialist", "Lead", "Director"]


def staff(names: tuple[str, ...], rows: int = 600, *, numbers: bool = False) -> pl.DataFrame:
    """Employees with the number of their manager, who leads the same department."""
    rng = np.random.default_rng(7)
    ids = [1000 + 3 * at if numbers else f"E{1000 + 3 * at}" for at in range(rows)]
    units = [str(u) for u in rng.choice(["Sales", "Finance", "Plant"], rows)]
    level = [str(one) for one in rng.choice(LEVELS[:2], rows, p=[0.6, 0.4])]
    heads = {}
    for at, unit in enumerate(["Sales", "Finance", "Plant"]):
        level[at], units[at], heads[unit] = "Director", unit, at
    leads = {unit: range(3 + 6 * k, 9 + 6 * k) for k, unit in enumerate(heads)}
    for unit, those in leads.items():
        for at in those:
            level[at], units[at] = "Lead", unit
    managers = []
    for at in range(rows):
        if level[at] == "Director":
            managers.append(None)
        elif level[at] == "Lead":
            managers.append(ids[heads[units[at]]])
        else:
            managers.append(ids[int(rng.choice(leads[units[at]]))])
    pay = [round(float(rng.lognormal(8 + LEVELS.index(one), 0.1)), 2) for one in level]
    order = rng.permutation(rows)
    columns = [[column[at] for at in order] for column in (ids, units, level, managers, pay)]
    return pl.DataFrame(dict(zip(names, columns, strict=True)))


ENGLISH = ("employee_id", "department", "title", "manager_id", "salary")
GERMAN = ("Personalnr", "Abteilung", "Stelle", "Vorgesetzter", "Gehalt")


@pytest.mark.parametrize(("names", "numbers"), [(ENGLISH, False), (GERMAN, False), (ENGLISH, True)])
def test_managers_are_rows_of_the_table(names: tuple[str, ...], numbers: bool) -> None:
    key, unit, level, manager, _ = names
    real = staff(names, numbers=numbers)
    made = ar.synth(real, metrics=()).data
    assert not made[key].is_duplicated().any()
    linked = made.filter(pl.col(manager).is_not_null())
    assert abs(len(linked) / len(made) - 0.995) < 0.02
    joined = linked.join(made, left_on=manager, right_on=key, how="inner", suffix=" above")
    assert len(joined) == len(linked)
    assert (joined[unit] == joined[f"{unit} above"]).mean() > 0.95
    assert joined[f"{level} above"].is_in(["Lead", "Director"]).mean() > 0.95
    above = dict(zip(made[key], made[manager], strict=True))
    for start in above:
        steps, at = 0, start
        while at is not None:
            at, steps = above[at], steps + 1
            assert steps < 50, "a circle"


def test_numbers_up_to_the_number_of_rows_are_no_references() -> None:
    rng = np.random.default_rng(8)
    real = pl.DataFrame(
        {
            "order_id": np.arange(1, 501),
            "quantity": rng.integers(1, 40, 500),
            "age": rng.integers(18, 90, 500),
            "price": rng.normal(50, 9, 500).round(2),
        }
    )
    made = ar.synth(real, metrics=()).data
    assert abs(made["quantity"].mean() - real["quantity"].mean()) < 2
    assert abs(made["age"].mean() - real["age"].mean()) < 4


def test_numbers_of_customers_are_no_numbers_of_their_invoices() -> None:
    rng = np.random.default_rng(9)
    customer = rng.integers(1, 60, 420)
    real = pl.DataFrame(
        {
            "InvoiceId": np.arange(1, 421),
            "CustomerId": customer,
            "City": [f"Town {c % 17}" for c in customer],
            "Total": rng.lognormal(1, 1, 420).round(2),
        }
    )
    made = ar.synth(real, metrics=()).data
    assert made.group_by("CustomerId").agg(pl.col("City").n_unique())["City"].max() == 1


def test_the_same_seed_gives_the_same_references() -> None:
    one, two, other = (ar.synth(staff(ENGLISH), metrics=(), seed=s).data for s in (1, 1, 2))
    assert one.equals(two)
    assert not one.equals(other)
