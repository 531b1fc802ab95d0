import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fusioncolor
from fusioncolor import images
from fusioncolor.config import PredictConfig
from fusioncolor.images.formats import Format, writable_suffixes
from fusioncolor.prediction import plan
from fusioncolor.registries import FORMATS, READ_ONLY_FORMATS

RGB = np.random.default_rng(0).integers(0, 256, (13, 29, 3), dtype=np.uint8)
ALPHA = (np.arange(13 * 29) % 255 + 1).astype(np.uint8).reshape(13, 29)  # WebP drops the color of clear pixels
DEEP = np.minimum(RGB * np.uint32(257) + 3, 65_535).astype(np.uint16)  # RGB when rounded to 8 bits
ROWS = {name: FORMATS[name] for name in FORMATS}


@pytest.fixture
def ppm():
    """A format that another package adds."""
    yield FORMATS.register("ppm", Format("PPM", (".ppm",)))
    FORMATS.unregister("ppm")


@pytest.mark.parametrize("name", ROWS)
def test_a_row_keeps_what_it_promises(tmp_path, name):
    row = ROWS[name]
    for suffix in row.suffixes:
        images.write(tmp_path / f"a{suffix}", DEEP, ALPHA.astype(np.uint16) * 257)
        photograph = images.read(tmp_path / f"a{suffix}")
        assert photograph.rgb.dtype == f"uint{row.bits}"
        assert (photograph.alpha is not None) == row.alpha
        expected = DEEP if row.bits == 16 else RGB
        assert row.lossless == np.array_equal(photograph.rgb, expected)
        with Image.open(tmp_path / f"a{suffix}") as file:
            assert file.format == row.name


def test_a_gif_is_read_but_not_written():
    assert list(READ_ONLY_FORMATS) == ["gif"]
    assert ".gif" in images.readable_suffixes()
    assert ".gif" not in writable_suffixes()
    assert images.format_of(".gif") is None


def test_no_two_formats_share_a_suffix():
    assert len(set(images.readable_suffixes())) == len(images.readable_suffixes())
    assert images.format_of(".JPEG") is images.format_of(".jpg") is FORMATS["jpg"]


def test_a_format_from_outside_is_found_written_and_chosen(tmp_path, ppm):
    images.write(tmp_path / "a.ppm", RGB)
    assert (tmp_path / "a.ppm").read_bytes().startswith(b"P6")
    np.testing.assert_array_equal(images.read(tmp_path / "a.ppm").rgb, RGB)
    assert images.find_in(tmp_path) == [tmp_path / "a.ppm"]
    [kept] = plan.assign_targets(images.find([tmp_path]), Path("out"))
    assert kept.target == Path("out/a.ppm")
    images.write(tmp_path / "in" / "b.png", RGB)
    [chosen] = plan.assign_targets(images.find([tmp_path / "in"]), Path("out"), format="ppm")
    assert chosen.target == Path("out/b.ppm")
    assert "ppm" in PredictConfig.__dataclass_fields__["format"].metadata["choices"]


def test_save_options_of_a_format_from_outside_are_used(tmp_path):
    def compressed(metadata, size, quality):
        return {"irreversible": True, "quality_mode": "rates", "quality_layers": [quality / 5]}

    fusioncolor.register_format(
        "jp2", Format("JPEG2000", (".jp2",), alpha=True, lossless=False, save_options=compressed)
    )
    try:
        for quality in (10, 100):
            images.write(tmp_path / f"{quality}.jp2", np.tile(RGB, (9, 9, 1)), quality=quality)
        assert (tmp_path / "100.jp2").stat().st_size < (tmp_path / "10.jp2").stat().st_size / 2
    finally:
        FORMATS.unregister("jp2")


def test_names_of_formats_need_no_pillow(project):
    code = "import sys; from fusioncolor.registries import FORMATS; list(FORMATS); sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=project).returncode == 0
