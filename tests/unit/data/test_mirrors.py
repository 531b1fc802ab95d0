import shutil

import numpy as np
import pytest
from support import serving, upload

from fusioncolor import files, images
from fusioncolor.addresses import Address, location
from fusioncolor.config import TrainConfig
from fusioncolor.data import mirrors
from fusioncolor.errors import InputError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONCOLOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tree(tmp_path):
    for index, name in enumerate(("a.png", "x/b.png", "x/.hidden.png")):
        images.write(tmp_path / "tree" / name, np.full((4, 5, 3), index, np.uint8))
    (tmp_path / "tree" / "readme.md").touch()
    return tmp_path / "tree"


def names_in(folder) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in images.find_in(folder)]


@pytest.mark.parametrize("kind", ["memory", "bucket"])
def test_a_folder_elsewhere_becomes_a_folder_here(kind, tree, request):
    address = request.getfixturevalue(kind)
    upload(tree, f"{address}/tree")
    [copy] = mirrors.local([Address(f"{address}/tree/")])
    assert names_in(copy) == ["a.png", "x/b.png"]
    assert copy.name == "tree"
    assert (copy / "a.png").read_bytes() == (tree / "a.png").read_bytes()


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_folder_in_an_archive_becomes_a_folder_here(kind, tree, memory, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "archive"), kind, tmp_path, "tree")
    [copy, whole] = mirrors.local([Address(f"{kind}://tree::{archive}"), Address(f"{kind}://::{archive}")])
    assert names_in(copy) == ["a.png", "x/b.png"]
    assert names_in(whole) == ["tree/a.png", "tree/x/b.png"]
    assert (copy / "x" / "b.png").read_bytes() == (tree / "x" / "b.png").read_bytes()


def test_only_what_is_new_or_changed_is_copied_and_what_is_gone_is_removed(tree, memory, monkeypatch):
    upload(tree, f"{memory}/tree")
    mirrors.local([Address(f"{memory}/tree")])
    store, fetched = files.opened_store(Address(f"{memory}/tree")), []
    store.put_bytes((tree / "a.png").read_bytes(), "c.png")
    store.put_bytes((tree / "x/b.png").read_bytes(), "a.png")
    store._fs.rm_file(store._path("x/b.png"))
    fetch = files.Store.fetch
    monkeypatch.setattr(files.Store, "fetch", lambda self, name, file: (fetched.append(name), fetch(self, name, file)))
    [copy] = mirrors.local([Address(f"{memory}/tree")])
    assert sorted(fetched) == ["a.png", "c.png"]
    assert names_in(copy) == ["a.png", "c.png"]
    assert (copy / "a.png").read_bytes() == (tree / "x/b.png").read_bytes()


def test_paths_stay_and_lists_may_hold_both(tree, memory, tmp_path):
    upload(tree, f"{memory}/tree")
    (tmp_path / "list.txt").write_text(f"{tree / 'a.png'}\n{memory}/tree/x/b.png\n")
    (tmp_path / "here.txt").write_text(f"{tree / 'a.png'}\n")
    first, second, third = mirrors.local([tmp_path / "list.txt", tmp_path / "here.txt"])
    assert (first, third) == (tree / "a.png", tmp_path / "here.txt")
    assert second.read_bytes() == (tree / "x/b.png").read_bytes()


def test_copies_are_refused_where_other_machines_would_not_see_them(tree, memory, tmp_path, home):
    (tmp_path / "list.txt").write_text(f"{tree / 'a.png'}\n{memory}/tree/x/b.png\n")
    for photographs in ([Address(f"{memory}/tree")], [tmp_path / "list.txt"]):
        with pytest.raises(InputError, match="`cluster` is for files that all its machines see: copy memory://"):
            mirrors.local(photographs, seen_by_all=True)
    assert mirrors.local([tree], seen_by_all=True) == [tree]
    assert not home.exists()


def test_a_list_on_the_web_is_followed(tree, memory):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    contents = {"/a.png": (tree / "a.png").read_bytes()}
    with serving(contents) as server:
        contents["/list.txt"] = f"{server.url}/a.png\n".encode()
        [copy] = mirrors.local([location(f"{server.url}/list.txt")])
    assert copy.read_bytes() == contents["/a.png"]


def test_a_folder_without_photographs_is_named(memory):
    files.opened_store(Address(memory)).put_bytes(b"", "x/readme.md")
    with pytest.raises(InputError, match="no image in memory://"):
        mirrors.local([Address(f"{memory}/x")])


def test_a_training_gets_local_folders(tree, memory):
    upload(tree, f"{memory}/tree")
    config = mirrors.with_copies(TrainConfig(folder=Address(f"{memory}/tree"), validation=tree))
    assert names_in(config.folder) == ["a.png", "x/b.png"]
    assert config.validation == tree
    assert mirrors.with_copies(config) == config
