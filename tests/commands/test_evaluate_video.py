"""`fusioncolor evaluate-video` as a user runs it."""

import pytest
import videos

from fusioncolor import images
from fusioncolor.cli import commands

pytest.importorskip("av")


def test_the_figures_are_printed_with_what_they_do_not_say(run_command, scenes, tmp_path):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(6), chroma=(100, 150))
    options = ["--weights", "mean", "--reference", images.find_in(scenes)[0]]
    done = run_command("evaluate-video", clip, *options)
    assert done.returncode == 0, done.stderr
    for way in ("truth", "gray", "frame by frame", "averaged over time, without motion", "steady"):
        assert f"\n| {way} | " in done.stdout
    assert f"{clip}: 6 frames, 1 shot\n" in done.stdout
    assert "\n\nGray does not flicker because it has no color to change" in done.stdout


def test_mistakes_are_one_line_each(capsys, tmp_path):
    clip = videos.write(tmp_path / "in.mkv", videos.pictures(1))
    for arguments, sentence in (
        ([], "CLIP is missing"),
        ([tmp_path / "none.mp4"], "no such file"),
        ([clip, "--weights", tmp_path / "none"], "no weights folder"),
        ([clip, "--seconds", "0"], "--seconds must be above 0"),
    ):
        assert commands.main(["evaluate-video", *map(str, arguments)]) == 2
        error = capsys.readouterr().err
        assert sentence in error
        assert error.count("\n") == 1
