"""`predict.py` as a user runs it."""

import os
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from fusioncolor import color, images, metrics


@pytest.fixture(scope="module")
def folder(scenes, tmp_path_factory):
    """Photographs of many kinds in a tree, and one file that is none."""
    folder = tmp_path_factory.mktemp("photographs")
    rgb = images.read(images.find_in(scenes)[0]).rgb
    images.write(folder / "color.png", rgb)
    images.write(folder / "deep" / "er" / "wide é.jpg", images.resize(rgb, (20, 333)))
    Image.fromarray(rgb[..., 1]).save(folder / "deep" / "gray.png")
    Image.fromarray(rgb[:1, :5]).save(folder / "tiny.png")
    Image.fromarray(np.dstack([rgb, rgb[..., 0]])).save(folder / "alpha.png")
    Image.fromarray(rgb).convert("P").save(folder / "palette.gif")
    (folder / "bad.jpg").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def done(folder, weights, run_script, tmp_path_factory):
    output = tmp_path_factory.mktemp("output") / "out"
    process = run_script("predict.py", folder, "--output", output, "--weights", weights, "--grid", "--batch-size", 3)
    return process, output


def test_one_bad_file_is_one_line_the_rest_goes_on_and_the_exit_code_is_1(done):
    process, _ = done
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert process.stderr.count("bad.jpg") == 1
    assert "6 photographs colorized" in process.stdout


def test_the_tree_and_the_sizes_are_kept(done, folder):
    _, output = done
    written = {path.relative_to(output).as_posix() for path in images.find_in(output, exclude=output / "grids")}
    expected = {"color.png", "deep/er/wide é.jpg", "deep/gray.png", "tiny.png", "alpha.png", "palette.png"}
    assert written == expected
    for name in expected - {"palette.png"}:
        assert images.read(output / name).rgb.shape == images.read(folder / name).rgb.shape


def test_lightness_and_transparency_are_kept(done, folder):
    _, output = done
    for name in ["color.png", "deep/gray.png", "tiny.png", "alpha.png"]:
        before, after = images.read(folder / name), images.read(output / name)
        change = np.abs(color.rgb_to_lightness(after.rgb) - color.rgb_to_lightness(before.rgb)).max()
        assert change < 1  # rounding to 8 bits
    np.testing.assert_array_equal(after.alpha, before.alpha)


def test_gray_photographs_are_colorized(done):
    _, output = done
    assert not images.is_gray(images.read(output / "deep" / "gray.png").rgb)


def test_a_page_of_the_grid_is_written(done):
    process, output = done
    with Image.open(output / "grids" / "page-001.png") as page:
        assert page.width > 500
    assert "grayscale / actual / predicted" in process.stdout


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes(done, folder, weights, run_script, tmp_path):
    _, output = done
    again = run_script("predict.py", folder, "--output", tmp_path / "again", "--weights", weights, "--batch-size", 3)
    assert again.returncode == 1
    assert len(images.find_in(tmp_path / "again")) == 6
    for path in images.find_in(tmp_path / "again"):
        assert path.read_bytes() == (output / path.relative_to(tmp_path / "again")).read_bytes()


def test_several_weights_make_several_columns(folder, weights, trained_run, run_command, tmp_path):
    pair = run_command(
        "predict", folder / "color.png", "--output", tmp_path, "--weights", weights, trained_run / "last", "--grid"
    )
    assert pair.returncode == 0, pair.stderr
    one = run_command("predict", folder / "color.png", "--output", tmp_path / "one", "--weights", weights, "--grid")
    assert one.returncode == 0, one.stderr
    widths = [Image.open(path / "grids" / "page-001.png").width for path in (tmp_path, tmp_path / "one")]
    assert widths[0] > widths[1]


