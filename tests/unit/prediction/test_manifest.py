import errno
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from support import colorize, content

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest
from fusioncolor.prediction.plan import Task


def test_files_that_another_command_writes_in_a_folder_below_stay(tmp_path):
    mine, others = tmp_path / "out" / "a", tmp_path / "out" / "b"
    for folder in (mine, others):
        folder.mkdir(parents=True)
        (folder / ".fusioncolor-01234567.png").touch()
    (others / manifest.FILE).touch()
    with manifest.opened(tmp_path / "out", "settings"):
        pass
    assert not list(mine.iterdir())
    assert (others / ".fusioncolor-01234567.png").exists()


def planned(output, *names):
    return [Task(output / name, output / name) for name in names]


def test_parts_share_a_folder_but_no_part_is_done_twice_at_once(tmp_path):
    with manifest.opened(tmp_path, "settings", part="1-of-2"):
        with manifest.opened(tmp_path, "settings", part="2-of-2"):
            pass
        with pytest.raises(InputError, match="the same `shard`"), manifest.opened(tmp_path, "s", part="1-of-2"):
            pass
        with pytest.raises(InputError, match="another command is writing"), manifest.opened(tmp_path, "settings"):
            pass
    with (
        manifest.opened(tmp_path, "settings"),
        pytest.raises(InputError, match="another command is writing"),
        manifest.opened(tmp_path, "settings", part="1-of-2"),
    ):
        pass


def test_what_one_part_has_recorded_the_others_and_the_whole_know(tmp_path):
    tasks = planned(tmp_path, "a.png", "b.png")
    for task in tasks:
        task.target.write_bytes(b"picture")
    seen = [files.stamp(task.source) for task in tasks]
    with manifest.opened(tmp_path, "settings", part="1-of-2", planned=tasks) as first:
        first.record(tasks[0], seen[0])
    with manifest.opened(tmp_path, "settings", part="3-of-5", planned=tasks) as other:
        assert [other.is_done(task) for task in tasks] == [True, False]
        other.record(tasks[1], seen[1])
    with manifest.opened(tmp_path, "settings") as whole:
        assert all(whole.is_done(task) for task in tasks)
    assert manifest.owners(tmp_path) == {task.target.name: manifest.identity(task.source) for task in tasks}


def test_a_part_removes_what_it_left_unfinished_and_nothing_of_the_others(tmp_path):
    mine, others, bystander = (tmp_path / f".fusioncolor-0123abc{name}.png" for name in ("d@1-of-2", "e@2-of-2", "f"))
    for path in (mine, others, bystander):
        path.touch()
    with manifest.opened(tmp_path, "settings", part="1-of-2", planned=planned(tmp_path, "a.png")):
        assert [path.exists() for path in (mine, others, bystander)] == [False, True, True]
    with manifest.opened(tmp_path, "settings"):
        assert not others.exists()


def without_locks(monkeypatch) -> None:
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(pytest.importorskip("fcntl"), "flock", refuse)


def test_without_locks_what_another_command_may_be_writing_stays(tmp_path, monkeypatch):
    without_locks(monkeypatch)
    others = tmp_path / ".fusioncolor-0123abcd@1-of-2.png"
    others.touch()
    for options in ({"part": "1-of-2"}, {"part": "1-of-2", "planned": planned(tmp_path, "a.png")}, {}):
        with manifest.opened(tmp_path, "settings", **options):
            assert others.exists()


def test_without_locks_commands_on_the_same_part_do_it_twice_and_every_file_is_whole(folder, tmp_path, monkeypatch):
    colorize(folder, tmp_path / "whole", "gray")
    without_locks(monkeypatch)
    both, opened = Barrier(2, timeout=60), manifest.opened

    def together(*arguments, **options):
        both.wait()
        return opened(*arguments, **options)

    monkeypatch.setattr(manifest, "opened", together)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(colorize, folder, tmp_path / "out", "gray", shard="1/1") for _ in range(2)]
        assert [run.result().count("failed") for run in runs] == [0, 0]
    left = {name: digest for name, digest in content(tmp_path / "out").items() if not name.endswith(".jsonl")}
    assert left == content(tmp_path / "whole")
