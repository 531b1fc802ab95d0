"""Colorizing with a network of random weights."""

import numpy as np
import pytest
from PIL import Image
from support import build_colorizer

from fusioncolor import images, refinement
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.engines import Engine
from fusioncolor.models.session import Session

RNG = np.random.default_rng(0)


def inputs(colorizer: Colorizer, count: int = 2) -> np.ndarray:
    lightness = RNG.uniform(0, 100, (count, *colorizer.size, 1)).astype(np.float32)
    return np.stack([colorizer.preprocess(light) for light in lightness])


def test_a_padded_batch_gives_each_photograph_the_same_colors_to_the_last_bit():
    colorizer = build_colorizer("fusion")
    batch = inputs(colorizer, 5)
    whole = colorizer.predict_ab(batch, batch_size=4)
    alone = np.concatenate([colorizer.predict_ab(batch[i : i + 1], batch_size=4) for i in range(5)])
    assert whole.shape == (5, 32, 32, 2)
    np.testing.assert_array_equal(whole[[0, 4]], alone[[0, 4]])  # first of its batch both times
    np.testing.assert_allclose(whole, alone, atol=1e-3)


def test_an_exported_network_sees_one_photograph_at_a_time():
    colorizer, seen = build_colorizer("fusion"), []

    def run(batch):
        seen.append(len(batch))
        return np.full((len(batch), 32, 32, 2), batch.mean() / 100, np.float32)

    colorizer.network = Engine(run, "onnx", "float32", {})
    batch = inputs(colorizer, 3)
    ab = colorizer.predict_ab(batch, batch_size=8)
    assert seen == [1, 1, 1]
    np.testing.assert_array_equal(ab[2:], colorizer.predict_ab(batch[2:]))
    colorizer.network = Engine(run, "openvino", "float32", {}, chroma_gain=1.5)
    np.testing.assert_allclose(colorizer.predict_ab(batch), 1.5 * ab, rtol=1e-6)


def test_options_add_to_those_chosen_before():
    chosen = build_colorizer("resnet").with_options(refine=["segment"], vividness=2.0).with_options(seed=1)
    assert chosen.refine == (refinement.segment,)
    assert chosen.head.vividness == 2.0
    assert chosen.with_options(refine=[]).refine == ()


def test_a_decoder_on_a_regression_model_is_refused():
    with pytest.raises(InputError, match="need a classification model"):
        build_colorizer("resnet").with_options(decode="mode")


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_saved_colorizer_gives_the_same_colors_when_loaded(tmp_path, dtype):
    colorizer = factory.create("fusion", inception=False, size=(32, 40), seed=1)
    colorizer.save(tmp_path / "saved", dtype=dtype, card="# A card\n", training={"epochs": 3})
    loaded = factory.load(tmp_path / "saved")
    assert loaded.size == (32, 40)
    assert loaded.origin.training == {"epochs": 3}
    assert (tmp_path / "saved" / "README.md").read_text() == "# A card\n"
    batch = inputs(colorizer)
    difference = np.abs(loaded.predict_ab(batch) - colorizer.predict_ab(batch)).max()
    assert difference < (0.5 if dtype == "float16" else 1e-6)  # float16 keeps 11 bits of each weight


def test_saving_again_keeps_the_card_and_replaces_the_weights(tmp_path):
    factory.create("fusion", inception=False, seed=1).save(tmp_path / "saved", card="# A card\n")
    other = factory.create("fusion", inception=False, seed=2)
    other.save(tmp_path / "saved", dtype="float32")
    assert (tmp_path / "saved" / "README.md").read_text() == "# A card\n"
    batch = inputs(other)
    np.testing.assert_array_equal(factory.load(tmp_path / "saved").predict_ab(batch), other.predict_ab(batch))
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_photograph_gets_the_same_colors_in_every_form(tmp_path):
    colorizer = build_colorizer("fusion")
    rgb = RNG.integers(0, 256, (20, 31, 3), dtype=np.uint8)
    images.write(tmp_path / "a.png", rgb)
    expected = colorizer.colorize(rgb)
    session = Session([], None)
    session.predictors, session.names = [colorizer], ["one"]
    for form in (rgb, Image.fromarray(rgb), tmp_path / "a.png", np.dstack([rgb, rgb[..., 0]])):
        np.testing.assert_array_equal(colorizer.colorize(form), expected)
        [picture] = session.colorize([form])
        assert np.abs(picture.astype(int) - expected).max() <= 1
    assert session.colorize([rgb / np.float32(255)])[0].dtype == np.uint8


@pytest.mark.parametrize(
    "option", [{"vividness": -1}, {"vividness": "2"}, {"temperature": 0}, {"decode": "guess"}, {"seed": -1}]
)
def test_options_out_of_range_are_refused(option):
    with pytest.raises(InputError, match=f"`{next(iter(option))}` must be"):
        build_colorizer("plain").colorize(np.zeros((8, 8), np.uint8), **option)


def test_hints_are_blended_in_by_name():
    colorizer = build_colorizer("fusion")
    gray = np.full((40, 40, 3), 120, np.uint8)
    picture = colorizer.colorize(gray, vividness=0, hints="9,9,#c81e1e")
    assert int(picture[9, 9, 0]) > int(picture[9, 9, 2]) + 60
    assert images.is_gray(colorizer.colorize(gray, vividness=0))
