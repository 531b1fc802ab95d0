import zipfile

import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.app.desk import Desk
from fusioncolor.app.strokes import Stroke
from fusioncolor.app.studio import Look
from fusioncolor.errors import InputError

pytestmark = pytest.mark.keras


@pytest.fixture
def desk(tmp_path, studio) -> Desk:
    return Desk(tmp_path / "desk", studio, most=3, max_pixels=100_000)


def dropped(tmp_path, name="old.jpg", size=(90, 60), **options):
    """A photograph with orientation and metadata, as Gradio gives it: in a folder of its own."""
    ramp = (np.add.outer(np.arange(size[1]), np.arange(size[0])) % 512 // 2).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "A. Photographer"
    path = tmp_path / "dropped" / name
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(ramp).save(path, exif=exif, **options)
    return path


def add(desk, tmp_path, name="old.jpg", **options):
    return desk.add(dropped(tmp_path, name, **options), name)


def test_the_download_is_what_predict_writes(desk, tmp_path, look, run_command):
    path = dropped(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "old.jpg").write_bytes(path.read_bytes())
    desk.add(path, "old.jpg")
    desk.preview(0, look)
    result = desk.result(0, look)
    options = ["--output", tmp_path / "out", "--weights", look.weights, "--precision", "float32"]
    assert run_command("predict", tmp_path / "in" / "old.jpg", *options).returncode == 0
    ours, theirs = (images.read(one) for one in (result, tmp_path / "out" / "old.jpg"))
    assert result.name == "old.jpg"
    assert ours.rgb.shape == theirs.rgb.shape == (90, 60, 3)  # upright
    assert ours.metadata.exif == theirs.metadata.exif
    assert ours.metadata.exif[0x013B] == "A. Photographer"
    assert np.abs(ours.rgb.astype(int) - theirs.rgb).max() <= 2  # JPEG of values that rounding moved by one


def test_options_change_preview_and_download_alike(desk, tmp_path, look):
    one = add(desk, tmp_path, size=(256, 256))
    one.strokes.append(Stroke(((0.5, 0.5),), "#ff0000"))
    chosen = Look(look.weights, vividness=2)
    preview = desk.preview(0, chosen)
    result = images.read(desk.result(0, chosen)).rgb
    red, _, blue = map(int, preview[128, 128])
    assert red > blue + 40  # the hint
    assert np.abs(preview.astype(int) - result).mean() < 3  # JPEG


def test_a_large_photograph_has_a_small_preview_and_a_large_result(tmp_path, studio, look):
    desk = Desk(tmp_path / "desk", studio, most=1, max_pixels=10_000_000)
    add(desk, tmp_path, "wide.png", size=(2400, 300))
    assert max(desk.preview(0, look).shape) == 1200
    assert images.read(desk.result(0, look)).rgb.shape == (2400, 300, 3)


def test_files_of_one_name_stay_apart_in_the_archive(desk, tmp_path, look):
    steps = []
    for _ in range(2):
        add(desk, tmp_path)
    archive = desk.archive(look, lambda: steps.append(1))
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["old.jpg", "old-2.jpg"]
        assert packed.testzip() is None
    assert len(steps) == 2


def test_what_is_only_read_is_written_as_png(desk, tmp_path, look):
    path = tmp_path / "a.gif"
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(path)
    desk.add(path, "a.gif")
    assert desk.result(0, look).name == "a.png"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jpg", b"<script>alert(1)</script>", r"a\.jpg: not an image"),
        ("a.exe", b"MZ", r"a\.exe: not one of the formats"),
        ("a", b"", "a: not one of the formats"),
    ],
)
def test_a_file_that_is_no_photograph_is_refused_and_deleted(desk, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        desk.add(tmp_path / name, name)
    assert not desk.prints
    assert not [path for path in (tmp_path / "desk").rglob("*") if path.is_file()]


def test_too_large_a_photograph_is_refused(desk, tmp_path):
    with pytest.raises(InputError, match="decompression bombs"):
        add(desk, tmp_path, "a.png", size=(1000, 200))


def test_a_full_desk_is_said_to_be(desk, tmp_path):
    for _ in range(3):
        add(desk, tmp_path)
    with pytest.raises(InputError, match="there are 3 photographs already"):
        add(desk, tmp_path)


def test_a_name_cannot_lead_out_of_the_desk(desk, tmp_path):
    one = desk.add(dropped(tmp_path), "../../old.jpg")
    assert one.path.is_relative_to(tmp_path / "desk")
    assert one.name == "old.jpg"


def test_nothing_stays_on_the_disk(desk, tmp_path, look):
    add(desk, tmp_path)
    add(desk, tmp_path)
    desk.result(0, look)
    first = desk.prints[0].path
    desk.discard(0)
    assert not first.exists()
    desk.clear()
    assert not (tmp_path / "desk").exists()


def test_outputs_of_long_unused_photographs_are_forgotten_and_come_back(desk, tmp_path, look, monkeypatch):
    monkeypatch.setattr("fusioncolor.app.desk._REMEMBERED", 1)
    for _ in range(2):
        add(desk, tmp_path)
    first = desk.preview(0, look)
    desk.preview(1, look)
    assert not desk.prints[0].seen.outputs
    np.testing.assert_array_equal(desk.preview(0, look), first)


def test_before_is_the_photograph_as_it_was_but_gray_if_it_had_color(desk, tmp_path):
    add(desk, tmp_path, "a.png")
    np.testing.assert_array_equal(desk.before(0), desk.prints[0].small)
    color = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    Image.fromarray(color).save(tmp_path / "c.png")
    desk.add(tmp_path / "c.png", "c.png")
    assert images.is_gray(desk.before(1))
