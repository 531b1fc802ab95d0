"""A run on an object store or an archive, killed and started again, does the rest, and ends with the same bytes."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from support import colorize, content, content_of_store, upload

from fusioncolor import files
from fusioncolor.addresses import Address
from fusioncolor.prediction import manifest
from fusioncolor.prediction.results import RECORDS


def start(project, *arguments) -> subprocess.Popen:
    command = [sys.executable, project / "predict.py", *map(str, arguments), "--weights", "gray", "--batch-size", 2]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.Popen(
        list(map(str, command)), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def count(client, bucket: str) -> int:
    """The number of objects below the output."""
    return client.list_objects_v2(Bucket=bucket.removeprefix("s3://"), Prefix="out/")["KeyCount"]


def records(bucket: str) -> set[str]:
    """The names of the results that are recorded as finished."""
    store = files.opened_store(Address(f"{bucket}/out/{RECORDS}"))
    lines = [line for entry in store.entries() for line in store.read(entry.name).decode().splitlines()]
    return {json.loads(line)["result"] for line in lines}


def versions(client, bucket: str) -> dict[str, int]:
    """How often each result was put."""
    counts: dict[str, int] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket.removeprefix("s3://")):
        for one in page.get("Versions", ()):
            counts[one["Key"]] = counts.get(one["Key"], 0) + 1
    return counts


@pytest.mark.slow
def test_killed_and_started_again_it_does_the_rest(project, folder, bucket, object_store, tmp_path):
    for number in range(6):
        upload(folder, f"{bucket}/in/{number}")
    object_store.put_bucket_versioning(
        Bucket=bucket.removeprefix("s3://"), VersioningConfiguration={"Status": "Enabled"}
    )
    kills, recorded = 0, {}
    for _ in range(2):
        before = count(object_store, bucket)
        process = start(project, f"{bucket}/in", "--output", f"{bucket}/out")
        while process.poll() is None and count(object_store, bucket) < before + 24:
            time.sleep(0.02)
        kills += process.poll() is None
        process.kill()
        process.wait()
        puts = versions(object_store, bucket)
        recorded = {name: puts[f"out/{name}"] for name in records(bucket)} | recorded  # as first seen
    assert kills == 2, "finished before it was killed"
    process = start(project, f"{bucket}/in", "--output", f"{bucket}/out")
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    colorize(folder, tmp_path / "out", "gray")
    here = content(tmp_path / "out")
    assert content_of_store(f"{bucket}/out") == {
        f"{number}/{name}": digest for number in range(6) for name, digest in here.items()
    }
    puts = versions(object_store, bucket)
    assert len(recorded) >= kills
    assert recorded == {name: puts[f"out/{name}"] for name in recorded}  # none of these was put again
    process = start(project, f"{bucket}/in", "--output", f"{bucket}/out")
    printed, _ = process.communicate(timeout=300)
    assert "nothing to do" in printed


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_killed_in_the_middle_of_an_archive_and_started_again_it_does_the_rest(kind, project, folder, tmp_path):
    for package in ("fsspec", "tenacity"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    for number in range(8):
        shutil.copytree(folder, tmp_path / "scans" / str(number))
    colorize(tmp_path / "scans", tmp_path / "whole", "gray")
    archive = shutil.make_archive(str(tmp_path / "archive"), kind, tmp_path / "scans")
    output, done = tmp_path / "out", {}
    for _ in range(2):
        process = start(project, f"{kind}://::{archive}", "--output", output)
        while process.poll() is None and len(manifest.entries(output)) < len(done) + 12:
            time.sleep(0.01)
        assert process.poll() is None, process.communicate()[0]
        process.kill()
        process.wait()
        done |= {name: (output / name).stat().st_mtime_ns for name in manifest.entries(output)}
    process = start(project, f"{kind}://::{archive}", "--output", output)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    assert f"{len(done)} photographs already finished" in printed
    assert content(output) == content(tmp_path / "whole")
    assert {name: (output / name).stat().st_mtime_ns for name in done} == done  # none of these was written again
