import csv
import json
from pathlib import Path

import pytest

from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import Outcome, summarize, write_report

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


def test_the_summary_counts_and_returns_the_failures(capsys):
    skipped = Outcome("b.jpg", "out/b.jpg", "skipped")
    assert summarize([DONE, skipped, skipped, FAILED], 2.0, Path("out")) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "1 photograph colorized in 2.0 s (0.5 img/s): out",
        "2 photographs had been finished before (--no-skip-existing does them again)",
    ]
    assert printed.err == "1 photograph failed, see the lines above\n"
