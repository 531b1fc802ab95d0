from pathlib import Path

import pytest

from fusioncolor import images
from fusioncolor.config import PredictConfig
from fusioncolor.config.sharding import Shard
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest, plan


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def targets(found, output=Path("out")):
    return [task.target.relative_to(output).as_posix() for task in plan.assign_targets(found, output)]


def test_the_tree_of_a_folder_is_kept(tmp_path):
    folder = touch(tmp_path / "in", "x/a.jpg", "y/a.jpg", "b.png")
    assert targets(images.find([folder])) == ["b.png", "x/a.jpg", "y/a.jpg"]


def test_single_files_go_to_the_top_of_the_output(tmp_path):
    folder = touch(tmp_path, "x/a.jpg")
    assert targets(images.find([folder / "x" / "a.jpg"])) == ["a.jpg"]


def test_two_results_never_share_a_file(tmp_path):
    touch(tmp_path, "x/a.jpg", "y/A.JPG", "z/a.gif", "z/a.png")  # A.JPG is a.jpg on some file systems
    found = images.find([tmp_path / "x", tmp_path / "y", tmp_path / "z"])
    assert targets(found) == ["a.jpg", "y/A.JPG", "a.png", "a-2.png"]


def test_two_folders_of_the_same_names_are_told_apart_by_theirs(tmp_path):
    touch(tmp_path, "one/scans/1.png", "one/scans/sub/2.png", "two/1.png", "two/sub/2.png", "three/scans/1.png")
    found = images.find([tmp_path / "one" / "scans", tmp_path / "two", tmp_path / "three" / "scans"])
    planned = plan.assign_targets(found, Path("out"))
    names = ["1.png", "sub/2.png", "two/1.png", "two/sub/2.png", "1-2.png"]
    assert [task.target.relative_to("out").as_posix() for task in planned] == names
    assert [task.renamed for task in planned] == [False, False, True, True, False]


def test_a_result_of_an_earlier_run_is_replaced_by_that_of_the_same_photograph_only(tmp_path):
    mine, other = touch(tmp_path / "a", "1.png"), touch(tmp_path / "b", "1.png", "2.png")
    out = touch(tmp_path / "out", "1.png")
    with manifest.opened(out, "settings") as finished:
        finished.record(plan.Task(mine / "1.png", out / "1.png"), "stamp")
    owners = manifest.owners(out)
    assert owners == {"1.png": str((mine / "1.png").resolve())}

    def planned(folder):
        return [
            task.target.relative_to(out).as_posix()
            for task in plan.assign_targets(images.find([folder]), out, owners=owners)
        ]

    assert planned(mine) == ["1.png"]
    assert planned(other) == ["b/1.png", "2.png"]
    (out / "1.png").unlink()
    owners = manifest.owners(out)
    assert planned(other) == ["1.png", "2.png"]


def test_an_input_is_never_overwritten(tmp_path):
    folder = touch(tmp_path / "in", "a.jpg")
    for output in (folder, tmp_path):
        with pytest.raises(InputError, match="inputs are never overwritten"):
            plan.assign_targets(images.find([folder]), output)


def test_color_originals_are_never_overwritten(tmp_path):
    gray, truth = touch(tmp_path / "gray", "a.png"), touch(tmp_path / "color", "a.png")
    with pytest.raises(InputError, match="color originals are in the output folder"):
        plan.assign_targets(images.find([gray]), truth, truth)


def test_results_get_the_ending_that_is_asked_for(tmp_path):
    folder = touch(tmp_path / "in", "x/a.jpg", "b.gif")
    planned = plan.assign_targets(images.find([folder]), Path("out"), ending="_colorized")
    assert [task.target.relative_to("out").as_posix() for task in planned] == ["b_colorized.png", "x/a_colorized.jpg"]


