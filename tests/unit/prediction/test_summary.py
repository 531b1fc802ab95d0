import csv
import json
from pathlib import Path

import pytest

from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import FolderResult, Outcome, counted, write_report

PLANNED = [Task(Path(f"{name}.jpg"), Path(f"out/{name}.jpg")) for name in "abc"]
DONE = Outcome("a.jpg", str(Path("out/a.jpg")), "done", 1.23456, 640, 480)
FAILED = Outcome("c.jpg", str(Path("out/c.jpg")), "failed", reason="c.jpg: not an image")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_the_report_has_a_line_for_every_planned_photograph(tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    write_report(path, PLANNED, {outcome.result: outcome for outcome in (FAILED, DONE)})
    with open(path, newline="") as file:
        lines = json.load(file) if suffix == ".json" else list(csv.DictReader(file))
    assert [line["status"] for line in lines] == ["done", "open", "failed"]
    assert [line["file"] for line in lines] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [str(lines[0][name]) for name in ("seconds", "width", "height")] == ["1.235", "640", "480"]
    assert lines[2]["reason"] == "c.jpg: not an image"


def test_a_result_counts_photographs_by_status():
    skipped = Outcome("b.jpg", "out/b.jpg", "skipped")
    result = FolderResult([DONE, skipped, skipped, FAILED], 2.0)
    assert [result.count(status) for status in ("done", "skipped", "failed", "open")] == [1, 2, 1, 0]


def test_numbers_of_photographs_are_said_in_english():
    assert [counted(number) for number in (0, 1, 2)] == ["0 photographs", "1 photograph", "2 photographs"]
