import tarfile

import pytest

from fusioncolor import files
from fusioncolor.errors import InputError


@pytest.fixture
def archive(tmp_path):
    for name, text in (("b.jpg", "bb"), ("a.jpg", "a"), ("x/c.jpg", "ccc"), (".hidden.jpg", "h")):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text)
    with tarfile.open(tmp_path / "s.tar", "w") as made:
        for name in ("b.jpg", "a.jpg", "x", ".hidden.jpg"):
            made.add(tmp_path / "in" / name, name)
        made.add(tmp_path / "in" / "a.jpg", "../out.jpg")
    return tmp_path / "s.tar"


def test_members_are_paths_below_the_archive(archive):
    assert [path.relative_to(archive).as_posix() for path in files.members(archive)] == ["b.jpg", "a.jpg", "x/c.jpg"]


def test_members_are_read_and_recognized_like_the_files_they_were_made_of(archive):
    for path in files.members(archive):
        original = archive.parent / "in" / path.relative_to(archive)
        with files.opened(path) as file:
            assert file.read() == original.read_bytes()
        assert files.sha256(path) == files.sha256(original)
        assert files.blake2b(path) == files.blake2b(original)
        assert files.facts(path)[0] == original.stat().st_size
        assert files.is_there(path)
        assert files.stamp(path)


def test_what_is_not_in_the_archive_is_missing(archive):
    assert not files.is_there(archive / "d.jpg")
    assert files.stamp(archive / "d.jpg") == ""
    with pytest.raises(InputError, match=r"d\.jpg: no such file"), files.opened(archive / "d.jpg"):
        pass


def test_a_folder_may_be_called_like_an_archive(tmp_path):
    (tmp_path / "x.tar").mkdir()
    (tmp_path / "x.tar" / "a.jpg").write_text("a")
    assert files.archive_of(tmp_path / "x.tar" / "a.jpg") is None
    assert files.facts(tmp_path / "x.tar" / "a.jpg")[0] == 1


def test_a_changed_archive_is_read_anew(archive, tmp_path):
    before = files.stamp(archive / "a.jpg")
    (tmp_path / "in" / "a.jpg").write_text("longer")
    with tarfile.open(archive, "w") as made:
        made.add(tmp_path / "in" / "a.jpg", "a.jpg")
    assert [path.name for path in files.members(archive)] == ["a.jpg"]
    assert files.stamp(archive / "a.jpg") != before


def test_compressed_and_damaged_archives_are_refused(archive, tmp_path):
    with tarfile.open(tmp_path / "z.tar", "w:gz") as made:
        made.add(tmp_path / "in" / "a.jpg", "a.jpg")
    with pytest.raises(InputError, match=r"z\.tar: not a plain \.tar archive"):
        files.members(tmp_path / "z.tar")
    (tmp_path / "cut.tar").write_bytes(archive.read_bytes()[:1600])
    with pytest.raises(InputError, match=r"cut\.tar: .* damaged"), files.opened(tmp_path / "cut.tar" / "b.jpg"):
        pass
