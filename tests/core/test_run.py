"""Runs: random streams by name, progress, and a way to stop."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import Cancelled
from artesian.core.run import Progress, Run, Seed

paths = st.lists(st.text(max_size=5) | st.integers(0, 99), max_size=4)


@given(st.integers(0, 2**64), paths)
def test_a_stream_depends_on_its_path_alone(entropy, path):
    straight = Seed(entropy).child(*path)
    stepwise = Seed(entropy)
    for name in path:
        stepwise.child("elsewhere").rng().random()
        stepwise = stepwise.child(name)
    assert straight.rng().random() == stepwise.rng().random()


def test_neighbouring_streams_have_nothing_in_common():
    seeds = [Seed(7), Seed(8), *(Seed(7).child("block", i) for i in range(500))]
    seeds += [Seed(7).child("a"), Seed(7).child("a", "b"), Seed(7).child("ab")]
    assert len({seed.integer() for seed in seeds}) == len(seeds)
    assert len({seed.rng().random() for seed in seeds}) == len(seeds)


def test_a_seed_gives_the_same_numbers_on_every_machine():
    # A seed in somebody's manifest has to mean the same rows for ever.
    assert Seed(0).integer() == 0x6CF5883A657A59E660B1034468A44012
    assert Seed(0).child("sample").integer() == 0x3658CC60A6F2008ACF911B2DB5E9B6DA
    assert Seed(5).child("fit", "age").rng().integers(0, 10**9) == 914_662_924


def test_progress_is_reported_from_start_to_end():
    reports = []
    run = Run(on_progress=reports.append)
    assert list(run.track("abc", "spell")) == ["a", "b", "c"]
    assert reports == [Progress("spell", done, 3) for done in (0, 1, 2, 3)]


def test_without_a_length_the_total_is_reported_at_the_end():
    reports = []
    list(Run(on_progress=reports.append).track(iter("ab"), "spell"))
    assert reports[0] == Progress("spell", 0, None)
    assert reports[-1] == Progress("spell", 2, 2)


def test_a_cancelled_run_stops_its_children_and_names_the_task():
    run = Run()
    child = run.child("fit")
    child.check("fit")
    thread = threading.Thread(target=run.cancel)
    thread.start()
    thread.join()
    with pytest.raises(Cancelled, match="fit was stopped"):
        child.check("fit")
    with pytest.raises(Cancelled):
        list(child.track("abc", "spell"))


def test_a_child_cancels_its_parent_and_another_run_goes_on():
    run, other = Run(), Run()
    run.child("fit").cancel()
    with pytest.raises(Cancelled):
        run.check("sample")
    other.check("sample")


def test_a_child_keeps_workers_and_progress():
    reports = []
    child = Run(seed=Seed(3), on_progress=reports.append, workers=2).child("a", 1)
    assert child.workers == 2
    assert child.seed == Seed(3).child("a", 1)
    list(child.track([1], "task"))
    assert reports
