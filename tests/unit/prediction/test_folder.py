"""A folder of photographs can be pointed at and walked away from: stopped anywhere and started again, it gets done."""

import csv
import errno
import json
import os
import shutil
import threading
from pathlib import Path

import certificates
import numpy as np
import pytest
from PIL import Image
from support import Recorder, colorize, content

from fusioncolor import PredictConfig, colorize_folder, images
from fusioncolor.errors import InputError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.prediction import coloring, manifest
from fusioncolor.prediction import folder as folder_run
from fusioncolor.prediction.grid import Pages


def times(output: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in images.find_in(output)}


def test_a_rerun_does_nothing_again(folder, weights, tmp_path):
    assert colorize(folder, tmp_path / "out", weights).count("done") == 12
    before = times(tmp_path / "out")
    again = colorize(folder, tmp_path / "out", weights)
    assert times(tmp_path / "out") == before
    assert (again.count("done"), again.count("skipped"), again.count("failed")) == (0, 12, 0)
    assert all(outcome.width and outcome.seconds for outcome in again.outcomes)
    colorize(folder, tmp_path / "out", weights, skip_existing=False)
    assert not set(times(tmp_path / "out").values()) & set(before.values())


@pytest.mark.parametrize(("at", "interrupted"), [(2, False), (1, True)])
def test_ctrl_c_when_nothing_is_left_to_do_is_no_interruption(folder, tmp_path, monkeypatch, at, interrupted):
    photographs, interrupts = images.find_in(folder)[:2], []

    class Noted(folder_run.Interrupt):
        def __init__(self, on_request):
            super().__init__(on_request)
            interrupts.append(self)

    def add(self, outcome, whole=folder_run._Progress.add):
        whole(self, outcome)
        interrupts[0].requested = sum(self.counts.values()) == at

    def through(self, finished, interrupt, whole=coloring.FolderRun.through):
        for reached in whole(self, finished, interrupt):
            yield reached
            if interrupt.requested:
                return

    monkeypatch.setattr(folder_run, "Interrupt", Noted)
    monkeypatch.setattr(folder_run._Progress, "add", add)
    monkeypatch.setattr(coloring.FolderRun, "through", through)
    result = colorize_folder(photographs, output=tmp_path / "out", weights="gray", grid=True)
    assert result.interrupted is interrupted
    assert result.count("done") == at


def test_pictures_that_are_not_read_are_told_of(folder, tmp_path):
    (folder / "phone.heic").touch()
    told = Recorder()
    assert colorize(folder, tmp_path / "out", "gray", told).count("failed") == 0
    [warning] = told.warnings
    assert warning.startswith(f"left out: 1 of formats that are not read, such as {folder / 'phone.heic'}; save")


def test_options_are_given_by_name_or_in_a_config(folder, tmp_path):
    found = images.find_in(folder)
    result = colorize_folder([str(found[0]), found[1]], output=str(tmp_path / "out"), weights="gray", suffix="_new")
    assert result.count("done") == 2
    assert len(list((tmp_path / "out").glob("*_new.*"))) == 2
    with pytest.raises(TypeError, match="vividnes"):
        colorize_folder(folder, output=tmp_path / "out", vividnes=2)
    with pytest.raises(TypeError, match="'output' is given beside a PredictConfig"):
        colorize_folder(PredictConfig(photographs=[folder]), output=tmp_path)


def test_what_changed_is_done_again_and_nothing_else(folder, weights, tmp_path):
    output = tmp_path / "out"
    colorize(folder, output, weights)
    before = times(output)
    first, second, third, fourth, *_ = images.find_in(folder)
    shutil.copy(second, first)  # another photograph of the same name
    (output / second.relative_to(folder)).unlink()
    result = output / third.relative_to(folder)
    result.write_bytes(result.read_bytes()[:100])  # torn by somebody else
    images.write(folder / "new.png", images.read(fourth).rgb)
    colorize(folder, output, weights)
    changed = {name for name, time in times(output).items() if before.get(name) != time}
    assert changed == {first.name, second.name, third.name, "new.png"}


@pytest.mark.parametrize("options", [{"vividness": 1.5}, {"quality": 80}, {"refine": ["segment"]}])
def test_other_settings_do_everything_again(folder, weights, tmp_path, options):
    colorize(folder, tmp_path / "out", weights)
    before = times(tmp_path / "out")
    colorize(folder, tmp_path / "out", weights, **options)
    assert not set(times(tmp_path / "out").values()) & set(before.values())


