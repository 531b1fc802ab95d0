import os

import pytest

from fusioncolor import files
from fusioncolor.errors import InputError, ResourceError


def test_a_working_folder_lies_in_its_parent_and_goes_with_the_block(tmp_path):
    with pytest.raises(RuntimeError), files.working_folder(tmp_path / "made") as folder:
        assert folder.parent == tmp_path / "made"
        files.write_text(folder / "a", "text")
        files.move(folder / "a", tmp_path / "b")
        files.write_text(folder / "c", "text")
        raise RuntimeError
    assert list((tmp_path / "made").iterdir()) == []
    assert (tmp_path / "b").read_text() == "text"


def test_text_may_hold_file_names_of_any_bytes(tmp_path):
    files.write_text(tmp_path / "a", os.fsdecode(b"\xff.jpg\n"))
    assert (tmp_path / "a").read_bytes() == b"\xff.jpg\n"


def test_removing_and_making_twice_is_no_error(tmp_path):
    for _ in range(2):
        files.make_folder(tmp_path / "a" / "b")
    (tmp_path / "c").touch()
    for _ in range(2):
        files.remove(tmp_path / "c")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_is_noticed_before_anything_is_written(tmp_path):
    files.require_space(tmp_path / "new" / "saved", 1)
    with pytest.raises(ResourceError, match="the disk is full"):
        files.require_space(tmp_path / "new" / "saved", 1 << 60)


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_done(tmp_path, monkeypatch):
    files.check_writable(tmp_path / "new" / "deep")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot write to .*deep: .*file is a file; give another `output`"):
        files.check_writable(tmp_path / "file" / "deep")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(InputError, match="no permission to write to"):
        files.check_writable(tmp_path / "new")
