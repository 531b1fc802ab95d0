"""Properties that hold for every picture, tried on pictures that hypothesis invents."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support import build_colorizer

from fusioncolor import bins, color, compose, hints, images, metrics, refinement
from fusioncolor.hints import Hint
from fusioncolor.models.heads import ClassificationHead, RegressionHead

settings.register_profile("fusioncolor", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("fusioncolor")

SIDES = st.integers(1, 24)
PICTURES = st.tuples(SIDES, SIDES, st.just(3)).flatmap(lambda shape: arrays.arrays(np.uint8, shape))
LIGHTNESS = st.tuples(SIDES, SIDES, st.just(1)).flatmap(
    lambda shape: arrays.arrays(np.float32, shape, elements=st.floats(0, 100, width=32))
)
CHROMA = st.tuples(SIDES, SIDES, st.just(2)).flatmap(
    lambda shape: arrays.arrays(np.float32, shape, elements=st.floats(-100, 100, width=32))
)


@given(PICTURES)
def test_a_picture_comes_back_from_lab(rgb):
    np.testing.assert_array_equal(color.lab_to_rgb(color.rgb_to_lab(rgb)), rgb)


@given(PICTURES)
def test_16_bits_mean_the_same_as_8(rgb):
    deep = rgb.astype(np.uint16) * 257
    np.testing.assert_allclose(color.rgb_to_lab(deep), color.rgb_to_lab(rgb), atol=1e-3)
    np.testing.assert_array_equal(images.to_bytes(deep), rgb)
    assert images.is_gray(deep) == images.is_gray(rgb)


@given(LIGHTNESS, CHROMA)
def test_whatever_is_predicted_lightness_stays(lightness, ab):
    picture = compose.finish(lightness, ab, dtype=np.uint16)
    assert picture.shape == (*lightness.shape[:2], 3)
    assert np.abs(color.rgb_to_lightness(picture) - lightness).max() < 0.15


@given(PICTURES, CHROMA)
def test_bands_are_no_different_from_the_whole(rgb, ab):
    lightness = color.rgb_to_lightness(rgb)
    whole = compose.finish(lightness, ab)
    assert np.abs(compose.finish_in_bands(lightness, ab).astype(int) - whole).max() <= 1


@given(CHROMA)
def test_heads_decode_what_they_encode(ab):
    head = RegressionHead()
    np.testing.assert_allclose(head.decode(head.encode(ab)[None])[0], ab, atol=1e-3)
    indices, weights = bins.soft_encode(ab)
    mean = (bins.BINS[indices] * weights[..., None]).sum(axis=-2)
    inside = np.linalg.norm(bins.BINS[indices[..., 0]] - ab, axis=-1) < 5
    assert np.abs(mean - ab)[inside].max(initial=0) < 8


@given(st.integers(0, 2**32 - 1), st.floats(0, 3))
def test_vividness_multiplies_chroma(seed, vividness):
    logits = np.random.default_rng(seed).normal(0, 3, (1, 2, 3, 313)).astype(np.float32)
    once = ClassificationHead(decoder="mean").decode(logits)
    more = ClassificationHead(decoder="mean", vividness=vividness).decode(logits)
    np.testing.assert_allclose(more, vividness * once, rtol=1e-4, atol=1e-4)


@given(PICTURES, PICTURES)
def test_metrics_see_no_difference_between_a_picture_and_itself_or_its_mirror(rgb, other):
    assert metrics.psnr(rgb, rgb) == np.inf
    if rgb.shape == other.shape:
        assert metrics.psnr(rgb, other) == pytest.approx(metrics.psnr(rgb[:, ::-1], other[:, ::-1]))
    assert metrics.colorfulness(rgb) == pytest.approx(metrics.colorfulness(rgb[::-1, ::-1]), abs=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_refinements_and_hints_mirror_with_the_picture(seed):
    rng = np.random.default_rng(seed)
    lightness = rng.uniform(0, 100, (12, 17, 1)).astype(np.float32)
    ab = rng.normal(0, 20, (12, 17, 2)).astype(np.float32)
    x, y = int(rng.integers(17)), int(rng.integers(12))
    for change, mirrored in (
        (refinement.segment, refinement.segment),
        (refinement.chrominance, refinement.chrominance),
        (
            lambda light, chroma: hints.apply(light, chroma, hints=[Hint(x, y, (200, 30, 30))]),
            lambda light, chroma: hints.apply(light, chroma, hints=[Hint(16 - x, y, (200, 30, 30))]),
        ),
    ):
        plain = change(lightness, ab)
        turned = mirrored(np.ascontiguousarray(lightness[:, ::-1]), np.ascontiguousarray(ab[:, ::-1]))
        np.testing.assert_allclose(turned[:, ::-1], plain, atol=0.05)


@pytest.fixture(scope="module")
def colorizer():
    return build_colorizer("fusion", inception=False)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rgb=PICTURES)
def test_colors_depend_on_the_gray_picture_alone(colorizer, rgb):
    """The gray copy of a picture, stored with 16 bits, gets the same colors."""
    gray = compose.finish(color.rgb_to_lightness(rgb), np.zeros((1, 1, 2), np.float32), dtype=np.uint16)
    one, other = colorizer.colorize(rgb), colorizer.colorize(gray)
    assert np.abs(one.astype(int) - other).max() <= 2
