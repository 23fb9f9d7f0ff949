"""Foreign keys of folders of files in many styles: what is there is found, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from artesian.data.dataset import Dataset
from artesian.data.read import explain_dataset, read_dataset

ROWS = 60


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def folder(path, tables: Mapping[str, Mapping[str, object]]):
    path.mkdir(exist_ok=True)
    for name, columns in tables.items():
        pl.DataFrame(dict(columns)).write_csv(path / f"{name}.csv")
    return path


def keys(path, tables: Mapping[str, Mapping[str, object]]) -> set[str]:
    return {str(key) for key in dataset(path, tables).foreign_keys}


def dataset(path, tables: Mapping[str, Mapping[str, object]]) -> Dataset:
    return read_dataset(folder(path / "made", tables))


def hierarchy(ids: list[object], seed: int = 1, roots: int = 3) -> list[object]:
    """For each id one of those before it; None for the first ones."""
    draw = rng(seed)
    return [None if n < roots else ids[int(draw.integers(0, n))] for n in range(len(ids))]


def numbers(low: int = 1, count: int = ROWS) -> list[int]:
    return list(range(low, low + count))


def drawn(values: list, count: int = 200, seed: int = 2) -> list:
    return [values[at] for at in rng(seed).integers(0, len(values), count)]


def money(count: int, seed: int = 3) -> list[float]:
    return rng(seed).normal(100, 20, count).round(2).tolist()


def codes(prefix: str, count: int = ROWS) -> list[str]:
    return [f"{prefix}{1000 + 7 * n}" for n in range(count)]


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("employees", "employee_id", "manager_id"),
        ("employees", "id", "supervisor_id"),
        ("employees", "id", "reports_to"),
        ("Employee", "EmployeeId", "ReportsTo"),
        ("staff", "staffNo", "managerNo"),
        ("emp", "empno", "mgr_empno"),
        ("categories", "id", "parent_id"),
        ("categories", "category_id", "parent_category_id"),
        ("Category", "categoryId", "parentCategoryId"),
        ("comments", "id", "in_reply_to_id"),
        ("products", "product_id", "replaced_by_product_id"),
        ("Mitarbeiter", "MitarbeiterNr", "Vorgesetzter"),
        ("Mitarbeiter", "Personalnummer", "VorgesetzterNr"),
        ("Warengruppen", "Nr", "übergeordnet"),
        ("Aerzte", "ArztNr", "Vorgesetzter"),
        ("animals", "animal_id", "dam_id"),
    ],
)
def test_a_table_that_refers_to_itself(tmp_path, table, key, column):
    ids = numbers(100)
    made = {table: {key: ids, column: hierarchy(ids), "pay": money(ROWS)}}
    made["places"] = {"place_id": numbers(), "size_m2": money(ROWS)}
    assert keys(tmp_path, made) == {f"{table}({column}) -> {table}({key})"}


def test_codes_refer_to_the_table_itself_as_well(tmp_path):
    ids = codes("E")
    made = {"Mitarbeiter": {"MitarbeiterNr": ids, "Vorgesetzter": hierarchy(ids)}}
    assert keys(tmp_path, made) == set()  # a lone table is no related table
    made["Orte"] = {"Ort": codes("O"), "Fläche": money(ROWS)}
    assert keys(tmp_path, made) == {"Mitarbeiter(Vorgesetzter) -> Mitarbeiter(MitarbeiterNr)"}


@pytest.mark.parametrize(
    "column", ["parent_id", "manager_id"], ids=["circles", "circles of people"]
)
def test_numbers_that_lead_back_to_where_they_came_from_are_no_hierarchy(tmp_path, column):
    groups = [1 + n % 5 for n in range(1, ROWS + 1)]  # a code: 1 refers to 3, 3 to 5, 5 to 2 ...
    made = {"employees": {"employee_id": numbers(), column: groups, "pay": money(ROWS)}}
    made["places"] = {"place_id": numbers(count=30), "size_m2": money(30)}
    assert keys(tmp_path, made) == set()


def test_a_manager_is_one_of_the_staff(tmp_path):
    made = {
        "employees": {"id": numbers(), "name": codes("name"), "pay": money(ROWS)},
        "departments": {
            "id": numbers(count=12),
            "title": codes("D", 12),
            "manager_id": drawn(numbers(), 12),
            "floor": drawn([1, 2, 3], 12),
        },
        "customers": {"id": numbers(count=200), "sales_rep_id": drawn(numbers())},
    }
    assert keys(tmp_path, made) == {
        "departments(manager_id) -> employees(id)",
        "customers(sales_rep_id) -> employees(id)",
    }


def _league(key: str, home: str, away: str) -> dict[str, dict[str, object]]:
    return {
        "teams": {key: numbers(), "name": codes("team")},
        "matches": {
            "match_id": numbers(count=200),
            home: drawn(numbers(), seed=4),
            away: drawn(numbers(), seed=5),
            "home_goals": drawn([0, 1, 2, 3], seed=6),
            "week": drawn(numbers(count=30), seed=7),
        },
    }


@pytest.mark.parametrize(
    ("key", "home", "away"),
    [
        ("team_id", "home_team_id", "away_team_id"),
        ("id", "home_team_id", "away_team_id"),
        ("teamId", "homeTeamId", "awayTeamId"),
        ("id", "team1_id", "team2_id"),
        ("TEAM_ID", "HOME_TEAM_ID", "VISITOR_TEAM_ID"),
        ("id", "id_team_home", "id_team_away"),
        ("team_id", "team_id_home", "team_id_away"),
    ],
)
def test_two_roles_of_one_table(tmp_path, key, home, away):
    expected = {f"matches({home}) -> teams({key})", f"matches({away}) -> teams({key})"}
    assert keys(tmp_path, _league(key, home, away)) == expected


def test_roles_of_customers(tmp_path):
    made = {
        "customers": {"customer_id": numbers(5000), "city": drawn(["Graz", "Linz", "Wels"], ROWS)},
        "orders": {
            "order_id": numbers(count=200),
            "billing_customer_id": drawn(numbers(5000), seed=8),
            "shipping_customer_id": drawn(numbers(5000), seed=9),
            "total": money(200),
        },
    }
    assert keys(tmp_path, made) == {
        "orders(billing_customer_id) -> customers(customer_id)",
        "orders(shipping_customer_id) -> customers(customer_id)",
    }


def _profiles(profiles: list[int], customers: list[int]) -> dict[str, dict[str, object]]:
    return {
        "customers": {"customer_id": customers, "spent": money(len(customers))},
        "customer_profiles": {"customer_id": profiles, "visits": money(len(profiles), 4)},
    }


@pytest.mark.parametrize("rows", [ROWS, ROWS // 2], ids=["as many", "fewer"])
def test_one_to_one_by_the_same_name(tmp_path, rows):
    made = _profiles(numbers(count=rows)[::-1], numbers())
    assert keys(tmp_path, made) == {"customer_profiles(customer_id) -> customers(customer_id)"}


def test_one_to_one_without_a_name_that_decides(tmp_path):
    cases = codes("C")
    made = {
        "admissions": {"case_no": cases, "cost": money(ROWS)},
        "autopsies": {"case_no": cases[:20], "weight": money(20)},
    }
    assert keys(tmp_path, made) == {"autopsies(case_no) -> admissions(case_no)"}
    made["autopsies"] = {"case_no": cases, "weight": money(ROWS)}
    assert keys(tmp_path, made) == set()


def test_numbered_rows_of_two_tables_are_no_one_to_one(tmp_path):
    made = {
        "readings": {"reading_no": numbers(), "volts": money(ROWS)},
        "sensors": {"reading_no": numbers(count=30), "x": money(30)},
        "logs": {"row": numbers(count=90), "message": codes("m", 90)},
        "events": {"row": numbers(count=40), "hours": money(40)},
        "a": {"id": numbers(count=50), "u": money(50)},
        "b": {"id": numbers(count=70), "v": money(70)},
    }
    del made["sensors"]["reading_no"]
    made["sensors"]["sensor_no"] = numbers(count=30)
    assert keys(tmp_path, made) == set()


def test_everybody_refers_to_the_table_that_the_others_refer_to(tmp_path):
    people = codes("S")
    made = {
        "screening": {"subject": people, "age": drawn(numbers(20, 50), ROWS)},
        "randomised": {"subject": people[:40], "dose": money(40)},
        "visits": {"subject": drawn(people[:40]), "pulse": money(200)},
    }
    assert keys(tmp_path, made) == {
        "randomised(subject) -> screening(subject)",
        "visits(subject) -> screening(subject)",
    }


def _lines(orders: int = 40, complete: bool = False) -> tuple[list[int], list[int]]:
    sizes = [3] * orders if complete else rng(10).integers(1, 6, orders).tolist()
    order = [9000 + n for n, size in enumerate(sizes) for _ in range(size)]
    return order, [line for size in sizes for line in range(1, size + 1)]


def _shipments(names: tuple[str, str], shipped: tuple[str, str], complete: bool = False):
    order, line = _lines(complete=complete)
    chosen = drawn(list(range(len(order))), 60, seed=11)
    return {
        "orders": {names[0]: sorted(set(order)), "paid": money(40)},
        "order_lines": {names[0]: order, names[1]: line, "price": money(len(order))},
        "shipments": {
            "shipment_id": numbers(),
            shipped[0]: [order[at] for at in chosen],
            shipped[1]: [line[at] for at in chosen],
            "weight": money(60, 12),
        },
    }


@pytest.mark.parametrize("complete", [False, True], ids=["some lines", "all orders have 3 lines"])
@pytest.mark.parametrize(
    ("names", "shipped"),
    [
        (("order_no", "line_no"), ("order_no", "line_no")),
        (("orderNo", "lineNo"), ("orderNo", "lineNo")),
        (("order_no", "line_no"), ("order_no", "order_line_no")),
        (("order_id", "line"), ("order_id", "line")),
    ],
)
def test_a_foreign_key_of_two_columns(tmp_path, names, shipped, complete):
    assert keys(tmp_path, _shipments(names, shipped, complete)) == {
        f"order_lines({names[0]}) -> orders({names[0]})",
        f"shipments({', '.join(shipped)}) -> order_lines({', '.join(names)})",
    }


def test_the_evidence_of_a_key_of_two_columns(tmp_path):
    path = folder(tmp_path / "made", _shipments(("order_no", "line_no"), ("order_no", "line_no")))
    reasons = {str(key): why for key, why in explain_dataset(path).reasons.items()}
    why = reasons["shipments(order_no, line_no) -> order_lines(order_no, line_no)"]
    assert why.startswith(
        "of each column the name points there, 'order_no' and 'line_no' are unique"
    )
    assert why.endswith("combinations occur there")


def test_combinations_that_do_not_occur_are_no_foreign_key(tmp_path):
    made = _shipments(("order_no", "line_no"), ("order_no", "line_no"))
    made["shipments"]["line_no"] = [line + 1 for line in made["shipments"]["line_no"]]  # type: ignore[attr-defined]
    assert keys(tmp_path, made) == {
        "order_lines(order_no) -> orders(order_no)",
        "shipments(order_no) -> orders(order_no)",
    }


def test_two_tables_between_the_same_tables_do_not_refer_to_each_other(tmp_path):
    pairs = [(race, driver) for race in numbers(count=30) for driver in numbers(count=20)]
    held = [pair for pair, there in zip(pairs, rng(13).random(600) < 0.6, strict=True) if there]
    made = {
        "races": {"raceId": numbers(count=30), "laps": drawn(numbers(40, 20), 30)},
        "drivers": {"driverId": numbers(count=20), "height": money(20)},
        "standings": {"raceId": [r for r, _ in held], "driverId": [d for _, d in held],
                      "score": money(len(held))},
        "qualifying": {"raceId": [r for r, _ in held[::2]], "driverId": [d for _, d in held[::2]],
                       "seconds": money(len(held[::2]))},
    }  # fmt: skip
    assert keys(tmp_path, made) == {
        f"{table}({one}Id) -> {one}s({one}Id)"
        for table in ("standings", "qualifying")
        for one in ("race", "driver")
    }


def test_a_german_shop(tmp_path):
    made = {
        "Kunden": {"Kundennr": numbers(1000), "Größe": money(ROWS)},
        "Länder": {"Kürzel": codes("L", 8), "Fläche": money(8)},
        "Verkäufer": {"Nr": numbers(), "Provision": money(ROWS)},
        "Bestellungen": {
            "BestellNr": numbers(1, 200),
            "KundenNr": drawn(numbers(1000)),
            "VerkäuferNr": drawn(numbers(), seed=14),
            "Land": drawn(codes("L", 8), seed=15),
            "Menge": drawn([1, 2, 3, 4, 5], seed=16),
        },
        "Positionen": {
            "BestellNr": [n for n in range(1, 101) for _ in range(2)],
            "Pos": [1, 2] * 100,
            "Artikel": drawn(numbers(), seed=17),
        },
        "Artikel": {"ArtikelNr": numbers(), "Gewicht": money(ROWS)},
    }
    assert keys(tmp_path, made) == {
        "Bestellungen(KundenNr) -> Kunden(Kundennr)",
        "Bestellungen(VerkäuferNr) -> Verkäufer(Nr)",
        "Bestellungen(Land) -> Länder(Kürzel)",
        "Positionen(BestellNr) -> Bestellungen(BestellNr)",
        "Positionen(Artikel) -> Artikel(ArtikelNr)",
    }


def test_tables_whose_keys_are_all_called_id(tmp_path):
    made = {
        "tbl_users": {"id": numbers(), "age": drawn(numbers(18, 60), ROWS)},
        "tbl_posts": {
            "id": numbers(count=200),
            "author_user_id": drawn(numbers()),
            "likes": drawn(numbers()),
        },
        "tbl_comments": {
            "id": numbers(count=300),
            "post_id": drawn(numbers(count=200), 300),
            "user_id": drawn(numbers(), 300, 5),
            "parent_id": hierarchy(numbers(count=300), roots=90),
            "votes": drawn(numbers(), 300, 6),
        },
    }  # fmt: skip
    assert keys(tmp_path, made) == {
        "tbl_posts(author_user_id) -> tbl_users(id)",
        "tbl_comments(post_id) -> tbl_posts(id)",
        "tbl_comments(user_id) -> tbl_users(id)",
        "tbl_comments(parent_id) -> tbl_comments(id)",
    }


def test_identifiers_in_front_and_codes_beside_the_key(tmp_path):
    made = {
        "clients": {"id_client": numbers(), "solde": money(ROWS)},
        "pays": {"id": numbers(count=30), "code_pays": codes("P", 30), "surface": money(30)},
        "commandes": {
            "id_commande": numbers(count=200),
            "id_client": drawn(numbers()),
            "code_pays": drawn(codes("P", 30)),
            "nombre_articles": drawn([1, 2, 3]),
            "id_type_client": drawn([1, 2, 3]),
        },
    }
    assert keys(tmp_path, made) == {
        "commandes(id_client) -> clients(id_client)",
        "commandes(code_pays) -> pays(code_pays)",
    }


def test_numbers_that_are_included_by_chance_are_no_foreign_keys(tmp_path):
    small = [1, 2, 3, 4, 5]
    made = {
        "orders": {
            "id": numbers(count=200),
            "quantity": drawn(small),
            "year": drawn(numbers(1, 90)),
        },
        "products": {
            "id": numbers(count=100),
            "rating": drawn(small, 100),
            "age": drawn(small, 100),
        },
        "customers": {
            "id": numbers(count=100),
            "orders": drawn(small, 100, 5),  # how many
            "number_of_orders": drawn(small, 100, 6),
            "num_products": drawn(small, 100, 7),
            "product_count": drawn(small, 100, 8),
            "is_manager": drawn([0, 1], 100, 9),
            "age": drawn(numbers(18, 60), 100, 10),
            "house_number": drawn(numbers(), 100, 11),
            "external_order_id": drawn(numbers(), 100, 12),
            "lead_time": drawn(small, 100, 13),
            "product_type_id": drawn(small, 100, 14),
        },
        "volumes": {"id": numbers(count=50), "x": money(50)},
        "tanks": {
            "tank": codes("T"),
            "volume": drawn(small, ROWS),
            "unit_volume": drawn(small, ROWS),
        },
        "years": {"year": numbers(1990, 35), "inflation": money(35)},
        "cars": {"car": codes("V"), "model_year": drawn(numbers(1990, 35), ROWS)},
        "tiers": {"quantity": numbers(), "discount": money(ROWS)},
    }
    assert keys(tmp_path, made) == set()


def test_a_line_number_is_not_the_key_of_lines(tmp_path):
    order, line = _lines()
    made = {
        "lines": {"id": numbers(count=len(order)), "order_no": order, "line_no": line},
        "returns": {"return_no": numbers(), "line_no": drawn([1, 2, 3], ROWS), "cost": money(ROWS)},
    }
    assert keys(tmp_path, made) == set()


def test_values_that_chance_does_not_include_say_more_than_a_last_word(tmp_path):
    stores = [n * n + 3 * n for n in range(50, 90)]
    made = {
        "stores": {"store": stores, "size": money(40)},
        "sales": {"sale_id": numbers(count=200), "return_store": drawn(stores)},
        "web": {"web_id": numbers(count=200), "online_store": drawn([1, 0])},
    }  # fmt: skip
    assert keys(tmp_path, made) == {"sales(return_store) -> stores(store)"}


def test_a_few_orphans_are_counted(tmp_path):
    made = {
        "customers": {"customer_id": numbers(), "spent": money(ROWS)},
        "orders": {
            "order_id": numbers(count=200),
            "customer_id": [999, 998, *drawn(numbers(), 198)],
        },
    }
    data = dataset(tmp_path, made)
    assert [str(key) for key in data.foreign_keys] == [
        "orders(customer_id) -> customers(customer_id)"
    ]
    assert (
        "99 % of the rows with a 'customer_id' have a value of it, 2 have not"
        in data.origin.notes[0]
    )


def test_many_orphans_leave_columns_apart_with_a_note(tmp_path):
    made = {
        "customers": {"customer_id": numbers(), "spent": money(ROWS)},
        "orders": {
            "order_id": numbers(count=200),
            "customer_id": [*[999] * 50, *drawn(numbers(), 150)],
        },
    }
    data = dataset(tmp_path, made)
    assert data.foreign_keys == ()
    note = "orders(customer_id) was not taken for a foreign key to customers(customer_id): 50 rows have"
    assert data.origin.notes[0].startswith(note)


def test_repeated_keys_leave_columns_apart_with_a_note(tmp_path):
    made = {
        "customers": {"customer_id": [1, 1, 2, *numbers(2, ROWS - 3)], "spent": money(ROWS)},
        "orders": {"order_id": numbers(count=200), "customer_id": drawn(numbers(1, 40))},
    }
    data = dataset(tmp_path, made)
    assert data.foreign_keys == ()
    note = "customers(customer_id) has 2 repeated values, so it is no key, and orders(customer_id)"
    assert data.origin.notes[0].startswith(note)


def test_long_codes_refer_to_a_key_whatever_they_are_called(tmp_path):
    users, posts = (
        [f"{rng(seed).bytes(8).hex()}" for seed in range(n, n + ROWS)] for n in (0, 500)
    )
    made = {
        "User": {"id": users, "age": drawn(numbers(18, 60), ROWS), "invitedBy": hierarchy(users)},
        "Post": {"id": posts, "author": drawn(users, ROWS), "likes": drawn(numbers(), ROWS)},
        "Draft": {"id": posts[:20], "changes": drawn(numbers(), 20)},
        "Log": {"id": numbers(), "hash": [f"{rng(900 + n).bytes(8).hex()}" for n in range(ROWS)]},
    }
    assert keys(tmp_path, made) == {
        "User(invitedBy) -> User(id)",
        "Post(author) -> User(id)",
        "Draft(id) -> Post(id)",
    }


def test_numbered_codes_without_a_name_that_points_there_are_no_foreign_keys(tmp_path):
    made = {
        "Kunden": {"KundenNr": [f"K-2024-{n:06}" for n in range(ROWS)], "Umsatz": money(ROWS)},
        "Buchungen": {"Beleg": codes("B"), "Kostenstelle": [f"K-2024-{n:06}" for n in range(ROWS)]},
        "Länder": {"Code": ["AT", "CH", "DE", "FR", "IT"], "Fläche": money(5)},
        "Texte": {"Text": codes("T"), "Sprache": drawn(["DE", "FR", "IT"], ROWS)},
    }
    assert keys(tmp_path, made) == set()


def test_a_manager_of_staff_whose_table_has_managers_too(tmp_path):
    made = {
        "EMPLOYEES": {"EMPLOYEE_ID": numbers(100), "MANAGER_ID": hierarchy(numbers(100))},
        "DEPARTMENTS": {"DEPARTMENT_ID": numbers(10, 12), "MANAGER_ID": drawn(numbers(100), 12)},
        "Aerzte": {"ArztNr": numbers(), "Zimmer": drawn(numbers(), ROWS)},
        "Termine": {
            "Termin": numbers(count=200),
            "Arzt": drawn(numbers()),
            "Dauer": drawn(numbers()),
        },
    }
    assert keys(tmp_path, made) == {
        "EMPLOYEES(MANAGER_ID) -> EMPLOYEES(EMPLOYEE_ID)",
        "DEPARTMENTS(MANAGER_ID) -> EMPLOYEES(EMPLOYEE_ID)",
        "Termine(Arzt) -> Aerzte(ArztNr)",
    }