def test_a_damaged_manifest_costs_time_not_pictures(folder, weights, tmp_path):
    output = tmp_path / "out"
    colorize(folder, output, weights)
    expected = content(output)
    lines = (output / manifest.FILE).read_text().splitlines(keepends=True)
    (output / manifest.FILE).write_text("".join(lines[:6]) + "no json\n[]\n" + lines[8][:20])
    assert colorize(folder, output, weights).count("failed") == 0
    assert {name: one for name, one in content(output).items() if name != manifest.FILE} == {
        name: one for name, one in expected.items() if name != manifest.FILE
    }


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_the_report_has_a_line_per_photograph_in_their_order(folder, weights, tmp_path, suffix):
    images.write(folder / "z-wide.png", np.full((20, 50, 3), 99, np.uint8))
    (folder / "bad.jpg").write_text("no picture")
    colorize(folder / "deep", tmp_path / "out" / "deep", weights)
    report = tmp_path / f"report{suffix}"
    assert colorize(folder, tmp_path / "out", weights, report=report).count("failed") == 1
    with open(report) as file:
        lines = json.load(file) if suffix == ".json" else list(csv.DictReader(file))
    assert [line["file"] for line in lines] == [str(path) for path in images.find_in(folder)]
    by_name = {Path(line["file"]).name: line for line in lines}
    assert by_name["bad.jpg"]["status"] == "failed"
    assert "not an image" in by_name["bad.jpg"]["reason"]
    assert by_name["z-wide.png"]["status"] == "done"
    assert (int(by_name["z-wide.png"]["width"]), int(by_name["z-wide.png"]["height"])) == (50, 20)
    assert float(by_name["z-wide.png"]["seconds"]) > 0
    colorize(folder, tmp_path / "out", weights, report=report)
    assert report.read_text().count("skipped") == 13


def test_the_report_of_a_rerun_knows_what_the_first_run_did(folder, weights, tmp_path):
    reports = []
    for name in ("one", "two"):
        colorize(folder, tmp_path / "out", weights, report=tmp_path / f"{name}.json")
        reports.append(json.loads((tmp_path / f"{name}.json").read_text()))
    for first, second in zip(*reports, strict=True):
        assert second == first | {"status": "skipped" if first["status"] == "done" else first["status"]}
    assert all(line["width"] and line["seconds"] for line in reports[1] if line["status"] == "skipped")


def test_a_second_command_on_the_same_folder_is_refused(folder, weights, tmp_path):
    with (
        manifest.opened(tmp_path / "out", "settings"),
        pytest.raises(InputError, match="another command is writing"),
    ):
        colorize(folder, tmp_path / "out", weights)


def test_files_that_were_being_written_at_a_kill_are_removed(folder, weights, tmp_path):
    left = tmp_path / "out" / "deep" / ".fusioncolor-0123abcd.png"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    (tmp_path / "out" / ".mine.png").write_bytes(b"somebody's")
    colorize(folder, tmp_path / "out", weights)
    assert not left.exists()
    assert (tmp_path / "out" / ".mine.png").exists()


