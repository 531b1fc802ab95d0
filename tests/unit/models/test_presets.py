import hashlib
import json
from pathlib import Path

import platformdirs
import pytest
from support import serving

import fusioncolor
from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.files import downloading
from fusioncolor.models import presets, saving
from fusioncolor.models.description import Description, Weights


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A home of its own for every test, and no waiting."""
    monkeypatch.setenv(presets.HOME, str(tmp_path / "home"))
    monkeypatch.setattr(downloading, "_WAIT", 0.01)
    return tmp_path / "home"


@pytest.fixture
def archive(tmp_path) -> bytes:
    """A packed colorizer, as far as presets look at it."""
    (tmp_path / saving.WEIGHTS_FILE).write_bytes(b"\x00" * 1000)
    weights = Weights("float16", files.sha256(tmp_path / saving.WEIGHTS_FILE))
    description = Description("fusion", {}, {"name": "regression"}, (256, 256), weights)
    (tmp_path / saving.CONFIG_FILE).write_text(json.dumps(description.as_json()))
    members = {name: tmp_path / name for name in (saving.CONFIG_FILE, saving.WEIGHTS_FILE)}
    files.pack(tmp_path / "autumn.zip", members)
    return (tmp_path / "autumn.zip").read_bytes()


def described(archive: bytes, **changes) -> dict:
    entries = {"name": "autumn", "summary": "leaves", "url": "autumn.zip", "vividness": 1.2, "size": len(archive)}
    return {**entries, "sha256": hashlib.sha256(archive).hexdigest(), **changes}


def added(server, archive: bytes, **changes) -> str:
    server.contents["/autumn.json"] = json.dumps(described(archive, **changes)).encode()
    return presets.add(f"{server.url}/autumn.json")


def test_included_presets_need_no_network_and_pass_the_check_of_their_digest():
    assert {"photographs", "photographs-vivid", "landscapes", "landscapes-vivid"} <= set(presets.PRESETS)
    for name in presets.PRESETS:
        assert saving.read_description(presets.fetch(name)).weights.extractor
        assert saving.is_colorizer(name)


def test_the_vividness_of_a_preset_is_that_of_its_name():
    assert presets.vividness_of("photographs-vivid") == 1.5
    assert presets.vividness_of("photographs") == presets.vividness_of("runs/mine/best") == 1


def test_a_folder_of_weights_wins_over_a_preset_of_its_name(tmp_path, archive, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.make_folder(Path("landscapes-vivid"))
    assert saving.find_folder("landscapes-vivid").name == "fusion.landscapes"  # a folder of photographs, perhaps
    for name in (saving.CONFIG_FILE, saving.WEIGHTS_FILE):
        files.move(Path(name), Path("landscapes-vivid") / name)
    assert saving.find_folder("landscapes-vivid") == Path("landscapes-vivid")
    assert presets.vividness_of("landscapes-vivid") == 1


def test_an_added_preset_is_downloaded_on_first_use_and_then_works_offline(archive):
    with serving({"/autumn.zip": archive}) as server:
        assert added(server, archive) == "autumn"
        assert presets.place_of(presets.find("autumn")) is None
        folder = saving.find_folder("autumn")
    assert saving.read_description(folder).model == "fusion"
    assert saving.find_folder("autumn") == folder  # the server is gone
    assert presets.vividness_of("autumn") == 1.2
    assert [path.name for path in presets.cache().glob("*.zip")] == []


def test_a_preset_that_cannot_be_downloaded_names_those_that_are_there(archive):
    with serving({}) as server:
        added(server, archive)
        with pytest.raises(InputError, match=r"preset autumn: cannot download .* 404 .*; on this machine are photogr"):
            saving.find_folder("autumn")


def test_a_changed_archive_is_refused(archive):
    with serving({"/autumn.zip": archive}) as server:
        added(server, archive, sha256="0" * 64)
        with pytest.raises(InputError, match="not the expected file"):
            saving.find_folder("autumn")
    assert presets.place_of(presets.find("autumn")) is None


def test_an_archive_without_a_colorizer_is_refused(tmp_path, archive):
    files.pack(tmp_path / "a.zip", {"README.md": tmp_path / saving.CONFIG_FILE})
    other = (tmp_path / "a.zip").read_bytes()
    with serving({"/autumn.zip": other}) as server:
        added(server, other)
        with pytest.raises(InputError, match="not a saved colorizer"):
            saving.find_folder("autumn")


def test_a_removed_preset_leaves_nothing_behind(archive, home):
    with serving({"/autumn.zip": archive}) as server:
        added(server, archive)
        saving.find_folder("autumn")
    presets.forget("autumn")
    assert not [path for path in home.rglob("*") if path.name in (saving.CONFIG_FILE, saving.WEIGHTS_FILE)]
    with pytest.raises(InputError, match="no added preset 'autumn'; none was added"):
        presets.forget("autumn")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../up"},
        {"name": "Photographs"},
        {"url": "file:///etc/passwd"},
        {"sha256": "1"},
        {"size": -1},
        {"size": "many"},
        {"vividness": 11},
        {"summary": None, "size": None},
    ],
)
def test_a_description_out_of_bounds_is_refused(tmp_path, changes):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(described(b"1", **{"url": "https://example.org/a.zip", **changes})))
    with pytest.raises(InputError, match="does not describe a preset"):
        presets.add(str(path))


def test_an_included_preset_cannot_be_replaced(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(described(b"1", name="landscapes", url="https://example.org/a.zip")))
    with pytest.raises(InputError, match="already a preset 'landscapes'"):
        presets.add(str(path))


def test_a_damaged_list_is_named(home):
    files.make_folder(home)
    (home / "presets.json").write_text("[1]")
    with pytest.raises(InputError, match=r"presets\.json: damaged"):
        presets.all_presets()


def test_another_package_registers_presets(monkeypatch):
    preset = presets.Preset("mine", "fusion.landscapes", vividness=2)
    fusioncolor.register_preset("mine", preset)
    try:
        assert presets.find("mine") == preset
        assert saving.find_folder("mine").name == "fusion.landscapes"
    finally:
        presets.PRESETS.unregister("mine")


def test_the_folders_are_those_of_the_platform(monkeypatch, tmp_path):
    monkeypatch.delenv(presets.HOME)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name, author: tmp_path / "caches" / name)
    assert presets.cache() == tmp_path / "caches" / "fusioncolor" / "weights"


@pytest.mark.keras
def test_a_preset_loads_and_passes_its_vividness_on():
    vivid = fusioncolor.load("landscapes-vivid")
    assert vivid.head.vividness == 1.5
    session = fusioncolor.Session(["landscapes-vivid"], fusioncolor.ColorizeOptions(vividness=2))
    assert session.predictors[0].head.vividness == 3
    assert session.titles == ["landscapes-vivid"]


def test_downloaded_weights_find_the_shared_extractor(archive):
    weights = saving.read_description(presets.fetch("landscapes")).weights
    found = saving.find_extractor(Path("/nowhere"), weights.extractor)
    assert found.parent == presets.included()
