"""A folder with everything in it that people have, as one run of predict.py meets it."""

import csv
import io
import os
import shutil
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import skimage.color
import skimage.util
import tifffile
from PIL import Image, ImageOps
from support import PRINTING, TINY

from fusioncolor import images
from fusioncolor.config import TrainConfig
from fusioncolor.training import loop


def good_files(rgb: np.ndarray) -> dict[str, bytes]:
    """A file of every kind that is read, by name."""
    deep = rgb.astype(np.uint16) * 257
    image = Image.fromarray(rgb)

    def encoded(picture: Image.Image, format: str, **options) -> bytes:
        file = io.BytesIO()
        picture.save(file, format, **options)
        return file.getvalue()

    def tiff(array: np.ndarray, **options) -> bytes:
        file = io.BytesIO()
        tifffile.imwrite(file, array, **options)
        return file.getvalue()

    files = {
        **{f"mode {mode}.png": encoded(image.convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
        **{f"plain{suffix}": encoded(image, format) for suffix, format in {
            ".jpg": "JPEG", ".jpeg": "JPEG", ".JPG": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP",
            ".bmp": "BMP", ".gif": "GIF",
        }.items()},
        "cmyk.jpg": encoded(image.convert("CMYK"), "JPEG"),
        "cmyk.tif": encoded(image.convert("CMYK"), "TIFF"),
        "gray16.png": encoded(Image.fromarray(deep[..., 0]), "PNG"),
        "color16.png": bytes(imagecodecs.png_encode(deep)),
        "little.tif": tiff(deep[..., 0], photometric="minisblack"),
        "big.tif": tiff(deep[..., 0], photometric="minisblack", byteorder=">"),
        "color16.tif": tiff(deep, photometric="rgb"),
        "float.tif": tiff((deep / 65535).astype(np.float32), photometric="rgb"),
        "adobe.jpg": encoded(image, "JPEG", icc_profile=imagecodecs.cms_profile("adobergb")),
        "dot.png": encoded(Image.fromarray(rgb[:1, :1]), "PNG"),
        "line.png": encoded(Image.fromarray(np.repeat(rgb[:1, :1], 5000, axis=1)), "PNG"),
        "odd.png": encoded(Image.fromarray(rgb[:37, :53]), "PNG"),
        "panorama.jpg": encoded(Image.fromarray(np.tile(rgb[:50], (1, 40, 1))), "JPEG"),
        "with space and 'quotes\".png": encoded(image, "PNG"),
        "emoji 🌄.png": encoded(image, "PNG"),
        "line\nbreak.png": encoded(image, "PNG"),
        f"{'n' * 251}.png": encoded(image, "PNG"),
        "same.jpg": encoded(image, "JPEG"),
        "same.png": encoded(image, "PNG"),
    }  # fmt: skip
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        files[f"turned {orientation}.jpg"] = encoded(Image.fromarray(rgb[:40]), "JPEG", exif=exif)
    return files


def bad_files(rgb: np.ndarray) -> dict[str, bytes]:
    """A file of every kind that cannot be read, by name."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    whole = file.getvalue()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    return {
        "empty.jpg": b"",
        "text.jpg": b"this is no picture",
        "cut.png": whole[: len(whole) // 2],
        "flipped.png": bytes(flipped),
        "values.tif": tifffile_bytes(np.full((4, 4), 7.0, np.float32)),
    }


def tifffile_bytes(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="minisblack")
    return file.getvalue()


def fill(folder: Path, rgb: np.ndarray, copies: int) -> tuple[int, set[str]]:
    """Writes every case `copies` times; returns how many files, and the names of the bad ones."""
    count, bad = 0, set()
    for copy in range(copies):
        for kind, files in (("good", good_files(rgb)), ("bad", bad_files(rgb))):
            for name, content in files.items():
                path = folder / f"tree {copy}" / kind / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                count += 1
                if kind == "bad":
                    bad.add(str(path))
    (folder / "directory.jpg").mkdir()
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    bad.add(str(folder / "dangling.jpg"))
    if os.getuid():
        shutil.copy(folder / "tree 0" / "good" / "plain.jpg", folder / "locked.jpg")
        (folder / "locked.jpg").chmod(0)
        bad.add(str(folder / "locked.jpg"))
        count += 1
    return count + 1, bad


def seen(path: Path) -> np.ndarray:
    """Upright pixels `(H, W, 3)` of a file as programs without this package see them, 8 or 16 bits or float."""
    if path.suffix == ".png" and imagecodecs.png_decode(path.read_bytes()).dtype == np.uint16:
        rgb = imagecodecs.png_decode(path.read_bytes())
    elif path.suffix in (".tif", ".tiff") and tifffile.imread(path).dtype != np.uint8:
        rgb = tifffile.imread(path)
    else:
        rgb = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    rgb = rgb if rgb.ndim == 3 else np.repeat(rgb[..., None], 3, axis=-1)
    return rgb[..., :3].astype(rgb.dtype.newbyteorder("="))


def check(scenes, trained_run, run_script, tmp_path, copies: int) -> None:
    rgb = images.read(images.find_in(scenes)[0]).rgb
    count, bad = fill(tmp_path / "in", rgb, copies)
    options = ["--output", tmp_path / "out", "--weights", trained_run / "best", "--report", tmp_path / "run.csv"]
    done = run_script("predict.py", tmp_path / "in", *options)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    with open(tmp_path / "run.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == count
    assert {line["file"] for line in lines if line["status"] == "failed"} == bad
    assert done.stderr.count("error:") == len(bad)
    results = set()
    for line in lines:
        if line["status"] == "failed":
            assert not Path(line["result"]).exists()
            continue
        before, after = seen(Path(line["file"])), seen(Path(line["result"]))
        assert after.shape == before.shape, line
        assert (int(line["height"]), int(line["width"])) == before.shape[:2]
        if Path(line["result"]).suffix.lower() in (".png", ".tif", ".tiff"):
            assert after.dtype == (np.uint8 if before.dtype == np.uint8 else np.uint16), line
        if "cmyk" not in line["file"] and "adobe" not in line["file"]:  # their colors need a profile
            lightness = [skimage.color.rgb2lab(skimage.util.img_as_float(rgb))[..., 0] for rgb in (before, after)]
            assert np.abs(lightness[0] - lightness[1]).mean() < 1, line  # of 100; JPEG and WebP lose a little
        results.add(line["result"])
    assert len(results) == count - len(bad)
    again = run_script("predict.py", tmp_path / "in", *options)
    assert again.returncode == 1
    assert f"{count - len(bad)} photographs already finished" in again.stdout


@pytest.mark.slow
def test_a_folder_with_every_case_in_it(scenes, trained_run, run_script, tmp_path):
    check(scenes, trained_run, run_script, tmp_path, copies=1)


@pytest.mark.slow
def test_a_thousand_files_with_every_case_among_them(scenes, trained_run, run_script, tmp_path):
    check(scenes, trained_run, run_script, tmp_path, copies=22)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_any_file_is_trained_on_or_left_out_with_a_reason(scenes, tmp_path, capsys):
    folder = tmp_path / "photographs"
    paths = images.find_in(scenes)
    rgb = images.read(paths[0]).rgb
    for path in paths[1:7]:
        images.write(folder / path.name, images.read(path).rgb)
    Image.fromarray(rgb).convert("CMYK").save(folder / "cmyk.jpg")
    images.write(folder / "deep.png", images.read(paths[7]).rgb.astype(np.uint16) * 257)
    images.write(folder / "tiny.png", np.array([[[200, 30, 30]]], np.uint8))
    images.write(folder / "large.jpg", images.resize(images.read(paths[8]).rgb, (2000, 3000)))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(images.read(paths[9]).rgb).save(folder / "turned.jpg", exif=exif)
    images.write(folder / "gray.png", np.full((40, 40, 3), 99, np.uint8))
    (folder / "empty.jpg").touch()
    (folder / "torn.jpg").write_bytes((folder / "large.jpg").read_bytes()[:5000])
    loop.train(TrainConfig(folder=folder, run=tmp_path / "run", **TINY), reporter=PRINTING)
    printed = capsys.readouterr().out
    assert "11 color photographs; left out: 1 gray or toned, 2 unreadable" in printed
    for name in ("gray.png", "empty.jpg", "torn.jpg"):
        assert name in printed