def test_large_photographs_come_in_small_batches(folder, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(coloring, "_BATCH_PIXELS", 64 * 64 * 2)
    sizes = []
    real = Colorizer.predict

    def predict(self, inputs, *, batch_size):
        sizes.append((len(inputs), batch_size))
        return real(self, inputs, batch_size=batch_size)

    monkeypatch.setattr(Colorizer, "predict", predict)
    assert colorize(folder, tmp_path / "out", weights).count("failed") == 0
    assert sizes == [(2, 2)] * 6


def test_in_another_thread_a_run_leaves_the_signals_alone(folder, weights, tmp_path):
    results = []
    thread = threading.Thread(target=lambda: results.append(colorize(folder, tmp_path / "out", weights)))
    thread.start()
    thread.join()
    assert [result.count("done") for result in results] == [12]


def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(folder, weights, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        colorize(folder, tmp_path / "out", weights, report=tmp_path / "file" / "run.csv")
    assert images.find_in(tmp_path / "out") == []


def test_a_photograph_that_goes_away_meanwhile_is_no_reason_to_stop(folder, weights, tmp_path, monkeypatch):
    first = images.find_in(folder)[0]
    real = images.write

    def write(path, *arguments, **options):
        real(path, *arguments, **options)
        first.unlink(missing_ok=True)

    monkeypatch.setattr(images, "write", write)
    assert colorize(folder, tmp_path / "out", weights).count("failed") in (0, 1)
    assert len(images.find_in(tmp_path / "out")) >= 11


def test_a_photograph_named_twice_has_two_results_and_two_lines_in_the_report(folder, weights, tmp_path):
    one = images.find_in(folder)[0]
    result = colorize(folder, tmp_path / "out", weights, photographs=[one, one], report=tmp_path / "run.csv")
    assert result.count("done") == 2
    with open(tmp_path / "run.csv") as file:
        lines = list(csv.DictReader(file))
    assert len({line["result"] for line in lines if line["status"] == "done"}) == len(lines) == 2


def test_a_file_with_several_pages_is_done_and_said_to_have_more(folder, weights, tmp_path):
    pages = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    pages[0].save(folder / "scan.tif", save_all=True, append_images=pages[1:])
    reporter = Recorder()
    colorize(folder, tmp_path / "out", weights, reporter, report=tmp_path / "report.csv")
    assert reporter.warnings == [f"{folder / 'scan.tif'}: 3 pictures in one file; only the first is colorized"]
    assert "3 pictures in one file" in (tmp_path / "report.csv").read_text()


def test_a_photograph_that_is_replaced_while_it_is_colorized_is_done_again(folder, weights, tmp_path, monkeypatch):
    first, second = images.find_in(folder)[:2]
    read = images.read

    def replace_after_reading(path, **options):
        photograph = read(path, **options)
        if path == first:
            shutil.copy(second, first)
        return photograph

    monkeypatch.setattr(images, "read", replace_after_reading)
    assert colorize(folder, tmp_path / "out", weights).count("failed") == 0
    monkeypatch.setattr(images, "read", read)
    old = (tmp_path / "out" / first.relative_to(folder)).read_bytes()
    assert colorize(folder, tmp_path / "out", weights).count("failed") == 0
    assert (tmp_path / "out" / first.relative_to(folder)).read_bytes() != old


def test_a_subfolder_without_permission_is_named_and_the_rest_goes_on(folder, weights, tmp_path, monkeypatch):
    locked, scandir, access = folder / "deep", os.scandir, os.access

    def refuse(path):
        if Path(path) == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # the permissions themselves would not stop a superuser
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked and access(path, mode))
    reporter = Recorder()
    assert colorize(folder, tmp_path / "out", weights, reporter).count("failed") == 1
    assert reporter.errors == [f"{locked}: no permission to look into this folder"]
    assert len(images.find_in(tmp_path / "out")) == 6


@pytest.mark.parametrize("toned", [True, False])
def test_a_sepia_print_has_no_true_colors_unless_it_is_said_to_have(folder, weights, tmp_path, toned, monkeypatch):
    gray = images.read(images.find_in(folder)[0]).rgb[..., :1] / 255
    images.write(tmp_path / "in" / "print.png", (gray * (255, 220, 170)).astype(np.uint8))
    rows, told = [], Recorder()
    monkeypatch.setattr(coloring.Row, "of", lambda name, gray, actual, predicted: rows.append(actual))
    monkeypatch.setattr(Pages, "add", lambda *_: None)
    colorize(tmp_path / "in" / "print.png", tmp_path / "out", weights, reporter=told, grid=True, toned=toned)
    assert (rows[0] is None) is toned
    assert any("1 photograph of one hue" in message for message in told.infos) is toned


def pictures(output: Path) -> dict[str, str]:
    return {name: one for name, one in content(output).items() if not name.endswith(".jsonl")}


@pytest.mark.slow
def test_parts_stopped_and_done_again_in_any_order_give_the_bytes_of_a_single_run(
    folder, weights, tmp_path, monkeypatch
):
    monkeypatch.setattr(coloring, "_BATCH_PIXELS", 64 * 64 * 3)  # photographs of different sizes in one batch
    some = images.find_in(folder)
    images.write(folder / "small.png", images.resize(images.read(some[0]).rgb, (40, 40)))
    images.write(folder / "large.png", images.resize(images.read(some[1]).rgb, (90, 70)))
    colorize(folder, tmp_path / "whole", weights)
    output, real = tmp_path / "out", manifest.Manifest.record

    def killing(self, task, *arguments):
        if len(self._done) == 2:
            raise KeyboardInterrupt
        real(self, task, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(manifest.Manifest, "record", killing)
        for part in ("2/3", "1/3"):
            with pytest.raises(KeyboardInterrupt):
                colorize(folder, output, weights, shard=part)
    results = [colorize(folder, output, weights, shard=part) for part in ("3/3", "1/3", "2/3")]
    assert sum(result.count("done") + result.count("skipped") for result in results) == 14
    assert sum(result.count("skipped") for result in results) == 4
    assert pictures(output) == pictures(tmp_path / "whole")
    assert colorize(folder, output, weights).count("skipped") == 14


def test_a_part_without_photographs_has_an_empty_report(folder, weights, tmp_path):
    alone = images.find_in(folder)[0]
    results = [
        colorize(alone, tmp_path / "out", weights, shard=f"{part}/2", report=tmp_path / "r.json") for part in (1, 2)
    ]
    assert sorted(result.count("done") for result in results) == [0, 1]
    assert sorted(len(json.loads(path.read_text())) for path in tmp_path.glob("r-*.json")) == [0, 1]


def test_a_run_with_nothing_to_do_loads_no_network_not_even_for_a_grid(folder, weights, tmp_path, monkeypatch):
    output = tmp_path / "out"
    colorize(folder, output, weights, grid=True)
    before, pages = times(output), [page.read_bytes() for page in sorted((output / "grids").iterdir())]

    def refuse(self):
        raise AssertionError("the network is loaded")

    monkeypatch.setattr(coloring.FolderRun, "session", property(refuse))
    assert colorize(folder, output, weights).count("skipped") == 12
    for page in (output / "grids").iterdir():
        page.unlink()
    assert colorize(folder, output, weights, grid=True).count("skipped") == 12
    assert [page.read_bytes() for page in sorted((output / "grids").iterdir())] == pages
    photographs = {name for name in before if not name.startswith("page-")}
    assert {name: time for name, time in times(output).items() if name in photographs} == {
        name: before[name] for name in photographs
    }


def test_a_grid_is_drawn_again_only_if_a_picture_on_it_has_changed(folder, tmp_path):
    output = tmp_path / "out"
    pages = colorize(folder, output, "gray", grid=True).pages
    before = times(output / "grids")
    assert colorize(folder, output, "gray", grid=True).pages == pages
    assert times(output / "grids") == before
    colorize(folder, output, "gray", grid=True, toned=False)
    drawn = times(output / "grids")
    assert all(drawn[name] > before[name] for name in before)
    images.find_in(output, exclude=output / "grids")[0].unlink()
    assert colorize(folder, output, "gray", grid=True, toned=False).pages == pages
    assert all(time > drawn[name] for name, time in times(output / "grids").items())


def test_rows_of_the_same_name_are_told_apart_by_their_folders(tmp_path, monkeypatch):
    for name in ("1958", "1961"):
        images.write(tmp_path / name / "a.png", np.full((20, 30, 3), 99, np.uint8))
    rows = []
    monkeypatch.setattr(Pages, "add", lambda self, row: rows.append(row.name))
    colorize(None, tmp_path / "out", "gray", photographs=[tmp_path / "1958", tmp_path / "1961"], grid=True)
    assert rows == ["1958/a.png", "1961/a.png"]


@pytest.mark.slow
def test_a_grid_of_several_columns_takes_the_finished_pictures_too(folder, weights, tmp_path):
    colorize(folder, tmp_path / "out", weights, refine=["segment"])
    before = times(tmp_path / "out")
    again = colorize(folder, tmp_path / "out", weights, refine=["segment"], grid=True)
    assert (again.count("skipped"), again.pages) == (12, 2)
    after = times(tmp_path / "out")
    assert {name: after[name] for name in before} == before
    colorize(folder, tmp_path / "whole", weights, refine=["segment"], grid=True)
    for page in (tmp_path / "whole" / "grids").iterdir():
        assert page.read_bytes() == (tmp_path / "out" / "grids" / page.name).read_bytes()


def test_hints_beside_a_photograph_color_it_alone_and_their_change_is_noticed(folder, weights, tmp_path):
    output = tmp_path / "out"
    colorize(folder, output, weights)
    before = times(output)
    one = images.find_in(folder)[0]
    beside = one.with_name(f"{one.stem}.hint.json")
    beside.write_text(json.dumps([{"x": 9, "y": 9, "color": "red"}]))
    images.write(one.with_name(f"{one.stem}.scribble.png"), *scribble((60, 60), (0, 0, 200)))
    again = colorize(folder, output, weights)
    assert (again.count("done"), again.count("skipped")) == (1, 11)
    assert {name for name, time in times(output).items() if before[name] != time} == {one.name}
    rgb = images.read(output / one.relative_to(folder)).rgb.astype(int)
    assert rgb[9, 9, 0] > rgb[9, 9, 2]
    assert rgb[60, 60, 2] > rgb[60, 60, 0]
    beside.unlink()
    assert colorize(folder, output, weights).count("done") == 1


def scribble(at: tuple[int, int], rgb: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    picture, alpha = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)
    picture[at], alpha[at] = rgb, 255
    return picture, alpha


def test_signed_results_are_finished_until_the_certificate_changes(folder, tmp_path):
    c2pa = pytest.importorskip("c2pa")
    chain, key, _ = certificates.make(tmp_path)
    Image.new("L", (8, 8)).save(folder / "plain.bmp")
    options = {"sign_cert": chain, "sign_key": key}
    first = colorize(folder, tmp_path / "out", "gray", **options)
    assert (first.count("done"), first.count("failed")) == (12, 1)  # BMP holds no signature
    for path in images.find_in(tmp_path / "out"):
        with c2pa.Reader(path) as reader:
            assert reader.get_validation_state() == "Valid"
    again = colorize(folder, tmp_path / "out", "gray", **options)
    assert (again.count("skipped"), again.count("failed")) == (12, 1)
    certificates.make(tmp_path)
    assert colorize(folder, tmp_path / "out", "gray", **options).count("done") == 12
    assert colorize(folder, tmp_path / "out", "gray").count("done") == 13
