"""`fusioncolor video` as a user runs it."""

import pytest
import videos

from fusioncolor import images
from fusioncolor.cli import commands

pytest.importorskip("av")


def complain(capsys, *arguments) -> str:
    """Runs the command, which must fail with exit code 2 and one line; returns the line."""
    assert commands.main(["video", *map(str, arguments)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_video_is_colorized(run_command, weights, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(6))
    done = run_command("video", source, tmp_path / "out.mp4", "--weights", weights, "--keyframes", 4)
    assert done.returncode == 0, done.stderr
    assert "6 frames colorized" in done.stdout
    assert len(videos.luma_of(tmp_path / "out.mp4")) == 6


def test_mistakes_are_one_line_each(capsys, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(1))
    assert "OUT is missing" in complain(capsys, source)
    assert "no such file" in complain(capsys, tmp_path / "none.mp4", tmp_path / "out.mp4")
    assert "the source itself" in complain(capsys, source, source)
    assert "too few colors" in complain(capsys, source, tmp_path / "out.gif")
    assert "--codec ffv1 goes into" in complain(capsys, source, tmp_path / "out.mp4", "--codec", "ffv1")
    assert "no weights folder" in complain(capsys, source, tmp_path / "out.mp4", "--weights", tmp_path / "none")
    assert "--keyframes must be from 1 to 30" in complain(capsys, source, tmp_path / "out.mp4", "--keyframes", "0")


def test_what_is_no_video_is_one_line(run_command, scenes, tmp_path):
    (tmp_path / "in.mp4").write_text("no video")
    options = ["--weights", "mean", "--reference", images.find_in(scenes)[0]]
    done = run_command("video", tmp_path / "in.mp4", tmp_path / "out.mp4", *options)
    assert done.returncode == 2
    assert "not a video that FFmpeg can read" in done.stderr
    assert done.stderr.count("\n") == 1
