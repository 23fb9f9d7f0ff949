"""People in related tables: names and e-mail addresses of a row are of one person, as in one table."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar

PEOPLE, ORDERS = 200, 500


def people() -> pl.DataFrame:
    """Names, and addresses that are made of them."""
    faker = Faker("en_US")
    faker.seed_instance(1)
    first = [faker.first_name() for _ in range(PEOPLE)]
    last = [faker.last_name() for _ in range(PEOPLE)]
    return pl.DataFrame(
        {
            "person_id": range(PEOPLE),
            "first_name": first,
            "last_name": last,
            "email": [
                f"{a.lower()}.{b.lower()}@example.org" for a, b in zip(first, last, strict=True)
            ],
            "age": np.random.default_rng(2).integers(18, 80, PEOPLE),
        }
    )


def fitting(frame: pl.DataFrame) -> float:
    """Fraction of the rows whose address has both names."""
    names = pl.concat_str(pl.col("first_name", "last_name").str.to_lowercase(), separator=".")
    return float(frame.select((pl.col("email").str.split("@").list.first() == names).mean()).item())


def related() -> dict[str, dict[str, pl.DataFrame]]:
    """People as parents, as children, and repeated in the rows of what they ordered."""
    rng, table = np.random.default_rng(3), people()
    orders = pl.DataFrame(
        {"order_id": range(ORDERS), "person_id": rng.integers(0, PEOPLE, ORDERS),
         "total": rng.normal(50, 9, ORDERS).round(2)}
    )  # fmt: skip
    firms = pl.DataFrame({"firm_id": range(60), "size": rng.integers(1, 500, 60)})
    firm = pl.Series("firm_id", rng.integers(0, 60, PEOPLE))
    return {
        "person": {"person": table, "order": orders},
        "contact": {"firm": firms, "contact": table.with_columns(firm)},
        "order": {
            "person": table.select("person_id", "age"),
            "order": orders.join(table.drop("age"), on="person_id"),
        },
    }


@pytest.mark.parametrize("name", ["person", "contact", "order"])
def test_an_address_has_the_name_of_its_row(name: str) -> None:
    alone = ar.synth(people(), 300, method="marginals", metrics=[]).data
    assert fitting(alone) == 1
    model = ar.RelationalTrees(rounds=0).fit(related()[name])
    made = model.sample(run=ar.Run.from_seed(1))[name]
    assert fitting(made) == 1
    assert not set(made["email"]) & set(people()["email"])


def test_an_address_has_the_name_of_its_row_with_a_method_and_a_condition() -> None:
    methods = {"person": "marginals"}
    model = ar.RelationalTrees(rounds=0).fit(related()["person"], methods=methods)
    assert fitting(model.sample()["person"]) == 1
    model = ar.RelationalTrees(rounds=0).fit(related()["person"])
    assert fitting(model.sample(where=["person.age=20..60"])["person"]) == 1
