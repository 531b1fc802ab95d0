import pytest

from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError
from fusioncolor.video import plan, segments

pytest.importorskip("av")


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in.mp4").touch()
    return tmp_path / "in.mp4"


def test_a_result_that_is_there_is_refused_unless_it_is_unfinished_or_may_be_replaced(source, tmp_path):
    output = tmp_path / "out.mp4"
    plan.check(VideoConfig(source=source, output=output))
    output.touch()
    with pytest.raises(InputError, match="already there"):
        plan.check(VideoConfig(source=source, output=output))
    plan.check(VideoConfig(source=source, output=output, overwrite=True))
    with segments.working(output, "settings"):
        plan.check(VideoConfig(source=source, output=output))


def test_a_folder_with_files_is_refused(source, tmp_path):
    (tmp_path / "out").mkdir()
    plan.check(VideoConfig(source=source, output=tmp_path / "out"))
    (tmp_path / "out" / "a").touch()
    with pytest.raises(InputError, match="already there"):
        plan.check(VideoConfig(source=source, output=tmp_path / "out"))


def test_a_wrong_hint_is_told_at_once(source, tmp_path):
    with pytest.raises(InputError, match="not a hint"):
        plan.check(VideoConfig(source=source, output=tmp_path / "out.mp4", hint=["3:nothing"]))
