import pytest

from fusioncolor import files


def test_lines_are_on_the_disk_once_appended_and_there_when_opened_again(tmp_path):
    path = tmp_path / "a.jsonl"
    with files.journal(path) as journal:
        assert journal.lines == ()
        journal.append("one")
        assert path.read_text() == "one\n"
        journal.append("two \udcff")  # a file name may be any bytes
    with files.journal(path) as journal:
        assert journal.lines == ("one", "two \udcff")


def test_a_line_cut_short_by_a_kill_is_dropped_from_the_file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("öne\ntw")
    with files.journal(path) as journal:
        assert journal.lines == ("öne",)
        journal.append("three")
    assert path.read_text() == "öne\nthree\n"


def test_a_folder_that_is_missing_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError), files.journal(tmp_path / "none" / "a.jsonl"):
        pass
