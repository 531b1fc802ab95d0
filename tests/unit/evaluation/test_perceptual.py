"""LPIPS and FID, where they are installed, with random weights; they run in a process of their own."""

import subprocess
import sys

import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.evaluation.judges import Elsewhere
from fusioncolor.evaluation.perceptual import Fid, Lpips

RNG = np.random.default_rng(0)
ALEXNET = """
import sys, torch, torchvision
torch.manual_seed(0)
torch.save(torchvision.models.alexnet(weights=None).state_dict(), sys.argv[1])
"""
INCEPTION = """
import sys, torch
from unittest.mock import patch
from pytorch_fid import inception
torch.manual_seed(0)
with (
    patch.object(inception, "load_state_dict_from_url", lambda *_, **__: {}),
    patch.object(torch.nn.Module, "load_state_dict", lambda *_, **__: None),
):
    network = inception.fid_inception_v3()
for module in network.modules():  # as random as they are, features fade away within a few layers
    if isinstance(module, torch.nn.Conv2d):
        torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
torch.save(network.state_dict(), sys.argv[1])
"""
REFERENCE = """
import sys, numpy as np, torch
from pytorch_fid import fid_score, inception
inception.load_state_dict_from_url = lambda *_, **__: torch.load(sys.argv[1], weights_only=True)
network = inception.InceptionV3().eval()
def statistics(pictures):
    with torch.inference_mode():
        batch = torch.from_numpy(pictures.transpose(0, 3, 1, 2) / np.float32(255))
        features = network(batch)[0][:, :, 0, 0].double().numpy()
    return features.mean(axis=0), np.cov(features, rowvar=False)
truth, other = np.load(sys.argv[2])
print(fid_score.calculate_frechet_distance(*statistics(truth), *statistics(other)))
"""


def elsewhere(script: str, *arguments) -> str:
    """Runs a script that must not share a process with TensorFlow; returns its output."""
    done = subprocess.run([sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """Random weights in the form of torchvision's AlexNet."""
    elsewhere("import lpips")
    path = tmp_path_factory.mktemp("weights") / "alex.pth"
    elsewhere(ALEXNET, path)
    return path


def test_lpips_is_0_for_the_truth_and_grows_with_the_change(backbone):
    judge = Elsewhere(Lpips, "alex", backbone)
    actual = RNG.integers(0, 256, (80, 80, 3), dtype=np.uint8)
    near = (actual * 0.9).astype(np.uint8)
    far = RNG.integers(0, 256, (80, 80, 3), dtype=np.uint8)
    distances = judge.ask("measure", [actual, near, far])
    assert distances[0] == 0 < distances[1] < distances[2]
    assert distances == judge.ask("measure", [actual, near, far])
    assert np.isnan(judge.ask("measure", [actual[:5, :5]])).all()


def test_the_weights_of_the_file_are_those_that_are_used(backbone, tmp_path):
    other = tmp_path / "alex.pth"
    elsewhere(ALEXNET.replace("manual_seed(0)", "manual_seed(1)"), other)
    pictures = list(RNG.integers(0, 256, (2, 80, 80, 3), dtype=np.uint8))
    one, two = (Elsewhere(Lpips, "alex", path).ask("measure", pictures)[1] for path in (backbone, other))
    assert one != two


def test_a_state_of_something_else_is_refused(backbone, tmp_path):
    elsewhere("import sys, torch; torch.save({'weight': torch.zeros(3)}, sys.argv[1])", tmp_path / "other.pth")
    with pytest.raises(InputError, match="is not a state dict of the backbone"):
        Elsewhere(Lpips, "alex", tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(InputError, match=r"cannot be read or downloaded.*`lpips_weights`"):
        Elsewhere(Lpips, "alex", tmp_path / "text.pth")


def test_fid_of_equal_pictures_is_0_and_that_of_its_package_on_others(tmp_path):
    elsewhere("import pytorch_fid")
    elsewhere(INCEPTION, tmp_path / "inception.pth")
    judge = Elsewhere(Fid, tmp_path / "inception.pth")
    pictures = RNG.integers(0, 256, (2, 4, 32, 32, 3), dtype=np.uint8)
    for truth, other in zip(*pictures, strict=True):
        judge.ask("add", [truth, truth, other])
    same, different = judge.ask("values", 2)
    np.save(tmp_path / "pictures.npy", pictures)
    expected = float(elsewhere(REFERENCE, tmp_path / "inception.pth", tmp_path / "pictures.npy"))
    assert expected > 0.1
    assert same == pytest.approx(0, abs=1e-3 * expected)
    assert different == pytest.approx(expected, rel=1e-3)
    assert "fewer than 2048" in judge.ask("remark")


@pytest.mark.parametrize(
    ("package", "judge", "sentence"),
    [
        ("lpips", lambda: Lpips("alex"), r"needs lpips, .*fusioncolor\[judges\]"),
        ("pytorch_fid", Fid, r"needs pytorch-fid, .*fusioncolor\[judges\]"),
    ],
)
def test_a_missing_package_is_named(package, judge, sentence, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=sentence):
        judge()
