"""Checks of saved models: they are restored exactly, contain no code, and damage is detected."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from artesian.core import fingerprint
from artesian.core.errors import ModelFileError
from artesian.core.run import Run
from artesian.synthesizers.protocol import Model
from artesian.synthesizers.store import HEADER, SAFE, load, save
from artesian.testing.determinism import Make
from artesian.testing.tables import every_type, people, secrets

PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""First bytes of a pickle, by version of its protocol."""


def check_save_load_round_trip(make: Make) -> None:
    """A loaded model has the same settings, schema, facts and rows."""
    for data in (people(300), secrets(300), every_type(100)):
        model = make().fit(data, run=Run.from_seed(1))
        with _saved(model) as folder:
            again = _loaded(make, folder)
            assert again.settings == model.settings, "the settings did not survive"
            assert again.schema == model.schema, "the schema did not survive"
            assert again.facts() == model.facts(), "the facts did not survive"
            one, two = (m.sample(5000, run=Run.from_seed(2)).frame for m in (model, again))
            assert one.schema == two.schema, "the types did not survive"
            assert one.equals(two), "the rows of the saved model differ"
            with _saved(again) as copy:
                names = {path.name for path in folder.iterdir()}
                assert {path.name for path in copy.iterdir()} == names, "saved again, it differs"


def check_files_hold_no_code(make: Make) -> None:
    """Only formats that can be opened safely, without a pickle in them."""
    try:
        with _saved(make().fit(secrets(200), run=Run.from_seed(1))) as folder:
            for path in folder.rglob("*"):
                assert path.suffix in SAFE, f"{path.name} is not in a safe format"
                for name, first in _parts(path):
                    assert not first.startswith(PICKLED), f"{name} in {path.name} is a pickle"
                    assert b"|O" not in first, f"{name} in {path.name} holds Python objects"
    except ModelFileError as problem:
        raise AssertionError(f"it cannot be saved: {problem.problem}") from problem


def check_damaged_files_are_refused(make: Make) -> None:
    """Changed, truncated, missing or foreign files and other formats are refused with a hint."""
    with _saved(make().fit(people(200), run=Run.from_seed(1))) as folder:
        for victim in sorted(folder.iterdir()):
            for name, damage in _DAMAGES.items():
                _refused(make, folder, victim.name, name, damage)
        _refused(make, folder, HEADER, "of another format", _other_format)
        _refused(make, folder, HEADER, "with other settings", _other_settings)
        _refused(make, folder, HEADER, "of an unknown method", _other_method)
        _refused(make, folder, HEADER, "emptied", lambda path: path.write_text("{}"))


def _refused(
    make: Make, folder: Path, name: str, what: str, damage: Callable[[Path], object]
) -> None:
    copy = folder.with_name("damaged")
    shutil.copytree(folder, copy)
    refusal = None
    try:
        damage(copy / name)
        _loaded(make, copy)
    except ModelFileError as problem:
        refusal = problem
    finally:
        shutil.rmtree(copy)
    assert refusal is not None, f"{name} {what} was loaded without an error"
    assert refusal.hint, f"{name} {what} was refused without a hint"


def _edited(path: Path, key: str, value: object, *, sealed: bool) -> None:
    header = json.loads(path.read_text(encoding="utf-8"))
    header[key] = value
    if sealed:  # by somebody who can compute the digest
        del header["digest"]
        header["digest"] = fingerprint.hash_json(header)
    path.write_text(json.dumps(header), encoding="utf-8")


def _other_format(path: Path) -> None:
    _edited(path, "format", 999, sealed=True)


def _other_settings(path: Path) -> None:
    _edited(path, "settings", {"protect": False}, sealed=False)


def _other_method(path: Path) -> None:
    _edited(path, "method", "unknown", sealed=True)


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda path: path.write_bytes(path.read_bytes() + b" {"),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "missing": lambda path: path.unlink(),
    "foreign": lambda path: path.write_bytes(b"PK\x03\x04 no such thing"),
}


def _parts(path: Path) -> Iterator[tuple[str, bytes]]:
    """The first bytes of a file, or of every file within it."""
    if not zipfile.is_zipfile(path):
        yield path.name, path.read_bytes()[:200]
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as inner:
                yield name, inner.read(200)


@contextmanager
def _saved(model: Model) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "model"
        save(model, folder)
        yield folder


def _loaded(make: Make, folder: Path) -> Model:
    settings = make()
    return load(folder, methods={settings.capabilities.name: type(settings)})
