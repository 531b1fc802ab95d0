import json
from pathlib import Path

import numpy as np
import pytest

from fusioncolor import files, images
from fusioncolor.errors import InputError
from fusioncolor.models import saving

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path):
    """A complete folder of a colorizer, as far as storage looks at it."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / saving.WEIGHTS_FILE).write_bytes(b"\x00" * 1000)
    config = {"format": saving.FORMAT, "weights": {"sha256": files.sha256(folder / saving.WEIGHTS_FILE)}}
    (folder / saving.CONFIG_FILE).write_text(json.dumps(config))
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
    before = (saved / saving.CONFIG_FILE).read_text()
    with pytest.raises(RuntimeError), files.replacing_folder(saved, marker=saving.CONFIG_FILE) as new:
        (new / saving.CONFIG_FILE).write_text("half")
        raise RuntimeError("killed")
    assert (saved / saving.CONFIG_FILE).read_text() == before
    with files.replacing_folder(saved, marker=saving.CONFIG_FILE) as new:
        (new / saving.CONFIG_FILE).write_text("whole")
    assert (saved / saving.CONFIG_FILE).read_text() == "whole"
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


def test_files_that_a_user_added_to_a_folder_are_kept(saved):
    (saved / "grid.jpg").write_bytes(b"picture")
    with files.replacing_folder(saved, marker=saving.CONFIG_FILE) as new:
        (new / saving.CONFIG_FILE).write_text("whole")
    assert (saved / "grid.jpg").read_bytes() == b"picture"


def test_a_full_disk_is_noticed_before_anything_is_written(tmp_path):
    files.require_space(tmp_path / "new" / "saved", 1)
    with pytest.raises(InputError, match="the disk is full"):
        files.require_space(tmp_path / "new" / "saved", 1 << 60)


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    (tmp_path / "weights" / "precious").mkdir(parents=True)
    with (
        pytest.raises(InputError, match="is not replaced"),
        files.replacing_folder(tmp_path / "weights", marker=saving.CONFIG_FILE),
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
    before = (saved / saving.CONFIG_FILE).read_text()
    with (
        pytest.raises(InputError, match="Permission denied"),
        files.replacing_folder(saved, marker=saving.CONFIG_FILE) as new,
    ):
        (new / saving.CONFIG_FILE).write_text("whole")
    assert (saved / saving.CONFIG_FILE).read_text() == before
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
