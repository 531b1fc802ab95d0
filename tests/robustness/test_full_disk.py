"""A full disk or too little memory: one sentence, nothing torn, and a rerun does the rest."""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import colorize, content, finished_run

from fusioncolor import files, images
from fusioncolor.config import ResumeConfig
from fusioncolor.errors import ResourceError
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.prediction import folder as folder_runs
from fusioncolor.run_folder import RunFolder
from fusioncolor.training import checkpoint, loop

pytestmark = pytest.mark.usefixtures("eager")  # what is trained does not matter here


@pytest.mark.slow
def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(scenes, tmp_path, monkeypatch):
    """The state before stays, and the run goes on from there when there is space again."""
    run, usage, calls = tmp_path / "run", shutil.disk_usage, []

    def full_later(path):
        calls.append(path)
        return usage(path)._replace(free=0) if len(calls) > 3 else usage(path)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", full_later)
        with pytest.raises(ResourceError, match="disk is full"):
            finished_run(scenes, run)
    assert checkpoint.newest(RunFolder(run)) is not None
    loop.resume(ResumeConfig(run))
    assert checkpoint.newest(RunFolder(run)).facts["finished"]


def test_a_full_disk_ends_the_run_and_a_rerun_does_the_rest(folder, weights, tmp_path, monkeypatch):
    colorize(folder, tmp_path / "whole", weights)
    synced = []
    real = os.fsync

    def fsync(descriptor):
        synced.append(descriptor)
        if len(synced) == 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(
        ResourceError, match=r"No space left on device\. .* of 12 are finished; run the same command again"
    ):
        colorize(folder, tmp_path / "out", weights, workers=1, report=tmp_path / "report.csv")
    assert "open" in (tmp_path / "report.csv").read_text()
    assert not [name for name in content(tmp_path / "out") if files.TEMPORARY.fullmatch(Path(name).name)]
    assert colorize(folder, tmp_path / "out", weights, workers=1).count("failed") == 0
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_a_small_disk_that_is_really_full_is_told(folder, weights, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with pytest.raises(ResourceError, match="No space left on device"):
            colorize(folder, disk / "out", weights)
        for path in images.find_in(disk):
            images.read(path)  # nothing is torn
    finally:
        subprocess.run(["umount", disk], check=True)


def test_memory_that_does_not_suffice_is_a_sentence_with_advice(folder, weights, tmp_path, monkeypatch):
    def predict(*_, **__):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes")

    monkeypatch.setattr(Colorizer, "predict", predict)
    with pytest.raises(ResourceError, match="not enough memory for a batch of 4: lower `batch_size`"):
        colorize(folder, tmp_path / "out", weights)
    assert images.find_in(tmp_path / "out") == []


def test_a_full_disk_is_told_with_what_is_left_to_do_even_if_the_report_lies_there_too(
    folder, weights, tmp_path, monkeypatch
):
    written = []

    def write(path, *_, **__):
        written.append(path)
        if len(written) > 1:  # the first is the empty report
            raise ResourceError(f"cannot write {path}: No space left on device")

    monkeypatch.setattr(folder_runs, "write_report", write)
    monkeypatch.setattr(images, "write", write)
    with pytest.raises(ResourceError, match="0 photographs of 12 are finished; run the same command again"):
        colorize(folder, tmp_path / "out", weights, report=tmp_path / "report.csv")
    assert written[0] == written[-1] == tmp_path / "report.csv"
