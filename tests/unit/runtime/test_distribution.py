"""Several devices; trainings of several processes are tested in robustness/test_hosts.py."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from support import TINY, log_of
from test_kills import differences

from fusioncolor.errors import InputError
from fusioncolor.runtime import distribution
from fusioncolor.runtime.distribution import ALONE, Group, joined


def test_without_options_nothing_is_distributed():
    with joined(None, [], 0) as group:
        assert group is ALONE
        assert keras.distribution.distribution() is None
    assert group.leads
    assert group.any(True)
    assert not group.any(False)
    group.wait("nothing")


def test_a_batch_must_be_a_multiple_of_the_devices():
    ALONE.check_batch(7)
    Group(devices=4).check_batch(8)
    with pytest.raises(InputError, match="`batch_size` 6 cannot be shared by 4 devices"):
        Group(devices=4).check_batch(6)


def test_batch_normalization_sees_the_whole_batch_where_devices_share_it():
    inside = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization(name="inside")])
    network = keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization(name="outside"), inside])
    layers = [network.get_layer("outside"), inside.get_layer("inside")]
    Group(devices=2).synchronize(network)  # on JAX every computation is on the whole batch
    assert [layer.synchronized for layer in layers] == [False, False]
    Group(devices=2, replicas=2).synchronize(network)
    assert [layer.synchronized for layer in layers] == [True, True]


@pytest.mark.parametrize(("backend", "hosts"), [("torch", []), ("tensorflow", ["a:4321", "b:4321"])])
def test_backends_that_cannot_are_refused(backend, hosts, monkeypatch):
    monkeypatch.setattr(distribution.keras.backend, "backend", lambda: backend)
    with pytest.raises(InputError, match=f"not {backend}: set KERAS_BACKEND=jax"), joined(2, hosts, 0):
        pass


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="it is refused")
def test_devices_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="`devices` is 99, but there"), joined(99, [], 0):
        pass


TWO_DEVICES = """
import json, sys
from contextlib import contextmanager
from pathlib import Path
from fusioncolor.runtime.backend import backend_name, make_deterministic
make_deterministic()
if backend_name() == "tensorflow":
    import tensorflow as tf
    [cpu] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.runtime.reporting import Bar, Reporter
from fusioncolor.training import loop
options, photographs, runs = json.loads(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])

class Stopping(Reporter, Bar):
    left = 5  # steps

    @contextmanager
    def bar(self, label, total, *, unit="img"):
        yield self if label.startswith("epoch") else Bar()

    def advance(self, count=1):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt

for name, devices in (("one", None), ("two", 2)):
    loop.train(TrainConfig(folder=photographs, run=runs / name, devices=devices, **options))
try:
    loop.train(TrainConfig(folder=photographs, run=runs / "resumed", devices=2, **options), reporter=Stopping())
except KeyboardInterrupt:
    loop.resume(ResumeConfig(runs / "resumed", devices=2))
"""


@pytest.mark.long
@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_two_devices_learn_what_one_does_and_resume_exactly(backend, scenes, project, tmp_path):
    """With validation photographs that do not fill their last batch, and a preview, which is predicted together."""
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    options = {**TINY, "epochs": 2, "preview_every": 1, "monitor": "val_rmse", "validation_split": 0.4, "save_every": 1}
    environment = {"KERAS_BACKEND": backend, "JAX_NUM_CPU_DEVICES": "2", "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES, json.dumps(options), scenes, tmp_path],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert differences(tmp_path / "two", tmp_path / "resumed") == []
    logs = zip(log_of(tmp_path / "one"), log_of(tmp_path / "two"), (1e-3, 1e-2), strict=True)
    for one, two, tolerance in logs:  # Adam amplifies the rounding of another order of sums
        for name in ("loss", "val_loss", "val_rmse"):
            np.testing.assert_allclose(float(two[name]), float(one[name]), rtol=tolerance)
    assert (tmp_path / "two" / "previews" / "epoch-002.png").exists()
