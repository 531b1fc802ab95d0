import math
from types import SimpleNamespace

import pytest
import videos

from fusioncolor import images
from fusioncolor.config import EvaluateVideoConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import Reporter
from fusioncolor.video import evaluating
from fusioncolor.video.evaluating import evaluate_video

pytest.importorskip("av")


@pytest.fixture
def options(scenes):
    return {"weights": "mean", "reference": [images.find_in(scenes)[0]]}


def test_a_color_clip_is_colorized_and_measured_in_every_way(options, tmp_path):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(14, cut=7), chroma=(100, 150))
    evaluation = evaluate_video(EvaluateVideoConfig(clips=[clip], results=[clip], **options))
    [found] = evaluation.clips
    assert (found.frames, found.shots) == (14, 2)
    rows = evaluation.rows
    assert list(rows) == ["truth", "gray", "frame by frame", "averaged over time, without motion", "steady", "in.mkv"]
    assert rows["in.mkv"]["PSNR (dB)"] == rows["truth"]["PSNR (dB)"] == math.inf
    assert rows["gray"]["colorfulness"] < 1 < rows["steady"]["colorfulness"] < rows["truth"]["colorfulness"]
    assert rows["gray"]["flicker (Lab)"] < 0.01
    assert rows["steady"]["leak over a cut (Lab)"] == pytest.approx(0, abs=0.1)  # a mean has nothing to leak


def test_of_several_clips_each_is_shown_and_their_mean(options, tmp_path):
    cut = videos.write(tmp_path / "cut.mkv", videos.pictures(10, cut=5), chroma=(100, 150))
    pan = videos.write(tmp_path / "pan.mkv", videos.pictures(6), chroma=(120, 140))
    evaluation = evaluate_video([cut, str(pan)], **options)
    first, second = (clip.rows["truth"]["colorfulness"] for clip in evaluation.clips)
    assert evaluation.rows["truth"]["colorfulness"] == pytest.approx((first + second) / 2)
    leak = evaluation.rows["steady"]["leak over a cut (Lab)"]
    assert leak == evaluation.clips[0].rows["steady"]["leak over a cut (Lab)"]  # there is no cut in the other
    shown = evaluation.markdown()
    assert f"{cut}: 10 frames, 2 shots\n\n| colors | flicker (Lab)" in shown
    assert f"{pan}: 6 frames, 1 shot\n\n| colors |" in shown
    assert "\n\nMean of 2 clips\n\n| colors |" in shown


def test_the_truth_may_be_another_file_and_only_the_beginning_is_measured(options, tmp_path):
    clip = videos.write(tmp_path / "gray.mkv", videos.pictures(14))
    truth = videos.write(tmp_path / "color.mkv", videos.pictures(14), chroma=(100, 150))
    evaluation = evaluate_video(clip, truth=truth, seconds=0.2, size=32, **options)
    assert evaluation.clips[0].frames == 5
    assert evaluation.rows["truth"]["colorfulness"] > 10


def test_a_gray_clip_is_told(options, tmp_path):
    clip, told = videos.write(tmp_path / "gray.mkv", videos.pictures(6)), []
    reporter = Reporter()
    reporter.warning = told.append
    evaluate_video(clip, reporter=reporter, **options)
    wanted = f"{clip}: has no color, so that there is nothing to compare with; name a color video, or the true colors"
    assert wanted in told[-1]


def test_a_result_that_is_too_short_is_one_sentence(options, tmp_path):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(6), chroma=(100, 150))
    short = videos.write(tmp_path / "short.mkv", videos.pictures(3))
    with pytest.raises(InputError, match=r"short\.mkv: has 3 frames, but 6 are to be measured; lower `seconds`"):
        evaluate_video(clip, results=[short], **options)


def test_ctrl_c_stops_the_evaluation(options, tmp_path, monkeypatch):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(6), chroma=(100, 150))
    monkeypatch.setattr(evaluating, "colorize_video", lambda *_, **__: SimpleNamespace(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        evaluate_video(clip, **options)


def test_what_cannot_be_read_is_told_before_anything_is_colorized(options, tmp_path, monkeypatch):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(6), chroma=(100, 150))
    (tmp_path / "torn.mkv").write_bytes(b"no video")
    monkeypatch.setattr(evaluating, "colorize_video", lambda *_, **__: pytest.fail("colorized"))
    with pytest.raises(InputError, match=r"torn\.mkv: not a video"):
        evaluate_video([clip, tmp_path / "torn.mkv"], **options)


def test_results_of_the_same_name_are_told_apart(options, tmp_path):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(6), chroma=(100, 150))
    others = [tmp_path / name / "out.mkv" for name in ("one", "two")]
    for other in others:
        other.parent.mkdir()
        videos.write(other, videos.pictures(6), chroma=(120, 140))
    assert list(evaluate_video(clip, results=others, **options).rows)[5:] == list(map(str, others))
