import numpy as np
import pytest
from scipy import ndimage

from fusioncolor import color, images
from fusioncolor.config import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.models import baselines
from fusioncolor.models.baselines import Welsh, create_baseline
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


def test_vividness_multiplies_the_chroma_of_a_baseline(paths, picture):
    source = Source(color.rgb_to_lightness(picture))
    plain, vivid = (create_baseline("mean", paths, vividness=vividness) for vividness in (1.0, 2.5))
    np.testing.assert_allclose(vivid.prepare(source), 2.5 * plain.chroma(source), rtol=1e-6)
    assert create_baseline("gray").chroma(source).shape == (1, 1, 2)


def test_at_most_a_thousand_references_are_drawn_and_always_the_same():
    many = [f"{index:04}.jpg" for index in range(1500)]
    drawn = baselines.draw(many)
    assert len(drawn) == len(set(drawn)) == 1000
    assert drawn == sorted(drawn) == baselines.draw(many)
    assert np.mean([int(name[:4]) for name in drawn]) == pytest.approx(750, abs=50)
    assert baselines.draw(many[:1000]) == many[:1000]


def test_the_only_reference_may_be_the_photograph_itself(paths, tmp_path):
    (tmp_path / "link.png").symlink_to(paths[1])
    several = create_baseline("random", paths[:3])
    assert several.others(tmp_path / "link.png").tolist() == [0, 2]
    assert several.others(None).tolist() == [0, 1, 2]
    assert create_baseline("random", paths[1:2]).others(paths[1]).tolist() == [0]


def test_random_chooses_among_all_references(paths):
    random = create_baseline("random", paths[:3])
    known = [color.rgb_to_lab(images.read_resized(path, (256, 256)))[..., 1:] for path in paths[:3]]
    chosen = set()
    for lightness in range(0, 100, 5):
        ab = random.chroma(Source(np.full((9, 9, 1), lightness, np.float32)))
        chosen.add(int(np.argmin([np.abs(ab - one).max() for one in known])))
    assert chosen == {0, 1, 2}


def test_samples_lie_one_in_each_of_16x16_cells():
    rows, columns = baselines._jittered_grid((64, 96))
    cells = [(row // 4, column // 6) for row, column in zip(rows, columns, strict=True)]
    assert cells == [(row, column) for row in range(16) for column in range(16)]
    assert set(rows % 4) == set(range(4))
    assert set(columns % 6) == set(range(6))


def test_the_deviation_is_that_of_five_by_five_pixels():
    lightness = np.random.default_rng(0).uniform(0, 100, (20, 30))
    expected = ndimage.generic_filter(lightness, np.std, 5)
    np.testing.assert_allclose(baselines._deviation(lightness), expected, atol=1e-6)


def test_histograms_have_32_bins_of_lightness():
    histogram = baselines._histogram(np.array([0, 3.2, 49.9, 50.1, 100]))
    assert dict(enumerate(histogram)) == {
        index: {0: 0.2, 1: 0.2, 15: 0.2, 16: 0.2, 31: 0.2}.get(index, 0) for index in range(32)
    }


def test_welsh_takes_the_reference_of_the_most_similar_lightness(tmp_path):
    for name, rgb in (("dark", (90, 10, 10)), ("light", (170, 250, 170)), ("middle", (110, 110, 200))):
        images.write(tmp_path / f"{name}.png", np.full((64, 64, 3), rgb, np.uint8))
    welsh = create_baseline("welsh", images.find_in(tmp_path))
    for name in ("dark", "light", "middle"):
        lab = color.rgb_to_lab(images.read(tmp_path / f"{name}.png").rgb)
        np.testing.assert_allclose(welsh.chroma(Source(lab[..., :1]))[0, 0], lab[0, 0, 1:], atol=0.1)


def test_welsh_takes_the_nearest_sample_in_lightness_and_deviation(paths):
    """By all distances."""
    welsh = Welsh(paths[:1], size=(32, 40))
    lightness = color.rgb_to_lightness(images.read_resized(paths[3], (32, 40)))
    reference = color.rgb_to_lab(images.read_resized(paths[0], (32, 40)))
    light = reference[..., 0]
    matched = (light - light.mean()) / light.std() * lightness.std() + lightness.mean()
    rows, columns = baselines._jittered_grid((32, 40))
    own, other = (np.stack([one, baselines._deviation(one)], axis=-1) for one in (lightness[..., 0], matched))
    distances = np.abs(own[:, :, None] - other[rows, columns]).sum(axis=-1)
    found = welsh.chroma(Source(lightness))
    indices = distances.argmin(axis=-1)
    exact = np.partition(distances, 1, axis=-1)
    clear = exact[..., 1] - exact[..., 0] > 1e-3
    assert clear.mean() > 0.7
    np.testing.assert_allclose(found[clear], reference[rows, columns, 1:][indices][clear], atol=1e-4)
