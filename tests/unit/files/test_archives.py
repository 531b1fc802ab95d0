import zipfile

import pytest

from fusioncolor import files
from fusioncolor.errors import InputError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "a.bin").write_bytes(b"a" * 5000)
    return tmp_path


def test_files_come_back_as_they_were_and_the_same_files_give_the_same_archive(folder):
    for name in ("one.zip", "two.zip"):
        files.pack(folder / name, {"x.bin": folder / "a.bin"})
    files.unpack(folder / "one.zip", folder / "out", names=["x.bin"], largest=10_000)
    assert (folder / "out" / "x.bin").read_bytes() == b"a" * 5000
    assert (folder / "one.zip").read_bytes() == (folder / "two.zip").read_bytes()


@pytest.mark.parametrize("name", ["../x.bin", "/x.bin", "y.bin", "x.bin/"])
def test_a_file_that_does_not_belong_there_is_refused(folder, name):
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(name, "")
    with pytest.raises(InputError, match="does not belong there"):
        files.unpack(folder / "a.zip", folder / "out", names=["x.bin"], largest=10)
    assert not any((folder / "out").iterdir())


def test_an_archive_of_too_much_is_refused(folder):
    files.pack(folder / "a.zip", {"x.bin": folder / "a.bin"})
    with pytest.raises(InputError, match="holds more than"):
        files.unpack(folder / "a.zip", folder / "out", names=["x.bin"], largest=4999)


def test_something_else_is_no_archive(folder):
    with pytest.raises(InputError, match="not a ZIP archive"):
        files.unpack(folder / "a.bin", folder / "out", names=["x.bin"], largest=10)
