import errno
import os
from pathlib import Path

import pytest

from fusioncolor import images
from fusioncolor.errors import InputError


def test_finding_is_recursive_sorted_and_leaves_out_hidden_files_and_the_excluded_folder(tmp_path):
    for name in ["b.PNG", "a/z.jpg", "a/text.txt", ".hidden.png", ".git/x.png", "out/x.png"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = images.find_in(tmp_path, exclude=tmp_path / "out")
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/z.jpg", "b.PNG"]


def test_folders_that_must_not_be_looked_into_are_named(tmp_path, monkeypatch):
    locked, scandir, access = tmp_path / "locked", os.scandir, os.access
    locked.mkdir()
    (tmp_path / "a.jpg").touch()

    def refuse(path):
        if Path(path) == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # the permissions themselves would not stop a superuser
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked and access(path, mode))
    assert images.find_in(tmp_path) == [tmp_path / "a.jpg", locked]
    with pytest.raises(InputError, match="locked: no permission to look into this folder"):
        images.read(locked)
    with pytest.raises(InputError, match="locked: Permission denied"):
        images.find_in(locked)
    assert images.find_in(tmp_path / "not there") == []


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no such file or folder: .*none"):
        images.find([tmp_path / "none"])
    with pytest.raises(InputError, match="no image in folder"):
        images.find([tmp_path])
