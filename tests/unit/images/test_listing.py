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


def test_the_order_is_that_of_sorted_paths_one_folder_at_a_time(tmp_path):
    for name in ["a.jpg", "a/2.jpg", "a/10.jpg", "a b/x.jpg", "A/x.jpg", "a.b/x.jpg", "b/c/d.jpg", "b/c.jpg", "b.jpg"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")  # to a folder, which is not looked into
    found = images.find_in(tmp_path)
    assert len(found) == 9
    assert found == sorted(found)
    first = next(images.find_each([tmp_path, tmp_path / "none"]))  # what is missing is told when its turn comes
    assert first == images.find([tmp_path])[0]


def test_pictures_of_formats_that_are_not_read_are_counted_by_the_listing(tmp_path):
    for name in ["b.jpg", "deep/a.HEIC", "c.pdf", "notes.txt", ".d.heic", "out/e.heic", "a/z.jpg"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    unread = images.UnreadPictures()
    found = images.find([tmp_path], exclude=tmp_path / "out", unread=unread)
    assert [one.relative.as_posix() for one in found] == ["a/z.jpg", "b.jpg"]
    assert (unread.count, unread.first) == (2, tmp_path / "c.pdf")
    with pytest.raises(InputError, match=r"a\.HEIC: HEIC files are not read; save it as JPEG, PNG, or TIFF first"):
        images.read(tmp_path / "deep" / "a.HEIC")


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


def test_files_folders_and_lists_are_found_with_their_place_below_what_was_named(tmp_path):
    for name in ("in/b.PNG", "in/deep/a.jpg", "c.webp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "list.txt").write_text(f"{tmp_path / 'c.webp'}\n{tmp_path / 'in' / 'b.PNG'}\n")
    found = images.find([tmp_path / "c.webp", tmp_path / "in", tmp_path / "list.txt"])
    assert [one.path.relative_to(tmp_path).as_posix() for one in found] == [
        "c.webp", "in/b.PNG", "in/deep/a.jpg", "c.webp", "in/b.PNG",
    ]  # fmt: skip
    assert [one.relative.as_posix() for one in found] == ["c.webp", "b.PNG", "deep/a.jpg", "c.webp", "b.PNG"]


def test_a_list_may_name_files_of_any_bytes(tmp_path):
    path = os.fsdecode(bytes(tmp_path) + b"/\xff.jpg")
    try:
        open(path, "w").close()
    except OSError:
        pytest.skip("this file system takes text only")
    (tmp_path / "list.txt").write_text(path, errors="surrogateescape")
    assert [str(one.path) for one in images.find([tmp_path / "list.txt"])] == [path]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"none.jpg\n", "is not a list of photographs: none.jpg is not there"),
        (b"\0", "is not a list of photographs"),
    ],
)
def test_a_text_file_that_is_no_list_is_named(tmp_path, content, sentence):
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(InputError, match=rf"list\.txt {sentence}"):
        images.find([tmp_path / "list.txt"])


def test_a_pattern_that_the_shell_left_alone_is_expanded(tmp_path):
    for name in ("b.jpg", "a.jpg", "notes.txt", "deep/c.jpg", "a.scribble.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [one.path.name for one in images.find([tmp_path / "*.jpg"])] == ["a.jpg", "b.jpg"]
    assert [one.path.name for one in images.find([tmp_path / "*"])] == ["a.jpg", "b.jpg"]
    assert len(images.find([tmp_path / "**" / "*.jpg"])) == 3
    with pytest.raises(InputError, match="no photograph matches"):
        images.find([tmp_path / "*.tif"])


def test_a_file_with_a_bracket_in_its_name_is_no_pattern(tmp_path):
    (tmp_path / "a[1].jpg").touch()
    assert [one.path.name for one in images.find([tmp_path / "a[1].jpg"])] == ["a[1].jpg"]


@pytest.mark.parametrize("address", ["http://example.org/a.jpg", "https:/example.org/a.jpg", "s3://bucket/a.jpg"])
def test_an_address_is_refused_as_such(address):
    with pytest.raises(InputError, match="is an address: download"):
        images.find([Path(address)])
