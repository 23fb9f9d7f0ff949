"""Relations between the rows of two tables: prices of products, sums of lines, times in order."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey


def shop(seed: int = 0, people: int = 180) -> dict[str, pl.DataFrame]:
    """Customers, orders, lines, products and payments of a shop."""
    rng = np.random.default_rng(seed)
    products = pl.DataFrame(
        {
            "sku": [f"S-{100 + 7 * k}" for k in range(40)],
            "price": rng.lognormal(3, 0.6, 40).round(2),
            "title": [f"Article {k}" for k in range(40)],
        }
    )
    prices = dict(products.select("sku", "price").iter_rows())
    customers, orders, lines, payments = [], [], [], []
    for customer in range(1, people + 1):
        registered = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 600)))
        own, day = [], registered
        for _ in range(int(rng.poisson(3))):
            day += timedelta(days=int(rng.integers(0, 60)))
            number, amounts = 5_000 + len(orders), []
            for sku in rng.choice(list(prices), int(rng.integers(1, 5)), replace=False):
                pieces = int(rng.integers(1, 6))
                amounts.append(round(pieces * prices[sku], 2))
                lines.append((number, str(sku), pieces, prices[sku], amounts[-1]))
            shipping = 0.0 if sum(amounts) > 100 else 4.9
            own.append(round(sum(amounts) + shipping, 2))
            orders.append((number, customer, day, shipping, own[-1], len(amounts)))
            if rng.random() < 0.9:
                paid = day + timedelta(days=int(rng.integers(0, 14)))
                payments.append((len(payments) + 1, number, paid, own[-1]))
        customers.append((customer, registered, len(own), round(sum(own), 2)))
    return {
        "customer": pl.DataFrame(
            customers, ["customer_id", "registered", "orders", "spent"], orient="row"
        ),
        "product": products,
        "order": pl.DataFrame(
            orders,
            ["order_id", "customer_id", "ordered", "shipping", "total", "lines"],
            orient="row",
        ),
        "line": pl.DataFrame(
            lines, ["order_id", "sku", "pieces", "unit_price", "amount"], orient="row"
        ),
        "payment": pl.DataFrame(
            payments, ["payment_id", "order_id", "paid", "amount"], orient="row"
        ),
    }


EXPECTED = {
    "customer.orders = count(order)",
    "customer.spent = sum(order.total)",
    "order.ordered >= customer.registered",
    "order.total = sum(line.amount) + order.shipping",
    "order.lines = count(line)",
    "line.unit_price = product.price",
    "payment.amount = order.total",
    "payment.paid >= order.ordered",
}


def broken(tables: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Number of rows that break each relation."""
    order, line, customer = tables["order"], tables["line"], tables["customer"]
    sums = line.group_by("order_id").agg(pl.col("amount").sum(), pl.len().alias("n"))
    orders = order.join(sums, on="order_id", how="left").fill_null(0)
    spent = order.group_by("customer_id").agg(pl.col("total").sum(), pl.len().alias("n"))
    customers = customer.join(spent, on="customer_id", how="left").fill_null(0)
    priced = line.join(tables["product"], on="sku")
    paid = tables["payment"].join(order, on="order_id")
    placed = order.join(customer, on="customer_id")

    def differ(frame: pl.DataFrame, one: pl.Expr, other: pl.Expr) -> int:
        return int(frame.select(((one - other).abs() > 0.006).sum()).item())

    c = pl.col
    return {
        "total": differ(orders, c("total"), c("amount") + c("shipping")),
        "lines": differ(orders, c("lines"), c("n")),
        "spent": differ(customers, c("spent"), c("total")),
        "orders": differ(customers, c("orders"), c("n")),
        "price": differ(priced, c("unit_price"), c("price")),
        "amount": differ(line, c("amount"), c("pieces") * c("unit_price")),
        "payment": differ(paid, c("amount"), c("total")),
        "paid": int((paid["paid"] < paid["ordered"]).sum()),
        "ordered": int((placed["ordered"] < placed["registered"]).sum()),
    }


def frames(made: object) -> dict[str, pl.DataFrame]:
    return dict(made.items())  # type: ignore[attr-defined]


def test_relations_between_tables_are_found_and_kept(tmp_path: Path) -> None:
    real = shop()
    assert not any(broken(real).values())
    fitted = ar.RelationalTrees(rounds=0).fit(ar.read_dataset(real))
    assert set(fitted.facts()["relations"]) >= EXPECTED
    ar.save(fitted, tmp_path / "model")
    loaded = ar.load(tmp_path / "model")
    for seed in range(2):
        made = frames(loaded.sample(1.5, run=Run.from_seed(seed)))
        assert not any(broken(made).values()), broken(made)
        # Payments are not later than real ones, and sums not of another size.
        paid = made["payment"].join(made["order"], on="order_id")
        gaps = (paid["paid"] - paid["ordered"]).dt.total_days()
        assert int(gaps.max()) <= 15  # type: ignore[arg-type]
        ratio = float(made["order"]["total"].mean()) / float(real["order"]["total"].mean())  # type: ignore[arg-type]
        assert 0.8 < ratio < 1.25


