"""A weights folder from a stranger: whatever is in it, it is refused in a sentence, and nothing in it is run."""

import hashlib
import json
import pickle
import re
import shutil

import h5py
import keras
import numpy as np
import pytest
from keras import layers, ops

from fusioncolor.errors import InputError
from fusioncolor.models import factory, pretrained, saving


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights") / "sound"
    factory.create("fusion", inception=False, size=(32, 32), seed=0).save(folder)
    return folder


@pytest.fixture
def saved(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "saved")


def described(saved, **changes) -> None:
    """Changes entries of `colorizer.json`."""
    path = saved / saving.CONFIG_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def replaced(saved, content: bytes) -> None:
    """Puts another weights file in place, with a SHA-256 that fits, as a stranger can."""
    (saved / saving.WEIGHTS_FILE).write_bytes(content)
    described(saved, weights={"dtype": "float16", "sha256": hashlib.sha256(content).hexdigest()})


def refused(saved, capfd) -> str:
    with pytest.raises(InputError) as caught:
        factory.load(saved)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 600
    assert str(saved) in sentence
    return sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "os.system"},
        {"model": ["fusion"]},
        {"model": {"module": "keras.layers", "class_name": "Lambda"}},
        {"model": "../../etc/passwd"},
        {"model": "x" * 100_000},
        {"size": [10**9, 10**9]},
        {"size": [1e308, 32]},
        {"size": [-32, 32]},
        {"size": "3232"},
        {"size": [True, 32]},
        {"size": None},
        {"options": {"inception": False, "build": "print(1)"}},
        {"options": {"inception": False, "negative_slope": "steep"}},
        {"options": {"inception": False, "skips": {"a": [1] * 1000}}},
        {"options": "inception"},
        {"head": "regression"},
        {"head": {"name": "regression", "activation": "Lambda"}},
        {"head": {"name": "classification", "prior": [1.0]}},
        {"head": {"name": "classification", "prior": [float("nan")] * 313}},
        {"head": {"name": "classification", "temperature": 0}},
        {"head": {"name": "classification", "temperature": "hot"}},
        {"head": {"name": "regression", "loss_name": 3, "vividness": 1e300}},
        {"format": "1"},
        {"weights": None},
        {"weights": {"sha256": 7}},
        {"weights": {"sha256": "../network.weights.h5"}},
    ],
    ids=str,
)
def test_a_description_of_anything_else_is_refused(saved, changes, capfd):
    described(saved, **changes)
    refused(saved, capfd)


@pytest.mark.parametrize(
    "text", ["[" * 2_000_000, '{"a":' * 100_000, "", "null", "3", '{"format": 1}', "\0" * 100, "NaN"]
)
def test_a_description_that_is_none_is_refused(saved, text, capfd):
    (saved / saving.CONFIG_FILE).write_text(text)
    refused(saved, capfd)


def test_a_description_of_megabytes_is_refused(saved, capfd):
    described(saved, filling="x" * 5_000_000)
    assert "far too large" in refused(saved, capfd)


class Evil:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return print, ("unpickled",)


def test_a_pickle_is_not_unpickled(saved, capfd):
    replaced(saved, pickle.dumps(Evil()))
    refused(saved, capfd)
    assert "unpickled" not in capfd.readouterr().out


def lambda_model(path) -> bytes:
    inputs = keras.Input((4,))
    keras.Model(inputs, layers.Lambda(lambda x: ops.sin(x), output_shape=(4,))(inputs)).save(path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore:.*HDF5")
def test_a_model_with_a_lambda_is_no_weights(saved, suffix, tmp_path, capfd):
    replaced(saved, lambda_model(tmp_path / f"evil{suffix}"))
    refused(saved, capfd)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore:.*HDF5")
def test_a_model_with_a_lambda_is_no_inception_either(suffix, tmp_path):
    lambda_model(tmp_path / f"evil{suffix}")
    extractor = factory.create("fusion", seed=0).network.get_layer("extractor")
    with pytest.raises(InputError, match=f"evil{suffix}"):
        pretrained.load_extractor_weights(extractor, tmp_path / f"evil{suffix}")


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_weights_that_were_cut_are_refused(saved, part, capfd):
    whole = (saved / saving.WEIGHTS_FILE).read_bytes()
    (saved / saving.WEIGHTS_FILE).write_bytes(whole[: int(len(whole) * part)])
    assert "SHA-256" in refused(saved, capfd)
    replaced(saved, whole[: int(len(whole) * part)])  # with a digest that fits
    refused(saved, capfd)


def test_any_flipped_bit_is_noticed(saved, capfd):
    whole = bytearray((saved / saving.WEIGHTS_FILE).read_bytes())
    for position in np.random.default_rng(0).integers(0, len(whole), 20):
        flipped = whole.copy()
        flipped[position] ^= 1
        (saved / saving.WEIGHTS_FILE).write_bytes(flipped)
        assert "SHA-256" in refused(saved, capfd)


def test_weights_of_another_shape_and_missing_ones_are_refused(saved, tmp_path, capfd):
    path = tmp_path / "other.h5"
    path.write_bytes((saved / saving.WEIGHTS_FILE).read_bytes())
    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        shape = file[names[0]].shape
        del file[names[0]]
        file[names[0]] = np.zeros((*shape, 2), np.float16)
    replaced(saved, path.read_bytes())
    refused(saved, capfd)
    with h5py.File(path, "r+") as file:
        del file[names[0]]
    replaced(saved, path.read_bytes())
    refused(saved, capfd)


def test_a_link_out_of_the_weights_file_is_not_followed(saved, tmp_path, capfd):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["vars"] = np.zeros(3)
    path = saved / saving.WEIGHTS_FILE
    with h5py.File(path, "r+") as file:
        group = next(iter(file["layers"]))
        del file["layers"][group]
        file["layers"][group] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/")
    replaced(saved, path.read_bytes())
    refused(saved, capfd)


def test_nothing_in_the_package_unpickles_or_evaluates(project):
    forbidden = (
        r"pickle\.load|(?<![\w.])(eval|exec)\(|allow_pickle=True|safe_mode=False|unsafe(?!-inline)|marshal|Lambda\("
    )
    among_processes = ("cluster.py", "pickle.load")  # what Ray's own processes send each other; no file is unpickled
    for path in (project / "fusioncolor").rglob("*.py"):
        found = {(path.name, match[0]) for match in re.finditer(forbidden, path.read_text())}
        assert found <= {among_processes}, f"{path}: {found}"
