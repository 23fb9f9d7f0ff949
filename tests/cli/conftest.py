"""The command line in this process, a small table to run it on, and a model of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.people import Cli, Ended, write_people

from artesian.cli.app import call


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    def run(*tokens: object) -> Ended:
        capfd.readouterr()
        code = call([str(token) for token in tokens])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write_people(tmp_path / "people.csv")


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the people, fitted once; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("saved")
    source = write_people(folder / "people.csv")
    code = call(["fit", str(source), "-o", str(folder / "model"), "--method", "marginals", "-q"])
    assert code == 0
    return folder / "model"