def test_the_truth_gives_gray_photographs_an_actual_column(scenes, weights, run_command, tmp_path):
    source = images.find_in(scenes)[0]
    Image.open(source).convert("L").save(tmp_path / source.name)
    common = [tmp_path / source.name, "--weights", weights, "--grid"]
    without = run_command("predict", *common, "--output", tmp_path / "a")
    with_truth = run_command("predict", *common, "--output", tmp_path / "b", "--truth", scenes)
    assert without.returncode == with_truth.returncode == 0
    widths = [Image.open(tmp_path / name / "grids" / "page-001.png").width for name in "ab"]
    assert widths[1] > widths[0]


def test_without_photographs_the_demonstration_runs(weights, run_script, tmp_path):
    process = run_script("predict.py", "--weights", weights, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "out" / "grids" / "page-001.png").exists()
    assert (tmp_path / "out" / "rocket.jpg").exists()


@pytest.mark.slow
def test_vivid_pictures_are_more_colorful(run_command, tmp_path):
    images.write(tmp_path / "coffee.png", data.coffee())
    colorful = {}
    for option in ("--no-vivid", "--vivid"):
        done = run_command("predict", tmp_path / "coffee.png", "--output", tmp_path / option, option)
        assert done.returncode == 0, done.stderr
        colorful[option] = metrics.colorfulness(np.asarray(Image.open(tmp_path / option / "coffee.png")))
    assert colorful["--vivid"] > 1.1 * colorful["--no-vivid"]


def test_a_file_without_suffix_is_colorized_to_png(folder, weights, run_command, tmp_path):
    (tmp_path / "scan").write_bytes((folder / "color.png").read_bytes())
    done = run_command("predict", tmp_path / "scan", "--output", tmp_path / "out", "--weights", weights)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "scan.png").exists()


def test_an_output_folder_that_cannot_be_written_is_refused_at_once(folder, weights, run_command, tmp_path):
    (tmp_path / "file").touch()
    process = run_command("predict", folder / "color.png", "--output", tmp_path / "file" / "x", "--weights", weights)
    assert process.returncode == 2
    assert "cannot write to" in process.stderr
    assert process.stderr.count("\n") == 1


def test_refinements_and_hints_show_before_and_after_and_change_the_written_picture(
    folder, weights, run_command, tmp_path
):
    common = [folder / "color.png", "--weights", weights, "--grid"]
    plain = run_command("predict", *common, "--output", tmp_path / "a")
    options = ["--refine", "segment", "chrominance", "--hint", "5,5,#ff0000"]
    refined = run_command("predict", *common, *options, "--output", tmp_path / "b")
    assert plain.returncode == refined.returncode == 0, refined.stderr
    pages = [Image.open(tmp_path / name / "grids" / "page-001.png").width for name in "ab"]
    assert pages[1] > pages[0]
    pictures = [images.read(tmp_path / name / "color.png").rgb.astype(int) for name in "ab"]
    assert np.abs(pictures[0] - pictures[1]).max() > 20


def test_baselines_stand_beside_weights_in_a_grid(folder, weights, scenes, run_command, tmp_path):
    names = [weights, "gray", "mean", "random", "welsh", "oracle_mean"]
    options = ["--grid", "--reference", scenes, "--weights", *names]
    process = run_command("predict", folder / "color.png", "--output", tmp_path, *options)
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "grids" / "page-001.png").exists()


def test_a_decoder_on_a_regression_model_is_one_line(folder, weights, run_command, tmp_path):
    options = ["--output", tmp_path, "--weights", weights, "--decode", "mode"]
    process = run_command("predict", folder / "color.png", *options)
    assert process.returncode == 2
    assert "need a classification model" in process.stderr
    assert process.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text here")
def test_a_file_name_of_any_bytes_is_colorized_and_shown(folder, weights, run_command, tmp_path):
    name = os.fsdecode(b"caf\xe9 $a$_.png")
    (tmp_path / name).write_bytes((folder / "color.png").read_bytes())
    output = tmp_path / os.fsdecode(b"out\xff")
    done = run_command("predict", tmp_path / name, "--output", output, "--weights", weights, "--grid")
    assert done.returncode == 0, done.stderr
    assert (output / name).exists()
