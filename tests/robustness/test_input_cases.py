"""Every kind of file that people have: what is read is right, and what is written holds what was read."""

import io
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 20, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (12, 20, 3), dtype=np.uint16)


def of_format(suffix: str) -> bytes:
    file = io.BytesIO()
    if suffix == ".deep.png":
        return bytes(imagecodecs.png_encode(DEEP))
    if suffix == ".deep.tif":
        tifffile.imwrite(file, DEEP, photometric="rgb", compression="zlib")
        return file.getvalue()
    Image.fromarray(RGB).save(file, format=Image.registered_extensions()[suffix])
    return file.getvalue()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif", ".deep.png", ".deep.tif"])
def test_a_file_cut_anywhere_is_read_whole_or_named(tmp_path, suffix):
    content = of_format(suffix)
    path = tmp_path / f"a{suffix}"
    failed = 0
    for length in range(0, len(content), 10):
        path.write_bytes(content[:length])
        try:
            assert images.read(path).rgb.shape == RGB.shape
        except InputError as error:
            failed += 1
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
    assert failed > len(content) // 10 // 2


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_with_the_way_out(tmp_path):
    size = 10_001

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = size.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(b"\0" * (size + 1) * size, 9)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert len(content) < 200_000
    (tmp_path / "bomb.png").write_bytes(content)
    tifffile.imwrite(tmp_path / "bomb.tif", np.zeros((10_001, 10_001), np.uint16), compression="zlib")
    for name in ("bomb.png", "bomb.tif"):
        for read in (images.read, lambda path: images.read_resized(path, (8, 8))):
            with pytest.raises(InputError, match=r"10001x10001 pixels .*`max_megapixels` 101 raises it"):
                read(tmp_path / name)
    assert images.read_resized(tmp_path / "bomb.png", (8, 8), max_pixels=101_000_000).shape == (8, 8, 3)
