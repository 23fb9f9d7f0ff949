"""Results are kept pair by pair, in order, and a failed method says its last words."""

import subprocess
from pathlib import Path

from single_table import find, load, reason, store


def test_a_row_takes_the_place_of_the_same_pair_only(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "results.json"
    store(out, {"set": "diamonds", "method": "cart", "status": "ok"})
    store(out, {"set": "adult", "method": "cart", "status": "failed", "reason": "x"})
    store(out, {"set": "adult", "method": "trees", "status": "ok"})
    store(out, {"set": "adult", "method": "cart", "status": "ok"})
    rows = load(out)["rows"]
    pairs = [(row["set"], row["method"]) for row in rows]
    assert pairs == [("adult", "trees"), ("adult", "cart"), ("diamonds", "cart")]
    assert find(load(out), "adult", "cart") == {"set": "adult", "method": "cart", "status": "ok"}
    assert find(load(out), "adult", "arf") is None
    assert load(out)["machine"]["cores"] > 0


def test_the_reason_is_the_last_line_the_method_printed(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("starting\nValueError: no such thing\n\n")
    command = ["python", "run.py", "--out", str(tmp_path)]
    assert reason(subprocess.CalledProcessError(1, command)) == "ValueError: no such thing"
    assert reason(subprocess.TimeoutExpired(command, 60.0)) == "not done after 60 s"
