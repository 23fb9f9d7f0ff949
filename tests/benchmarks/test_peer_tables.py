"""Peer tables show every measurement, failures too, and a difference only where its interval does."""

from typing import Any

import pytest

from peer_tables import bounds, data_sets, interval, paired_table, protocol, set_table


def row(method: str, detection: list[float], **changes: Any) -> dict[str, Any]:
    figures = {"detection_train": 0.5, "real_vs_real": 0.5, "tstr": 0.9, "trtr": 0.92}
    figures |= {"dcr_share": 0.51, "copies": 0.001, "copies_reference": 0.002}
    spent = {"wall": 2.0, "cpu": 1.0}
    base = {"set": "some", "method": method, "title": method.upper(), "status": "ok"}
    base |= {"fit": spent, "sample": [spent] * len(detection), "peak_gb": 0.5, "settings": {}}
    return base | {"seeds": [{**figures, "detection_holdout": d} for d in detection]} | changes


def test_the_interval_is_students_t() -> None:
    low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    # 3 +- t(.975, 4) * sqrt(2.5) / sqrt(5), t from a printed table
    assert (low, high) == pytest.approx((3 - 2.776 * 0.70711, 3 + 2.776 * 0.70711), abs=1e-3)
    assert interval([1.0]) == (-float("inf"), float("inf"))


def test_differences_are_paired_by_seed() -> None:
    own = row("trees", [0.50, 0.60, 0.70])
    peer = row("cart", [0.52, 0.62, 0.72])
    assert bounds(own, peer, "detection_holdout") == pytest.approx((-0.02, -0.02))


@pytest.mark.parametrize(
    ("peer", "label"),
    [
        ([0.60, 0.61, 0.60], "lower"),
        ([0.40, 0.41, 0.40], "higher"),
        ([0.40, 0.60, 0.51], "not significant"),
    ],
)
def test_the_label_follows_from_the_interval(peer: list[float], label: str) -> None:
    table = paired_table([row("trees", [0.50, 0.51, 0.50]), row("cart", peer)], "trees")
    assert f": {label} |" in table


def test_times_of_peers_are_ratios() -> None:
    slow = row("cart", [0.6, 0.6], fit={"wall": 30.0, "cpu": 19.0})
    table = paired_table([row("trees", [0.5, 0.5]), slow], "trees")
    assert table.splitlines()[-1].endswith("| 10.0 | 8.0 |")


def test_a_failure_is_a_line_with_its_reason_and_changed_epochs_are_stated() -> None:
    rows = [
        {"set": "some", "method": "arf", "title": "ARF", "status": "failed", "reason": "no luck"},
        row("ctgan", [0.9, 0.9], settings={"epochs": 20}),
    ]
    table = set_table(rows)
    assert "failed: no luck" in table
    assert "CTGAN, 20 epochs" in table
    assert paired_table(rows, "trees") == ""


def test_the_page_names_the_machine_and_every_set() -> None:
    settings = {"trees": 80, "leaves": 31, "learning_rate": 0.1, "side": 5000, "folds": 5}
    machine = {"cpu": "Some CPU", "cores": 2, "memory_gb": 24.0}
    machine |= {"system": "Linux", "python": "3.11"}
    rows = [row("trees", [0.5, 0.5]), row("trees", [0.6, 0.6], set="other")]
    results = {"single_table": {"protocol": settings, "machine": machine, "rows": rows}}
    head = " ".join(protocol(results).split())
    assert "Some CPU, 2 cores, 24 GB" in head
    assert "5,000 rows of each kind" in head
    assert "means of 2 sampling seeds" in head
    sections = data_sets(results)
    assert sections.index("## some") < sections.index("## other")
