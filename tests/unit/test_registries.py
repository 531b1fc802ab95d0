"""Names are found without importing; entries come from the package, from plugins, and from run time."""

import sys

import pytest

from fusioncolor import config, registries
from fusioncolor.errors import InputError
from fusioncolor.registries import Registry


def names() -> Registry:
    return Registry("thing", "fusioncolor.test-things", {"path": "pathlib:Path", "one": 1})


def test_own_entries_are_imported_on_first_use_or_are_there():
    things = names()
    assert list(things) == ["path", "one"]
    assert things["path"].__name__ == "Path"
    assert things["one"] == 1


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(InputError, match="no thing 'pth'; did you mean 'path'"):
        names().find("pth")
    with pytest.raises(InputError, match="available: path, one"):
        names().check("xyz")


def test_entries_can_be_added_once_and_removed_again():
    things = names()
    assert things.decorator("two")(2) == 2
    assert things.find("two") == 2
    with pytest.raises(InputError, match="there is already a thing 'two'"):
        things.register("two", 3)
    with pytest.raises(InputError, match="there is already a thing 'one'"):
        things.register("one", 3)
    things.unregister("two")
    assert "two" not in things


def test_installed_packages_add_entries_by_entry_point(tmp_path, monkeypatch):
    (tmp_path / "other_things.py").write_text("blue = 'a blue thing'\n")
    metadata = tmp_path / "other_things-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other-things\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[fusioncolor.test-things]\nblue = other_things:blue\n")
    monkeypatch.syspath_prepend(tmp_path)
    things = names()
    assert list(things) == ["path", "one", "blue"]
    assert "other_things" not in sys.modules
    assert things["blue"] == "a blue thing"


@pytest.mark.keras
@pytest.mark.parametrize(
    "registry", [one for one in vars(registries).values() if isinstance(one, Registry)], ids=lambda one: one.group
)
def test_every_name_of_the_package_leads_to_an_entry(registry):
    for name in registry:
        assert registry[name] is not None


def test_choices_that_are_spelled_twice_are_the_same():
    from fusioncolor.models.decoding import DECODERS
    from fusioncolor.models.engines import RUNTIMES

    assert tuple(DECODERS) == config.choices.DECODERS
    assert tuple(RUNTIMES) == config.choices.ENGINES
