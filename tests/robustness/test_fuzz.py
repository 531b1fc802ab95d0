"""Arbitrary bytes, descriptions and names: a result or one sentence, never anything else, and nothing out of place."""

import dataclasses
import io
import json
from pathlib import Path
from unittest.mock import patch

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fusioncolor import images
from fusioncolor.errors import InputError
from fusioncolor.models import factory, saving
from fusioncolor.models.families import MODELS
from fusioncolor.prediction import plan

FEW, MANY = 150, 7000  # cases of each test; the slow run has over 20,000 of the three that read
common = {"deadline": 10_000, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (9, 14, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (9, 14, 3), dtype=np.uint16)


def encoded(format: str, **options) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(RGB)
    if format == "CMYK":
        image, format = image.convert("CMYK"), "JPEG"
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "somebody's garden"
    image.save(file, format=format, **({"exif": exif} if format in ("JPEG", "PNG", "TIFF", "WEBP") else {}), **options)
    return file.getvalue()


def deep_tiff(**options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, DEEP, photometric="rgb", **options)
    return file.getvalue()


FILES = [
    *(encoded(format) for format in ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "CMYK")),
    encoded("JPEG", progressive=True),
    encoded("PNG", icc_profile=imagecodecs.cms_profile("adobergb")),
    bytes(imagecodecs.png_encode(DEEP)),
    deep_tiff(),
    deep_tiff(compression="zlib", iccprofile=imagecodecs.cms_profile("adobergb")),
    deep_tiff(byteorder=">"),
]

changes = st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=6)


@st.composite
def damaged(draw) -> bytes:
    """An image file with pieces overwritten, removed, inserted or cut off."""
    content = bytearray(draw(st.sampled_from(FILES)))
    for place, new, removed in draw(changes):
        start = int(place**2 * len(content))  # headers are at the start
        content[start : start + removed] = new
    if draw(st.booleans()):
        del content[int(draw(st.floats(0, 1)) * len(content)) :]
    return bytes(content)


def read_or_refuse(path: Path) -> None:
    for read in (lambda: images.read(path, max_pixels=1_000_000), lambda: images.read_resized(path, (8, 8))):
        try:
            result = read()
        except InputError as error:
            assert "\n" not in str(error)
            assert str(path) in str(error)
            continue
        rgb = result if isinstance(result, np.ndarray) else result.rgb
        assert rgb.ndim == 3
        assert rgb.shape[-1] == 3
        assert rgb.dtype in (np.uint8, np.uint16)
        if not isinstance(result, np.ndarray):
            images.write(path.with_name("out.jpg"), rgb, metadata=result.metadata.noted())


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def fuzz_reader(place: Path, cases: int) -> None:
    @settings(max_examples=cases, **common)
    @given(damaged(), st.sampled_from(images.readable_suffixes()))
    def run(content, suffix):
        path = place / f"case{suffix}"
        path.write_bytes(content)
        read_or_refuse(path)
        path.unlink()

    run()


numbers = st.one_of(st.integers(), st.floats(), st.booleans(), st.none())
anything = st.recursive(
    st.one_of(numbers, st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=10), inner, max_size=5)),
    max_leaves=20,
)
names = ("format", "model", "head", "size", "options", "weights", "training")
plausible = st.sampled_from([
    "fusion", "plain", "sift", [256, 256], [32, 32], {"name": "regression"}, {"inception": False}, {}, 1,
    {"name": "classification", "prior": None, "temperature": 0.38}, {"dropout": 0.5}, {"sha256": "0" * 64},
])  # fmt: skip


def fuzz_description(place: Path, cases: int) -> None:
    folder = place / "saved"
    factory.create("fusion", inception=False, size=(32, 32)).save(folder)
    good = json.loads((folder / saving.CONFIG_FILE).read_text())
    network = factory.create("fusion", inception=False).network

    @settings(max_examples=cases, **common)
    @given(st.dictionaries(st.sampled_from(names), st.one_of(anything, plausible), max_size=4), st.booleans())
    def run(entries, whole):
        config = {**good, **entries} if whole else entries
        (folder / saving.CONFIG_FILE).write_text(json.dumps(config))
        try:
            factory.load(folder)
        except InputError as error:
            assert "\n" not in str(error)

    class Built:
        """Stands for every network, whose weights any file fits: building them takes too long for thousands."""

        def __call__(self, channels, activation, **options):
            assert all(isinstance(value, bool | int | float) for value in options.values())
            return network

    built = {name: dataclasses.replace(family, build=Built()) for name, family in MODELS.items()}
    with patch.object(MODELS, "_own", built), patch.object(saving, "load_weights", lambda *_: None):
        run()


parts = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=30)


def fuzz_names(place: Path, cases: int) -> None:
    @settings(max_examples=cases, **common)
    @given(
        st.lists(st.lists(parts, min_size=1, max_size=3), min_size=1, max_size=8), st.sampled_from([None, "png", "jpg"])
    )
    def run(trees, format):
        found = []
        for tree in trees:
            relative = Path(*[part for part in tree if part not in (".", "..")] or ["a"])
            found.append(images.Found(place / "in" / relative, relative, "in"))
        output = place / "out"
        planned = plan.assign_targets(found, output, format=format)
        targets = [str(task.target).casefold() for task in planned]
        assert len(set(targets)) == len(targets) == len(found)
        for task in planned:
            assert task.target.resolve().is_relative_to(output.resolve())
            assert task.target != task.source

    run()


def test_damaged_image_files(place):
    fuzz_reader(place, FEW)


def test_arbitrary_descriptions(place):
    fuzz_description(place, FEW)


def test_arbitrary_names(place):
    fuzz_names(place, FEW)


@pytest.mark.slow
def test_many_damaged_image_files(place):
    fuzz_reader(place, 2 * MANY)


@pytest.mark.slow
def test_many_arbitrary_descriptions(place):
    fuzz_description(place, MANY)


@pytest.mark.slow
def test_many_arbitrary_names(place):
    fuzz_names(place, MANY)
