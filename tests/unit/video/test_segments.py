import json

import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.video import segments
from fusioncolor.video.steadying import Memory

MEMORY = Memory(np.ones((2, 3, 2), np.float32), np.zeros((2, 3), np.float32), np.full((2, 3), 4, np.float32), 5)


def close(work, pts, memory=None):
    work.next_path().write_bytes(b"segment")
    work.close(pts, memory)


def test_a_run_goes_on_after_the_segments_that_are_closed(tmp_path):
    output = tmp_path / "out.mp4"
    with segments.working(output, "settings") as work:
        close(work, [0, 40, 80], MEMORY)
        close(work, [120, 160], MEMORY)
        work.next_path().write_bytes(b"torn")
    assert segments.is_unfinished(output)
    with segments.working(output, "settings") as work:
        assert [list(one.pts) for one in work.segments] == [[0, 40, 80], [120, 160]]
        assert work.resumed == 5
        np.testing.assert_array_equal(work.memory().age, MEMORY.age)
        assert work.memory().count == 5


def test_after_a_cut_there_is_no_memory(tmp_path):
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        close(work, [0], MEMORY)
        close(work, [40], None)
        assert work.memory() is None


def test_other_settings_begin_anew(tmp_path):
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        close(work, [0], MEMORY)
    with segments.working(tmp_path / "a.mp4", "others") as work:
        assert not work.segments
        assert sorted(path.name for path in work.folder.iterdir()) == ["lock", "segments.jsonl"]


def test_a_damaged_record_or_segment_is_made_again(tmp_path):
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        close(work, [0])
        close(work, [40])
    record = work.folder / "segments.jsonl"
    record.write_text(record.read_text() + '{"bytes": 7, "pts"')
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        assert work.resumed == 2
    (work.folder / "000000.mkv").write_bytes(b"?")
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        assert work.resumed == 0


def test_two_commands_on_one_result_are_refused(tmp_path):
    again = segments.working(tmp_path / "a.mp4", "settings")
    with segments.working(tmp_path / "a.mp4", "settings"), pytest.raises(InputError, match="another command is making"):
        again.__enter__()


def test_the_record_is_text_that_a_person_can_read(tmp_path):
    with segments.working(tmp_path / "a.mp4", "settings") as work:
        close(work, [0, 40])
    lines = (work.folder / "segments.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"settings": "settings"}
    assert json.loads(lines[1])["pts"] == [0, 40]
