"""`--cluster ray` on a cluster of two nodes on this machine: workers, nodes and drivers are killed, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from support import content

from fusioncolor.prediction import manifest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (find_spec("ray") and find_spec("pyarrow")), reason="Ray Data not installed"),
]
STORE = 80 << 20  # bytes for objects on each node; Ray wants no less
PHOTOGRAPHS = 240


@pytest.fixture(scope="module")
def nodes():
    """A cluster whose head, on which drivers run, has no CPU for workers, and one node with one; more may be added."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    try:
        patiently(cluster.add_node, num_cpus=0, object_store_memory=STORE, include_dashboard=False)
        patiently(cluster.add_node, num_cpus=1, object_store_memory=STORE)
        cluster.wait_for_nodes(120)
        yield cluster
    finally:
        cluster.shutdown()


def patiently(add_node, **options):
    """Adds a node; Ray gives each 30 seconds to start, which is too little on a machine that does other things."""
    for _ in range(4):
        try:
            return add_node(**options)
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    return add_node(**options)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    import numpy as np

    from fusioncolor import images

    folder, rng = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    for index in range(PHOTOGRAPHS):
        squares = rng.integers(0, 256, (15, 20, 3), np.uint8)
        images.write(folder / str(index % 7) / f"{index:03}.jpg", squares.repeat(12, axis=0).repeat(12, axis=1))
    (folder / "damaged.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def alone(photographs, tmp_path_factory, project) -> dict[str, str]:
    """What a single process leaves."""
    output = tmp_path_factory.mktemp("alone") / "out"
    code, printed = finished(started(project, photographs, output))
    assert code == 1, printed  # one is damaged
    return content(output)


def started(project, photographs, output, *options) -> subprocess.Popen:
    command = [sys.executable, project / "predict.py", photographs, "--output", output, *options]
    command += ["--batch-size", "4", "--weights", "mean", "--reference", photographs / "0", "--report", f"{output}.csv"]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.Popen(
        [str(one) for one in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def on(nodes) -> list[str]:
    return ["--cluster", "ray", "--cluster-address", nodes.address]


def finished(process) -> tuple[int, str]:
    printed, _ = process.communicate(timeout=600)
    assert "Traceback" not in printed, printed
    return process.returncode, printed


def wait_for_records(output: Path, process, count: int = 1, seconds: int = 300) -> None:
    """Waits until so many results are in the manifest, and others are not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None and recorded(output) < count:
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()[0]
    assert count <= recorded(output) < PHOTOGRAPHS, "finished before it was killed"


def recorded(output: Path) -> int:
    file = output / manifest.FILE
    return file.read_bytes().count(b"\n") if file.exists() else 0


def workers() -> list[int]:
    """The processes of this machine that colorize for Ray."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True).stdout.splitlines()
    return [int(line.split()[0]) for line in listed if "ray::MapWorker" in line or "ray::MapBatches" in line]


def test_a_worker_is_killed(nodes, photographs, alone, tmp_path, project):
    process = started(project, photographs, tmp_path / "out", *on(nodes))
    wait_for_records(tmp_path / "out", process)
    for worker in workers():
        os.kill(worker, signal.SIGKILL)
    code, printed = finished(process)
    assert code == 1, printed
    assert f"{PHOTOGRAPHS} photographs colorized" in printed
    assert "damaged.jpg: not an image" in printed
    assert content(tmp_path / "out") == alone


def test_a_node_is_lost(nodes, photographs, alone, tmp_path, project):
    lost = patiently(nodes.add_node, num_cpus=1, object_store_memory=STORE)
    nodes.wait_for_nodes(120)
    process = started(project, photographs, tmp_path / "out", *on(nodes))
    wait_for_records(tmp_path / "out", process)
    nodes.remove_node(lost, allow_graceful=False)
    code, printed = finished(process)
    assert code == 1, printed
    assert content(tmp_path / "out") == alone


def test_the_driver_is_killed_and_the_rest_is_done_by_the_same_command(nodes, photographs, alone, tmp_path, project):
    output = tmp_path / "out"
    process = started(project, photographs, output, *on(nodes))
    wait_for_records(output, process)
    process.kill()
    process.wait()
    code, printed = finished(started(project, photographs, output, *on(nodes)))
    assert code == 1, printed
    assert " already finished in " in printed
    assert content(output) == alone


def test_ctrl_c_ends_it_and_a_single_process_does_the_rest(nodes, photographs, alone, tmp_path, project):
    output = tmp_path / "out"
    process = started(project, photographs, output, *on(nodes))
    wait_for_records(output, process)
    process.send_signal(signal.SIGINT)
    code, printed = finished(process)
    assert code == 130, printed
    assert "stopped; run the same command again to finish the rest" in printed
    assert "WARNING" not in printed, printed  # such as Ray's, when a thread starts a second cluster
    code, printed = finished(started(project, photographs, output))
    assert code == 1, printed
    assert content(output) == alone


def test_workers_that_no_machine_can_hold_are_refused(nodes, photographs, tmp_path, project):
    code, printed = finished(started(project, photographs, tmp_path / "out", *on(nodes), "--cluster-cpus", "64"))
    assert code == 2, printed
    assert "no machine of the cluster has 64 CPUs (--cluster-cpus); the largest: 1" in printed


def test_a_network_on_a_cluster_of_this_machine_alone(photographs, tmp_path, project):
    pytest.importorskip("ai_edge_litert")
    options = ["--weights", "landscapes", "--runtime", "litert"]
    some = tmp_path / "some.txt"
    some.write_text("\n".join(str(path) for path in sorted(photographs.rglob("0*.jpg"))[:20]))
    for output, cluster in (("alone", []), ("cluster", ["--cluster", "ray"])):
        command = [sys.executable, project / "predict.py", some, "--output", tmp_path / output, *options, *cluster]
        done = subprocess.run([str(one) for one in command], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert content(tmp_path / "cluster") == content(tmp_path / "alone")


def evaluating(project, photographs, output, *options) -> subprocess.Popen:
    command = [sys.executable, "-m", "fusioncolor", "evaluate", photographs, "--output", output, *options]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.Popen(
        [str(one) for one in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def measures(worker: int) -> bool:
    """Tells whether a worker measures: those that take a first look do without SciPy."""
    with suppress(OSError):  # it ended
        return "/scipy/" in Path(f"/proc/{worker}/maps").read_text()
    return False


def test_a_report_is_that_of_a_single_process_though_workers_are_killed(nodes, photographs, tmp_path, project):
    options = ["--models", "welsh", "--image-size", "96", "--examples", "2", "--batch-size", "4"]
    code, printed = finished(evaluating(project, photographs, tmp_path / "alone", *options))
    assert code == 1, printed  # one photograph is damaged
    process, killed = evaluating(project, photographs, tmp_path / "shared", *options, *on(nodes)), set()
    while process.poll() is None and len(killed) < 2:
        for worker in filter(measures, set(workers()) - killed):
            time.sleep(2)  # it has work by then
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
        time.sleep(0.1)
    code, printed = finished(process)
    assert code == 1, printed
    assert len(killed) == 2, "finished before workers were killed"
    assert f"{PHOTOGRAPHS} photographs evaluated" in printed
    assert content(tmp_path / "shared") == content(tmp_path / "alone")


def test_a_network_is_evaluated_on_a_cluster_of_this_machine_alone(photographs, tmp_path, project):
    pytest.importorskip("ai_edge_litert")
    options = ["--models", "landscapes", "--baselines", "mean", "--runtime", "litert", "--examples", "1"]
    for output, cluster in (("alone", []), ("cluster", ["--cluster", "ray"])):
        code, printed = finished(evaluating(project, photographs / "0", tmp_path / output, *options, *cluster))
        assert code == 0, printed
    assert content(tmp_path / "cluster") == content(tmp_path / "alone")
