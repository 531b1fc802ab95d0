import json
import warnings
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from fusioncolor import files
from fusioncolor.errors import InputError
from fusioncolor.models import presets, saving
from fusioncolor.models.description import FORMAT, Description, Weights


@pytest.fixture
def saved(tmp_path):
    """A complete folder of a colorizer, as far as storage looks at it."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / saving.WEIGHTS_FILE).write_bytes(b"\x00" * 1000)
    weights = Weights("float16", files.sha256(folder / saving.WEIGHTS_FILE))
    description = Description("fusion", {}, {"name": "regression"}, (256, 256), weights)
    (folder / saving.CONFIG_FILE).write_text(json.dumps(description.as_json()))
    return folder


def test_an_intact_folder_is_read(saved):
    assert saving.read_description(saving.find_folder(saved)).format == FORMAT


def test_one_flipped_bit_in_the_weights_is_noticed(saved):
    content = bytearray((saved / saving.WEIGHTS_FILE).read_bytes())
    content[500] ^= 1
    (saved / saving.WEIGHTS_FILE).write_bytes(content)
    with pytest.raises(InputError, match="SHA-256"):
        saving.read_description(saved)


def test_missing_weights_are_named(saved):
    (saved / saving.WEIGHTS_FILE).unlink()
    with pytest.raises(InputError, match=saving.WEIGHTS_FILE):
        saving.read_description(saved)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format": 1}', "[" * 100_000, '{"format": 1, "weights": 3}']
)
def test_a_damaged_description_is_refused(saved, text):
    (saved / saving.CONFIG_FILE).write_text(text)
    with pytest.raises(InputError, match="damaged"):
        saving.read_description(saved)


def test_a_run_folder_is_refused_with_the_colorizer_inside_it(saved, tmp_path):
    saved.rename(tmp_path / "best")
    with pytest.raises(InputError, match=r"did you mean .*best\?"):
        saving.find_folder(tmp_path)


def test_a_missing_folder_and_a_folder_of_something_else_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="no preset and no weights folder"):
        saving.find_folder(tmp_path / "none")
    with pytest.raises(InputError, match="not a saved colorizer"):
        saving.find_folder(tmp_path)


def test_a_relative_path_is_also_looked_for_in_the_project(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(presets, "included", lambda: tmp_path / "weights")
    assert saving.find_folder("saved") == saved
    assert saving.is_colorizer("saved")
    assert not saving.is_colorizer("other")


def test_narrowing_halves_floats_and_keeps_what_would_overflow(tmp_path):
    with h5py.File(tmp_path / "wide.h5", "w") as file:
        file["a/small"] = np.float32([1, 2.5])
        file["a/large"] = np.float32([1e9])
        file["step"] = np.int64(7)
        file["optimizer/moment"] = np.float32([3])
        file["a"].attrs["name"] = "layer"
    saving.narrow(tmp_path / "wide.h5", tmp_path / "narrow.h5", "float16")
    with h5py.File(tmp_path / "narrow.h5") as file:
        assert file["a/small"].dtype == np.float16
        assert file["a/large"].dtype == np.float32
        assert file["step"][()] == 7
        assert "optimizer" not in file
        assert file["a"].attrs["name"] == "layer"
        np.testing.assert_array_equal(file["a/small"][()], [1, 2.5])


def test_included_weights_are_found_by_name_and_misspelled_ones_are_guessed(saved, monkeypatch, tmp_path):
    (tmp_path / "weights").mkdir()
    saved.rename(tmp_path / "weights" / "dense.photographs")
    monkeypatch.setattr(presets, "included", lambda: tmp_path / "weights")
    assert saving.find_folder("dense.photographs") == tmp_path / "weights" / "dense.photographs"
    with pytest.raises(
        InputError, match=r"weights folder weights/dense\.photograph; did you mean dense\.photographs\?"
    ):
        saving.find_folder("weights/dense.photograph")
    with pytest.raises(
        InputError, match=r"no preset and no weights folder x; available: photographs, .*, dense\.photographs"
    ):
        saving.find_folder("x")


def test_what_other_threads_warn_of_is_no_reason_to_refuse_weights(tmp_path):
    """The filters of warnings are those of the whole process; a server may warn while weights are loaded."""
    network = SimpleNamespace(load_weights=lambda path: warnings.warn("from elsewhere", stacklevel=1))
    with pytest.warns(UserWarning, match="from elsewhere"):
        saving.load_weights(network, tmp_path)
