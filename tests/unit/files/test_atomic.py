from pathlib import Path

import numpy as np
import pytest

from fusioncolor import files, images
from fusioncolor.errors import InputError

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)
MARKER = "marker.json"


@pytest.fixture
def saved(tmp_path):
    """A folder that may be replaced."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / MARKER).write_text("old")
    (folder / "weights").write_bytes(b"\x00" * 1000)
    return folder


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.png"
    images.write(path, RGB)
    before = path.read_bytes()
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError("killed")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_only_when_the_new_one_is_complete(saved):
    before = (saved / MARKER).read_text()
    with pytest.raises(RuntimeError), files.replacing_folder(saved, marker=MARKER) as new:
        (new / MARKER).write_text("half")
        raise RuntimeError("killed")
    assert (saved / MARKER).read_text() == before
    with files.replacing_folder(saved, marker=MARKER) as new:
        (new / MARKER).write_text("whole")
    assert (saved / MARKER).read_text() == "whole"
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


def test_files_that_a_user_added_to_a_folder_are_kept(saved):
    (saved / "grid.jpg").write_bytes(b"picture")
    with files.replacing_folder(saved, marker=MARKER) as new:
        (new / MARKER).write_text("whole")
    assert (saved / "grid.jpg").read_bytes() == b"picture"


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    (tmp_path / "weights" / "precious").mkdir(parents=True)
    with (
        pytest.raises(InputError, match="is not replaced"),
        files.replacing_folder(tmp_path / "weights", marker=MARKER),
    ):
        pass
    assert (tmp_path / "weights" / "precious").is_dir()


def test_the_old_folder_comes_back_when_the_new_one_cannot_take_its_place(saved, monkeypatch):
    rename, calls = Path.rename, []

    def fail_once(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    before = (saved / MARKER).read_text()
    with (
        pytest.raises(InputError, match="Permission denied"),
        files.replacing_folder(saved, marker=MARKER) as new,
    ):
        (new / MARKER).write_text("whole")
    assert (saved / MARKER).read_text() == before
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


def test_temporary_files_of_killed_processes_are_removed_but_not_those_of_skipped_folders(tmp_path):
    left = [tmp_path / folder / ".fusioncolor-0123abcd.png" for folder in ("", "a", "other")]
    kept = [tmp_path / "a" / ".fusioncolor.jsonl", tmp_path / "a" / "fusioncolor-0123abcd.png"]
    for path in [*left, *kept]:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    files.remove_temporary(tmp_path, skip=lambda folder: folder.name == "other")
    assert [path.exists() for path in left] == [False, False, True]
    assert all(path.exists() for path in kept)