def test_the_command_line_says_which_relations_hold(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    for name, frame in shop(1, 90).items():
        frame.write_csv(source / f"{name}.csv")
    assert call(["synth", str(source), "-o", str(tmp_path / "out"), "-q"]) == 0
    made = {
        path.stem: pl.read_csv(path, try_parse_dates=True)
        for path in (tmp_path / "out" / "data").iterdir()
    }
    assert not any(broken(made).values()), broken(made)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "line.unit_price = product.price" in json.dumps(manifest)


def test_conditions_outrank_relations_between_tables() -> None:
    fitted = ar.RelationalTrees(rounds=0).fit(ar.read_dataset(shop()))
    made = frames(fitted.sample(where=["payment.amount=20..80"]))
    assert made["payment"]["amount"].is_between(20, 80).all()


@pytest.mark.parametrize("column", ["amount", "paid"])
def test_nothing_is_found_between_unrelated_values(column: str) -> None:
    rng = np.random.default_rng(3)
    real = shop()
    real["payment"] = real["payment"].with_columns(pl.col(column).shuffle(int(rng.integers(1, 99))))
    relations = ar.RelationalTrees(rounds=0).fit(ar.read_dataset(real)).facts()["relations"]
    assert not any(one.startswith(f"payment.{column}") for one in relations)


def test_the_ward_of_a_visit_is_that_of_its_doctor() -> None:
    rng = np.random.default_rng(7)
    wards = pl.DataFrame({"ward_id": range(1, 9), "beds": rng.integers(8, 40, 8)})
    doctors = pl.DataFrame(
        {
            "doctor_id": range(100, 140),
            "ward_id": rng.integers(1, 9, 40),
            "years": rng.integers(1, 30, 40),
        }
    )
    homes = dict(doctors.select("doctor_id", "ward_id").iter_rows())
    patients = pl.DataFrame({"patient_id": range(500), "age": rng.integers(1, 90, 500)})
    seen = rng.integers(100, 140, 1_400)
    visits = pl.DataFrame(
        {
            "visit_id": range(1, 1_401),
            "patient_id": rng.integers(0, 500, 1_400),
            "doctor_id": seen,
            "ward_id": [homes[int(k)] for k in seen],
            "cost": rng.lognormal(4, 1, 1_400).round(2),
        }
    )
    data = ar.read_dataset({"ward": wards, "doctor": doctors, "patient": patients, "visit": visits})
    fitted = ar.RelationalTrees(rounds=0).fit(data)
    assert "visit.ward_id = doctor.ward_id" in fitted.facts()["relations"]
    made = frames(fitted.sample())
    both = made["visit"].join(made["doctor"], on="doctor_id", suffix="_of_doctor")
    assert both.height == made["visit"].height
    assert (both["ward_id"] == both["ward_id_of_doctor"]).all()
    assert set(made["visit"]["ward_id"]) <= set(made["ward"]["ward_id"])


def test_a_reply_is_to_an_earlier_comment_of_the_same_post() -> None:
    rng = np.random.default_rng(8)
    posts = pl.DataFrame({"post_id": range(1, 121), "likes": rng.integers(0, 90, 120)})
    rows: list[tuple[int, int, int | None, int]] = []
    for post in range(1, 121):
        own: list[int] = []
        for _ in range(int(rng.integers(1, 12))):
            to = int(rng.choice(own)) if own and rng.random() < 0.6 else None
            rows.append((len(rows) + 1, post, to, int(rng.integers(1, 200))))
            own.append(len(rows))
    comments = pl.DataFrame(rows, ["comment_id", "post_id", "reply_to", "words"], orient="row")
    keys = (
        ForeignKey("comment", ("post_id",), "post", ("post_id",)),
        ForeignKey("comment", ("reply_to",), "comment", ("comment_id",)),
    )
    data = ar.read_dataset({"post": posts, "comment": comments})
    fitted = ar.RelationalTrees(rounds=0).fit(Dataset(data.tables, keys, data.origin))
    made = frames(fitted.sample())["comment"].with_row_index("place")
    replies = made.drop_nulls("reply_to").join(
        made, left_on="reply_to", right_on="comment_id", suffix="_of_parent"
    )
    assert 0.35 < replies.height / made.height < 0.65
    assert (replies["post_id"] == replies["post_id_of_parent"]).all()
    assert (replies["place_of_parent"] < replies["place"]).all()


def test_the_verdict_names_relations_that_any_synthetic_data_break(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    real, other = shop(2, 120), shop(3, 120)
    shuffled = {**other, "order": other["order"].with_columns(pl.col("total").shuffle(1))}
    cards = []
    for name, tables in (("real", real), ("other", other), ("shuffled", shuffled)):
        (tmp_path / name).mkdir()
        for table, frame in tables.items():
            frame.write_csv(tmp_path / name / f"{table}.csv")
    for name in ("other", "shuffled"):
        compare = ["compare", str(tmp_path / "real"), str(tmp_path / name), "--json", "-q"]
        wanted = "relations_between_tables,referential_integrity"
        assert call([*compare, "--metrics", wanted]) == 0
        cards.append(json.loads(capfd.readouterr().out))
    sound, broken_card = cards
    assert "BREAKS RELATIONS between tables" not in sound["verdict"]
    assert "BREAKS RELATIONS between tables" in broken_card["verdict"]
    for card, low, high in ((sound, 0.0, 0.0), (broken_card, 0.9, 1.0)):
        (result,) = (r for r in card["results"] if r["metric"] == "relations_between_tables")
        assert low <= result["parts"]["order.total = sum(line.amount) + order.shipping"] <= high
        assert result["parts"]["line.unit_price = product.price"] == 0
