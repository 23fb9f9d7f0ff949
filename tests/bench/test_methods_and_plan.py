"""What may be asked for: names, settings, commands, sources; refused before anything is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.people import write_people

from artesian import Marginals, Trees
from artesian.bench.methods import methods
from artesian.bench.plan import make_plan
from artesian.bench.trial import split
from artesian.core.errors import ArtesianError, DataError, SchemaError, UsageError
from artesian.core.run import Run
from artesian.data.read import read
from artesian.synthesizers import CATALOG

COMMAND = "python3 make.py {train} {out}"


def test_settings_are_read_as_they_are_written() -> None:
    text = "trees(min_leaf=50, protect=false),trees( min_gain = -0.0 ), auto ,marginals()"
    found = methods([text])
    assert [m.label for m in found] == [
        "trees(min_leaf=50, protect=False)",
        "trees(min_gain=-0.0)",
        "auto",
        "marginals",
    ]
    assert found[0].make() == CATALOG["trees"](min_leaf=50, protect=False)
    objects = methods([Trees(min_leaf=50), Marginals()])
    assert [m.label for m in objects] == ["trees(min_leaf=50)", "marginals"]


def test_what_decides_is_every_setting_and_the_files_of_a_command(tmp_path: Path) -> None:
    one, same = methods(["trees"])[0], methods(["trees(min_leaf=10)"])[0]
    assert one.to_dict() == same.to_dict()
    script = tmp_path / "make.py"
    script.write_text("1")
    command = methods([], {"mine": f"python3 {script} {{train}} {{out}}"})[0]
    before = command.to_dict()
    script.write_text("2")
    assert command.to_dict() != before


def test_files_of_a_command_are_found_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("make.py").touch()
    (command,) = methods([], {"mine": COMMAND})
    assert command.command == ("python3", str(tmp_path / "make.py"), "{train}", "{out}")


@pytest.mark.parametrize(
    ("given", "external", "problem", "hint"),
    [
        (["tress"], {}, "'tress'", "'trees'"),
        (["trees(min_leef=3)"], {}, "'min_leef'", "'min_leaf'"),
        (["trees(min_leaf=0)"], {}, "min_leaf is 0", "at least|from 1"),
        (["trees(3)"], {}, "cannot read", "setting=value"),
        (["trees(min_leaf=3"], {}, "cannot read", "setting=value"),
        (["trees(min_leaf=open(1))"], {}, "min_leaf is 'open(1)'", "at least|from 1"),
        (["trees(**{})"], {}, "cannot read", "setting=value"),
        (["trees,trees"], {}, "more than once", "once"),
        ([""], {}, "no method", "--methods"),
        (["trees"], {"trees": COMMAND}, "cannot be named", "name of its own"),
        ([], {"mine": "make {train}"}, "has no {out}", "{train} {out}"),
        ([], {"mine": "make '{train} {out}"}, "cannot read", "quote"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(
    given: list[str], external: dict[str, str], problem: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        methods(given, external)
    assert problem in caught.value.problem
    assert any(one in caught.value.hint for one in hint.split("|"))


def test_a_synthesizer_of_ones_own_is_sent_to_the_commands() -> None:
    class Mine(Marginals):
        pass

    with pytest.raises(UsageError, match="not in the catalog"):
        methods([Mine()])


def plan(sources: list[Path | str], **more: Any) -> Any:
    return make_plan(methods(["marginals"]), [str(s) for s in sources], **more)


def test_a_plan_describes_its_sources(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    one = write_people(tmp_path / "people.csv")
    other = write_people(tmp_path / "b" / "people.csv", rows=300)
    found = plan([one, other], targets=["pay"], seeds=2, first_seed=7, metrics=["c2st", "c2st"])
    assert [s.label for s in found.sources] == [f"{tmp_path.name}/people.csv", "b/people.csv"]
    assert [(s.rows, s.columns, s.target) for s in found.sources] == [
        (240, 5, "pay"),
        (300, 5, "pay"),
    ]
    assert found.seeds == (7, 8)
    assert found.metrics == ("c2st_holdout",)


@pytest.mark.parametrize(
    ("more", "kind", "problem", "hint"),
    [
        ({"metrics": ["kz"]}, UsageError, "'kz'", "'ks'"),
        ({"metrics": []}, UsageError, "no metric", "metrics"),
        ({"targets": ["pai"]}, SchemaError, "'pai'", "'pay'"),
        ({"seeds": 0}, UsageError, "0 seeds", "1 or more"),
        ({"rows": 0}, UsageError, "0 rows", "1 or more"),
        ({"holdout": 0}, UsageError, "holdout", "holdout rows"),
    ],
)
def test_an_impossible_plan_is_refused(
    tmp_path: Path, more: dict[str, Any], kind: type[ArtesianError], problem: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        plan([write_people(tmp_path / "people.csv")], **more)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_sources_that_cannot_be_read_are_refused_before_anything_runs(tmp_path: Path) -> None:
    people = write_people(tmp_path / "people.csv")
    (tmp_path / "none.csv").write_text("a,b\n")
    with pytest.raises(DataError, match="no rows"):
        plan([people, tmp_path / "none.csv"])
    with pytest.raises(ArtesianError, match=r"nowhere\.csv"):
        plan([people, tmp_path / "nowhere.csv"])
    with pytest.raises(UsageError, match="more than once"):
        plan([people, people])
    with pytest.raises(UsageError, match="only once"):
        plan(["-"])
    with pytest.raises(UsageError, match="no source"):
        plan([])


def test_the_split_is_that_of_synth(tmp_path: Path) -> None:
    from artesian.runs.split import hold_out

    table = read(write_people(tmp_path / "people.csv"))
    ours, theirs = (
        split(table, None, 0.25, Run.from_seed(4)),
        hold_out(table, 0.25, Run.from_seed(4)),
    )
    assert theirs.holdout is not None
    assert ours[0].frame.equals(theirs.train.frame)
    assert ours[1].frame.equals(theirs.holdout.frame)
    train, holdout = split(table, 100, 0.25, Run.from_seed(4))
    assert (len(train), len(holdout)) == (75, 25)
    with pytest.raises(DataError, match="too few"):
        split(table, 15, 0.25, Run.from_seed(4))
