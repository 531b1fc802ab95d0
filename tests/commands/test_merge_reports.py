"""`predict --shard` and `merge-reports` as a user runs them, one process per part."""

import csv
from pathlib import Path

import pytest
from support import content

from fusioncolor import images


@pytest.mark.slow
def test_parts_and_their_reports_make_the_whole(folder, weights, run_command, tmp_path):
    (folder / "bad.jpg").write_text("no picture")
    common = [folder, "--weights", weights, "--batch-size", 4]
    whole = run_command("predict", *common, "--output", tmp_path / "whole", "--report", tmp_path / "whole.csv")
    assert whole.returncode == 1
    codes = []
    for part in (3, 1, 2):
        options = ["--output", tmp_path / "out", "--report", tmp_path / "report.csv", "--shard", f"{part}/3"]
        codes.append(run_command("predict", *common, *options).returncode)
        if part == 3:
            early = run_command("merge-reports", tmp_path / "report-3-of-3.csv", "--output", tmp_path / "early.csv")
            assert early.returncode == 1
            assert early.stderr.count("run that part too") == 2
    assert sorted(codes) == [0, 0, 1]  # the part with the damaged file
    reports = sorted(tmp_path.glob("report-*-of-3.csv"))
    merged = run_command("merge-reports", *reports, "--output", tmp_path / "report.csv")
    assert merged.returncode == 1
    assert "13 photographs in 3 reports: 12 done, 0 skipped, 1 failed, 0 open" in merged.stdout
    tables = [list(csv.DictReader((tmp_path / name).open())) for name in ("whole.csv", "report.csv")]
    for line in [*tables[0], *tables[1]]:
        line["seconds"] = ""
        line["result"] = str(Path(line["result"]).name)
        line["reason"] = line["reason"].replace("whole", "out")
    assert tables[0] == tables[1]
    pictures = {name: one for name, one in content(tmp_path / "out").items() if not name.endswith(".jsonl")}
    assert pictures == content(tmp_path / "whole")
    assert len(images.find_in(tmp_path / "out")) == 12


def test_a_part_of_nothing_is_one_line(run_command, tmp_path):
    done = run_command("predict", "--shard", "1/2", "--output", tmp_path)
    assert done.returncode == 2
    assert done.stderr == "fusioncolor predict: error: --shard is a part of PHOTOGRAPHS: name some\n"


def test_a_grid_of_a_part_is_refused(folder, run_command, tmp_path):
    done = run_command("predict", folder, "--shard", "1/2", "--grid", "--output", tmp_path)
    assert done.returncode == 2
    assert "--grid needs all photographs in one process" in done.stderr
