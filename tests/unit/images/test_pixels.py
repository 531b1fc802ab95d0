import numpy as np

from fusioncolor import images

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)


def test_gray_pictures_are_told_from_colored_ones(tmp_path):
    gray = np.repeat(RGB[..., :1], 3, axis=-1)
    images.write(tmp_path / "gray.jpg", gray)
    assert images.is_gray(images.read(tmp_path / "gray.jpg").rgb)
    assert images.is_gray(gray.astype(np.uint16) * 257)
    assert not images.is_gray(RGB)
    one_red_corner = np.full((20, 20, 3), 90, np.uint8)
    one_red_corner[:4, :4] = (160, 60, 60)
    assert not images.is_gray(one_red_corner)


def test_resizing_a_ramp_keeps_it_a_ramp():
    ramp = np.linspace(0, 100, 64, dtype=np.float32)[None, :, None].repeat(8, axis=0)
    small = images.resize(ramp, (4, 16))
    np.testing.assert_allclose(small[0, 2:-2, 0], np.linspace(0, 100, 64).reshape(16, 4).mean(1)[2:-2], atol=0.1)
    assert small.dtype == np.float32
