"""Finished results are looked through without a network."""

import json
import re

import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.config import CompareConfig
from fusioncolor.errors import InputError
from fusioncolor.prediction import gallery, manifest
from fusioncolor.prediction.plan import Task

COLORS = {"a.png": (200, 60, 40), "b.png": (40, 120, 60), "c<b>.png": (60, 60, 200)}


def results(folder, source, doubts, tint=0) -> None:
    """Writes results with their manifest, as a folder run does."""
    with manifest.opened(folder, "settings") as finished:
        for name, doubt in doubts.items():
            rgb = np.clip(np.full((40, 60, 3), COLORS[name]) + np.array((tint, 0, 0)), 0, 255).astype(np.uint8)
            rgb[:20] //= 2
            images.write(folder / name, rgb)
            facts = {} if doubt is None else {"doubt": doubt}
            finished.record(Task(source / name, folder / name), "stamp", facts)


def data_of(page) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])


def test_the_photographs_that_the_network_doubted_come_first(tmp_path):
    results(tmp_path / "out", tmp_path, {"a.png": 5.0, "b.png": 20.0, "c<b>.png": None})
    done = gallery.compare(CompareConfig([tmp_path / "out"], tmp_path / "look"))
    found = data_of(done.page)["photographs"]
    assert [one["name"] for one in found] == ["b.png", "a.png", "c<b>.png"]
    assert [one["doubt"] for one in found] == [20.0, 5.0, None]
    assert done.photographs == 3
    assert [path.name for path in done.sheets] == ["sheet-001.png"]
    assert "<b>.png" not in done.page.read_text()


def test_results_of_several_folders_meet_by_their_photograph(tmp_path):
    results(tmp_path / "one", tmp_path, {"a.png": 5.0, "b.png": 6.0})
    results(tmp_path / "two", tmp_path, {"a.png": 7.0}, tint=50)
    done = gallery.compare(CompareConfig([tmp_path / "one", tmp_path / "two"], tmp_path / "look", sheets=False))
    first, second = data_of(done.page)["photographs"]
    assert (first["name"], sorted(first["colored"]), first["doubt"]) == ("a.png", ["0", "1"], 7.0)
    assert first["difference"] > 2
    assert (second["name"], sorted(second["colored"]), second["difference"]) == ("b.png", ["0"], None)
    assert done.sheets == []


def test_photographs_of_the_same_name_are_told_apart_by_their_folders(tmp_path):
    for folder, doubt in (("1958/box", 9.0), ("1961/box", 8.0), ("1961/album", 7.0)):
        results(tmp_path / "out" / folder, tmp_path / folder, {"a.png": doubt})
    results(tmp_path / "out" / "other", tmp_path, {"b.png": 6.0})
    folders = [tmp_path / "out" / name for name in ("1958/box", "1961/box", "1961/album", "other")]
    found = data_of(gallery.compare(folders, output=tmp_path / "look", sheets=False).page)["photographs"]
    assert [one["name"] for one in found] == ["1958/box/a.png", "1961/box/a.png", "album/a.png", "b.png"]


def test_a_page_has_the_most_doubtful_only_and_old_sheets_go(tmp_path):
    results(tmp_path / "out", tmp_path, {"a.png": 5.0, "b.png": 20.0})
    (tmp_path / "look").mkdir()
    (tmp_path / "look" / "sheet-007.png").touch()
    done = gallery.compare(str(tmp_path / "out"), output=str(tmp_path / "look"), limit=1)
    assert [one["name"] for one in data_of(done.page)["photographs"]] == ["b.png"]
    assert "of which the 1 most worth a look" in done.page.read_text()
    assert [path.name for path in (tmp_path / "look").glob("sheet-*")] == ["sheet-001.png"]


def test_a_folder_without_results_is_refused_and_a_damaged_result_is_named(tmp_path):
    with pytest.raises(InputError, match="no colorized photographs in"):
        gallery.compare(CompareConfig([tmp_path], tmp_path / "look"))
    results(tmp_path / "out", tmp_path, {"a.png": 5.0, "b.png": 20.0})
    (tmp_path / "out" / "a.png").write_text("no picture")
    done = gallery.compare(CompareConfig([tmp_path / "out"], tmp_path / "look"))
    assert len(done.problems) == 1
    assert "a.png" in done.problems[0]


def test_the_page_asks_for_nothing_from_elsewhere(tmp_path):
    results(tmp_path / "out", tmp_path, {"a.png": 5.0})
    text = gallery.compare(CompareConfig([tmp_path / "out"], tmp_path / "look", sheets=False)).page.read_text()
    assert "{{" not in text
    assert re.findall(r"""(?:src|href)=["'](?!data:)""", text) == []
    assert "default-src 'none'" in text
