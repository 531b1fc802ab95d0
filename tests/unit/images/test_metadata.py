import numpy as np
import pytest
import tifffile
from PIL import Image

from fusioncolor import images
from fusioncolor.images import metadata, xmp

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 20, 3), dtype=np.uint8)


def full_of_metadata(suffix: str) -> dict:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother in the garden"
    exif[0x0112] = 1
    exif[0x0131] = "Scanner 3"
    exif[0x013B] = "A. Photographer"
    exif.get_ifd(0x8769)[0x9003] = "1931:05:01 12:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    options = {"exif": exif.tobytes(), "dpi": (300, 300)}
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/>garden</x:xmpmeta>'
    if suffix in (".jpg", ".webp"):
        options["xmp"] = xmp
    elif suffix == ".png":
        from PIL import PngImagePlugin

        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    return options


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_metadata_is_kept_made_true_and_noted(tmp_path, suffix):
    Image.fromarray(RGB).save(tmp_path / f"a{suffix}", **full_of_metadata(suffix))
    photograph = images.read(tmp_path / f"a{suffix}")
    images.write(tmp_path / f"b{suffix}", photograph.rgb, metadata=photograph.metadata.noted())
    with Image.open(tmp_path / f"b{suffix}") as written:
        exif = written.getexif()
        assert exif[0x010E] == "Grandmother in the garden"
        assert exif[0x013B] == "A. Photographer"
        assert exif[0x0131] == f"Scanner 3; {metadata.NOTE}"
        assert exif.get(0x0112, 1) == 1
        assert exif.get_ifd(0x8769)[0x9003] == "1931:05:01 12:00:00"
        assert exif.get_ifd(0x8769)[0xA001] == 1
        assert exif.get_ifd(0x8825)[1] == "N"
        if suffix != ".webp":
            assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        if suffix != ".tif":
            assert b"garden" in written.info["xmp"]
            assert b'tiff:Orientation="1"' in written.info["xmp"]
    noted_twice = images.read(tmp_path / f"b{suffix}").metadata.noted().exif[0x0131]
    assert noted_twice.count("AI-colorized") == 1


def test_the_caption_of_a_press_photograph_is_kept(tmp_path):
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02x\0\x06garden\0"
    Image.fromarray(RGB).save(tmp_path / "a.jpg", extra=b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block)
    photograph = images.read(tmp_path / "a.jpg")
    images.write(tmp_path / "b.jpg", photograph.rgb, metadata=photograph.metadata)
    assert b"\x06garden" in (tmp_path / "b.jpg").read_bytes()
    assert images.read(tmp_path / "b.jpg").rgb.shape == RGB.shape


@pytest.mark.parametrize("exif", [b"Exif\0\0" + bytes(range(200)), b"Exif\0\0II*\0\x08\0\0\0\xff\xff"])
def test_damaged_exif_does_not_cost_the_photograph(tmp_path, exif):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    photograph = images.read(tmp_path / "a.jpg")
    images.write(tmp_path / "b.jpg", photograph.rgb, metadata=photograph.metadata.noted())
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.getexif()[0x0131].endswith(metadata.NOTE)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_a_description_of_the_old_files_layout_is_not_passed_on(tmp_path, suffix):
    for text, kept in (('{"shape": [8, 9]}', False), ("ImageJ=1.53", False), ("A lake", True)):
        tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 9), np.uint8), description=text, metadata=None)
        photograph = images.read(tmp_path / "a.tif")
        images.write(tmp_path / f"b{suffix}", photograph.rgb, metadata=photograph.metadata)
        with Image.open(tmp_path / f"b{suffix}") as written:
            assert (written.getexif().get(0x010E) == text) is kept


def test_the_note_says_whether_the_colors_were_learned_and_by_what():
    plain = metadata.Metadata(exif={0x010E: "garden"})
    assert plain.noted("weights").exif[0x0131] == f"{metadata.NOTE} (weights)"
    by_rule = plain.noted(learned=False)
    assert by_rule.exif[0x0131] == metadata.NOTE.removeprefix("AI-")
    assert by_rule.exif[0x010E] == "garden"
    assert plain.exif == {0x010E: "garden"}
    sources = [xmp.source_type_of(noted.xmp) for noted in (plain.noted(), by_rule)]
    assert sources == [xmp.COMPOSITE, xmp.ENHANCED]


def test_details_get_the_size_of_the_new_picture():
    exif = Image.Exif()
    exif.load(metadata.Metadata(details={0xA002: 1, 0xA003: 1, 0x9003: "1931"}).exif_bytes((12, 20)))
    details = exif.get_ifd(0x8769)
    assert (details[0xA002], details[0xA003], details[0x9003]) == (20, 12, "1931")
    assert metadata.Metadata().exif_bytes((12, 20)) == b""
    assert metadata.Metadata(place={1: "N"}).exif_bytes((12, 20)) != b""


@pytest.mark.parametrize(
    ("dpi", "read"),
    [
        ((1, 65_535), (1, 65_535)),
        ((65_535, 1), (65_535, 1)),
        ((300.5, 72), (300.5, 72)),
        ((0.9, 300), None),
        ((300, 65_536), None),
        (("?", 300), None),
        (None, None),
    ],
)
def test_a_resolution_must_make_sense(dpi, read):
    image = Image.fromarray(RGB)
    if dpi:
        image.info["dpi"] = dpi
    assert metadata.read(image).metadata.dpi == read


def test_an_orientation_that_is_none_counts_as_upright():
    for stored, read in ((6, 6), (8, 8), (0, 1), (9, 1), ("x", 1)):
        image = Image.fromarray(RGB)
        image.getexif()[0x0112] = stored
        assert metadata.read(image).orientation == read