def test_a_task_is_stamped_with_its_hints(tmp_path):
    folder = touch(tmp_path / "in", "a.jpg", "a.hint.json")
    [task] = plan.assign_targets(images.find([folder]), Path("out"))
    before = task.stamp()
    (folder / "a.hint.json").write_text("[]")
    assert task.stamp() != before


def test_formats_that_are_not_written_become_png(tmp_path):
    folder = touch(tmp_path / "in", "a.gif", "scan", "b.psd")
    found = images.find([folder / "a.gif", folder / "scan", folder / "b.psd"])
    assert targets(found) == ["a.png", "scan.png", "b.png"]


def test_results_inside_the_input_folder_are_not_colorized_again(tmp_path):
    folder = touch(tmp_path / "in", "a.jpg", "out/a.jpg")
    found = images.find([folder], exclude=folder / "out")
    assert [task.target for task in plan.assign_targets(found, folder / "out")] == [folder / "out" / "a.jpg"]


def test_the_truth_is_found_by_relative_path_whatever_its_suffix(tmp_path):
    gray, truth = touch(tmp_path / "gray", "x/a.png", "b.png"), touch(tmp_path / "color", "x/A.JPG")
    planned = plan.assign_targets(images.find([gray]), tmp_path / "out", truth)
    assert [task.truth for task in planned] == [None, truth / "x" / "A.JPG"]


def test_of_a_pair_of_folders_the_gray_half_is_colorized_and_the_other_is_the_truth(tmp_path):
    touch(
        tmp_path / "set", "gray/1.jpg", "gray/sub/2.jpg", "gray/3.jpg", "color/1.png", "color/sub/2.jpg", "other/4.jpg"
    )
    planned = plan.tasks(PredictConfig(photographs=[tmp_path / "set"], output=tmp_path / "out"))
    truths = {task.source.relative_to(tmp_path / "set").as_posix(): task.truth and task.truth.name for task in planned}
    assert truths == {"gray/1.jpg": "1.png", "gray/3.jpg": None, "gray/sub/2.jpg": "2.jpg", "other/4.jpg": None}
    alone = plan.tasks(PredictConfig(photographs=[tmp_path / "set" / "color"], output=tmp_path / "out"))
    assert len(alone) == 2


def test_one_at_a_time_it_is_the_same_plan(tmp_path):
    touch(tmp_path / "set", "gray/1.jpg", "color/1.png", "other/4.jpg", "other/4.gif", "other/4.hint.json", "4.jpg")
    touch(tmp_path / "more", "4.jpg", "5.heic")
    config = PredictConfig(photographs=[tmp_path / "set", tmp_path / "more"], output=tmp_path / "out")
    whole, each = images.UnreadPictures(), images.UnreadPictures()
    planned = plan.tasks(config, unread=whole)
    assert len(planned) == 5
    assert list(plan.each_task(config, owners={}, taken={}, unread=each)) == planned
    assert whole.count == each.count == 1
    with pytest.raises(InputError, match="name `photographs`"):
        next(plan.each_task(PredictConfig(), owners={}, taken={}))


def test_every_photograph_is_in_one_part_whatever_else_is_in_the_folder(tmp_path):
    for name in [*(f"{number}.png" for number in range(40)), "sub/caf\u00e9.png"]:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()

    def part(shard):
        return plan.tasks(PredictConfig(photographs=[tmp_path / "in"], output=tmp_path / "out", shard=shard))

    parts = [part(f"{number}/5") for number in range(1, 6)]
    assert sorted(task.source for tasks in parts for task in tasks) == [task.source for task in part(None)]
    assert all(4 <= len(tasks) <= 14 for tasks in parts)
    for number in range(20):
        (tmp_path / "in" / f"{number}.png").unlink()
    for number, before in enumerate(parts, 1):
        assert part(f"{number}/5") == [task for task in before if task.source.exists()]


def test_parts_are_the_same_on_every_machine_and_in_every_version():
    assert [number for number in range(1, 17) if plan.is_mine(Shard(number, 16), Path("a/b.png"))] == [12]
