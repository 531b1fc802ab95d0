import keras
import numpy as np
import pytest
from support import stand_in_extractor

from fusioncolor import color, images
from fusioncolor.data.embeddings import embed


@pytest.fixture(scope="module")
def paths(scenes):
    return images.find_in(scenes)[:10]  # a whole batch and a part of one


def test_photographs_and_their_mirror_images_are_embedded_once(paths, tmp_path, monkeypatch):
    extractor = stand_in_extractor()
    embeddings = embed(extractor, paths, (24, 32), tmp_path, workers=2)
    assert embeddings.shape == (10, 2, 6)
    assert embeddings.dtype == np.float16
    lightness = np.stack([color.rgb_to_lightness(images.read_resized(path, (24, 32))) for path in paths])
    for side, pictures in enumerate((lightness, lightness[:, :, ::-1])):
        expected = np.asarray(extractor.predict_on_batch(pictures))
        np.testing.assert_allclose(embeddings[:, side], expected, rtol=2e-3, atol=1e-3)  # float16 keeps 11 bits
    monkeypatch.setattr(extractor, "predict_on_batch", lambda _: pytest.fail("embedded again"))
    np.testing.assert_array_equal(embed(extractor, paths, (24, 32), tmp_path, workers=2), embeddings)
    assert len(list(tmp_path.iterdir())) == 1


def test_other_photographs_sizes_or_weights_are_embedded_anew(paths, tmp_path):
    extractor = stand_in_extractor()
    embed(extractor, paths, (24, 32), tmp_path, workers=1)
    embed(extractor, paths[:9], (24, 32), tmp_path, workers=1)
    embed(extractor, paths, (32, 32), tmp_path, workers=1)
    extractor.set_weights([weight + 1 for weight in extractor.get_weights()])
    embed(extractor, paths, (24, 32), tmp_path, workers=1)
    assert len(list(tmp_path.glob("embeddings-*.npy"))) == 4


def test_the_mirror_image_is_mirrored_from_left_to_right(paths, tmp_path):
    """With an extractor that keeps the places of what it sees."""
    lightness = keras.Input((24, 32, 1))
    extractor = keras.Model(lightness, keras.layers.Flatten()(lightness), name="extractor")
    embeddings = embed(extractor, paths[:2], (24, 32), tmp_path, workers=1)
    pictures = embeddings.reshape(2, 2, 24, 32)
    np.testing.assert_array_equal(pictures[:, 1], pictures[:, 0, :, ::-1])
    assert not np.array_equal(pictures[:, 1], pictures[:, 0, ::-1])
