import pytest

from fusioncolor.errors import InputError
from fusioncolor.prediction import merging
from fusioncolor.prediction.summary import Outcome, write_outcomes

ONE = Outcome("in/a/1.png", "out/a/1.png", "done", 1.5, 4, 3)
TWO = Outcome("in/a.png", "out/a.png", "failed", reason="no picture, sadly")
THREE = Outcome("in/b.png", "out/b.png", "open")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_report_is_read_as_it_was_written(tmp_path, suffix):
    write_outcomes(tmp_path / f"r{suffix}", [ONE, TWO, THREE])
    assert merging.read_report(tmp_path / f"r{suffix}") == [ONE, TWO, THREE]


def test_photographs_come_in_the_order_of_a_folder_whatever_the_order_of_the_reports(tmp_path):
    write_outcomes(tmp_path / "r-1-of-2.csv", [THREE])
    write_outcomes(tmp_path / "r-2-of-2.json", [TWO, ONE])
    reports = [tmp_path / "r-1-of-2.csv", tmp_path / "r-2-of-2.json"]
    assert merging.merge(reports).outcomes == merging.merge(reports[::-1]).outcomes == [ONE, TWO, THREE]


def test_what_was_done_counts_more_than_what_was_not_reached(tmp_path):
    other = Outcome(THREE.file, THREE.result, "done", 2.0)
    write_outcomes(tmp_path / "1.csv", [THREE])
    write_outcomes(tmp_path / "2.csv", [other])
    for order in (["1.csv", "2.csv"], ["2.csv", "1.csv"]):
        assert merging.merge([tmp_path / name for name in order]).outcomes == [other]


def test_reports_of_missing_parts_are_named(tmp_path):
    for number in (1, 3):
        write_outcomes(tmp_path / f"r-{number:02}-of-10.csv", [])
    missing = merging.merge([tmp_path / "r-01-of-10.csv", tmp_path / "r-03-of-10.csv"]).missing
    assert len(missing) == 8
    assert missing[0] == str(tmp_path / "r-02-of-10.csv")
    assert merging.merge([tmp_path / "r-01-of-10.csv"]).count("done") == 0


@pytest.mark.parametrize("text", ["no report", "file,result,status\na,b,done\n", "[1]", '{"a": 1}'])
@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_file_that_is_no_report_is_refused(tmp_path, text, suffix):
    path = tmp_path / f"r{suffix}"
    path.write_text(text)
    if suffix == ".csv" and not text.startswith("file"):
        path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is not a report"):
        merging.read_report(path)
