import numpy as np
import pytest

from fusioncolor import color, images
from fusioncolor.config import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.models import baselines
from fusioncolor.models.baselines import create_baseline
from fusioncolor.models.predictor import Source
from fusioncolor.models.session import Session
from fusioncolor.registries import BASELINES


@pytest.fixture(scope="module")
def paths(scenes):
    return images.find_in(scenes)


@pytest.fixture
def picture(paths):
    return images.read(paths[0]).rgb


def colorized_ab(baseline, rgb: np.ndarray) -> np.ndarray:
    [(ab, confidence, *_)] = baseline.predict(baseline.prepare(Source(color.rgb_to_lightness(rgb), rgb))[None])
    assert confidence is None
    return ab


@pytest.mark.parametrize("name", ["gray", "mean", "random", "welsh"])
def test_a_baseline_is_used_like_any_colorizer(name, paths, picture):
    session = Session([name], ColorizeOptions(reference=paths))
    [rgb] = session.colorize([picture])
    assert rgb.shape == picture.shape
    assert np.abs(color.rgb_to_lightness(rgb) - color.rgb_to_lightness(picture)).max() < 1
    np.testing.assert_array_equal(rgb, session.colorize([picture])[0])
    assert images.is_gray(Session([name], ColorizeOptions(reference=paths, vividness=0.0)).colorize([picture])[0])


def test_gray_has_no_color(picture):
    assert not colorized_ab(create_baseline("gray", []), picture).any()


def test_mean_is_the_mean_ab_of_the_references(paths, picture):
    expected = np.mean(
        [color.rgb_to_lab(images.read_resized(path, (64, 64)))[..., 1:].mean((0, 1)) for path in paths], 0
    )
    np.testing.assert_allclose(colorized_ab(create_baseline("mean", paths), picture)[0, 0], expected, rtol=1e-4)


def test_random_is_the_chroma_of_one_reference(paths, picture):
    ab = colorized_ab(create_baseline("random", paths), picture)
    known = [color.rgb_to_lab(images.read_resized(path, (256, 256)))[..., 1:] for path in paths]
    assert min(np.abs(ab - one).max() for one in known) < 1e-4


def test_oracle_mean_is_the_photographs_own_mean(picture):
    expected = color.rgb_to_lab(picture)[..., 1:].mean((0, 1))
    np.testing.assert_allclose(colorized_ab(create_baseline("oracle_mean", []), picture)[0, 0], expected, rtol=1e-4)


def test_oracle_mean_without_the_truth_is_refused(picture):
    with pytest.raises(InputError, match="`truth`"):
        Session(["oracle_mean"]).colorize([picture])


def test_welsh_finds_the_photograph_itself_among_the_references_and_comes_near_its_colors(paths, picture):
    ab = images.resize(colorized_ab(create_baseline("welsh", paths), picture), picture.shape[:2])
    truth = color.rgb_to_lab(picture)[..., 1:]
    assert np.abs(ab - truth).mean() < 0.6 * np.abs(truth).mean()


def test_welsh_matches_lightness_by_hand(tmp_path, monkeypatch):
    monkeypatch.setattr(baselines, "_deviation", np.zeros_like)  # lightness alone
    reference = np.zeros((256, 256, 3), np.uint8)
    reference[:128], reference[128:] = (40, 60, 140), (230, 220, 150)  # dark blue above light yellow
    images.write(tmp_path / "reference.png", reference)
    turned = reference[::-1]
    ab = colorized_ab(create_baseline("welsh", [tmp_path / "reference.png"]), turned)
    np.testing.assert_allclose(ab, color.rgb_to_lab(turned)[..., 1:], atol=0.1)


@pytest.mark.parametrize("name", [name for name, one in BASELINES.items() if one.needs_reference])
def test_references_that_are_missing_or_without_color_are_refused(name, tmp_path):
    images.write(tmp_path / "gray.png", np.full((9, 9, 3), 80, np.uint8))
    for references in ([], [tmp_path / "gray.png"]):
        with pytest.raises(InputError, match="`reference`"):
            create_baseline(name, references)


def test_a_decoder_has_nothing_to_decode_in_a_baseline():
    with pytest.raises(InputError, match="need a classification model"):
        ColorizeOptions(decode="mode").check_models(["gray", "mean"])


@pytest.mark.parametrize("name", ["mean", "random", "welsh"])
def test_a_photograph_is_never_its_own_reference(name, paths, picture):
    two = create_baseline(name, paths[:2])
    lightness = color.rgb_to_lightness(picture)
    prepared = two.prepare(Source(lightness, path=paths[0]))
    alone = create_baseline(name, paths[1:2])
    np.testing.assert_array_equal(prepared, alone.prepare(Source(lightness)))


def test_welsh_matches_the_references_lightness_to_the_photographs(tmp_path, monkeypatch):
    """A darker copy with less contrast has the same ranks of lightness, and gets the same colors."""
    monkeypatch.setattr(baselines, "_deviation", np.zeros_like)
    reference = np.zeros((256, 256, 3), np.uint8)
    reference[:128], reference[128:] = (40, 60, 140), (230, 220, 150)
    images.write(tmp_path / "reference.png", reference)
    gray = color.rgb_to_lightness(reference)
    welsh = create_baseline("welsh", [tmp_path / "reference.png"])
    for contrast, offset in ((1, 0), (0.2, 5), (0.2, 70)):
        ab = welsh.chroma(Source(gray * np.float32(contrast) + np.float32(offset)))
        np.testing.assert_allclose(ab, color.rgb_to_lab(reference)[..., 1:], atol=0.1)
