"""Files and folders that appear whole or not at all."""

import os
import stat

import pytest

from artesian.core.atomic import staged_file, staged_folder
from artesian.core.errors import OutputError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def own_folder(folder):
    """A folder as a run of ours left it."""
    folder.mkdir()
    (folder / "manifest.json").write_text('{"format": 1, "versions": {"artesian": "0.1.0"}}')
    (folder / "old").write_text("old")


def test_a_folder_appears_when_its_block_ends(tmp_path):
    out = tmp_path / "deep" / "out"
    with staged_folder(out) as stage:
        (stage / "a").write_text("1")
        assert not out.exists()
    assert names(out) == ["a"]
    assert names(out.parent) == ["out"]


def test_a_file_appears_when_its_block_ends(tmp_path):
    out = tmp_path / "deep" / "out.csv"
    with staged_file(out) as path:
        path.write_text("1")
        assert not out.exists()
    assert out.read_text() == "1"
    assert names(out.parent) == ["out.csv"]


@pytest.mark.parametrize("staged", [staged_folder, staged_file])
@pytest.mark.parametrize("problem", [RuntimeError("no"), KeyboardInterrupt()])
def test_an_interrupted_block_leaves_nothing(staged, problem, tmp_path):
    def interrupted():
        with staged(tmp_path / "out") as stage:
            (stage / "a" if stage.is_dir() else stage).write_text("half")
            raise problem

    with pytest.raises(type(problem)):
        interrupted()
    assert names(tmp_path) == []


def test_what_exists_is_refused_and_stays(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "folder", "dangling"):
        for staged in (staged_folder, staged_file):
            with pytest.raises(OutputError, match="exists already"), staged(tmp_path / name):
                pytest.fail("the block was entered")
    assert (tmp_path / "file").read_text() == "old"


def test_forced_the_old_is_replaced_by_the_new_and_nothing_else(tmp_path):
    out = tmp_path / "out"
    own_folder(out)
    with staged_folder(out, force=True) as stage:
        (stage / "new").write_text("new")
        assert names(out) == ["manifest.json", "old"]
    assert names(out) == ["new"]
    file = tmp_path / "file"
    file.write_text("old")
    with staged_file(file, force=True) as path:
        path.write_text("a file")
        assert file.read_text() == "old"
    assert file.read_text() == "a file"
    assert names(tmp_path) == ["file", "out"]


def test_forced_and_interrupted_the_old_stays(tmp_path):
    out = tmp_path / "out"
    own_folder(out)
    with pytest.raises(RuntimeError), staged_folder(out, force=True):
        raise RuntimeError
    assert names(out) == ["manifest.json", "old"]
    assert names(tmp_path) == ["out"]


def test_a_folder_has_the_usual_permissions(tmp_path):
    with staged_folder(tmp_path / "out"):
        pass
    (tmp_path / "usual").mkdir()
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("out", "usual")}
    assert len(modes) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for staged in (staged_folder, staged_file):
        place = tmp_path / "file" / "out"
        with pytest.raises(OutputError, match="cannot write") as caught, staged(place):
            pytest.fail("the block was entered")
        assert caught.value.hint


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"), staged_file(closed / "out"):
        pytest.fail("the block was entered")


def test_an_os_error_inside_the_block_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="No space left"), staged_file(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == []
