import json

import numpy as np
import pytest
from PIL import Image

from fusioncolor import color, hints, images
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint

RED = (200, 30, 30)
RED_AB = color.rgb_to_lab(np.array([RED], np.uint8))[0, 1:]


def test_hints_in_text_json_and_scribbles_are_the_same(tmp_path):
    expected = [Hint(3, 5, (255, 0, 16))]
    assert hints.parse("3,5,#ff0010") == expected
    (tmp_path / "hints.json").write_text(json.dumps([{"x": 3, "y": 5, "color": "#ff0010"}]))
    assert hints.parse(str(tmp_path / "hints.json")) == expected
    scribble = np.zeros((8, 9, 4), np.uint8)
    scribble[5, 3] = (255, 0, 16, 255)
    Image.fromarray(scribble).save(tmp_path / "scribble.png")
    assert hints.parse(str(tmp_path / "scribble.png")) == expected


def test_one_hint_or_several_are_given_as_they_are_or_as_text(tmp_path):
    red = Hint(3, 5, "red")
    assert red == Hint(3, 5, (255, 0, 0))
    (tmp_path / "a.hint.json").write_text(json.dumps([{"x": 4, "y": 6, "color": "red"}]))
    for one in (red, "3,5,red", ["3,5,red"]):
        assert hints.parse_all(one) == [red]
    assert hints.parse_all([red, tmp_path / "a.hint.json"]) == [red, Hint(4, 6, "red")]
    assert hints.parse_all(()) == []


def test_what_is_neither_hint_nor_text_is_refused():
    with pytest.raises(TypeError, match=r"expected a Hint, or text such as .* Received: \(3, 5, 'red'\)"):
        hints.parse_all([(3, 5, "red")])
    for rgb in ((300, 0, 0), (1, 2), (0.5, 0.5, 0.5)):
        with pytest.raises(InputError, match="three whole numbers from 0 to 255"):
            Hint(3, 5, rgb)
    for name, advice in (("bluue", "did you mean 'blue'"), ("#abc", "give it as #rrggbb"), ("C0", "")):
        with pytest.raises(InputError, match=f"no color '{name}'; {advice}"):
            Hint(3, 5, name)


@pytest.mark.parametrize("text", ["", "3,5", "a,b,#ff0000", "3,5,#ff00", "none.json", "none.png"])
def test_what_is_no_hint_is_refused(text):
    with pytest.raises(InputError, match="not a hint"):
        hints.parse(text)


@pytest.mark.parametrize(
    ("name", "rgb"),
    [("red", (255, 0, 0)), ("Sky Blue", (135, 206, 235)), ("terracotta", (202, 102, 65)), ("#0a0B0c", (10, 11, 12))],
)
def test_colors_have_names(tmp_path, name, rgb):
    assert hints.parse(f"3, 5, {name}") == [Hint(3, 5, rgb)]
    (tmp_path / "hints.json").write_text(json.dumps([{"x": 3, "y": 5, "color": name}]))
    assert hints.parse(str(tmp_path / "hints.json")) == [Hint(3, 5, rgb)]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("terracottta", "did you mean 'terracotta'"),
        ("qqq", "give it as #rrggbb"),
        ("r", "give it as #rrggbb"),  # a color to Matplotlib, as the next
        ("none", "did you mean"),
    ],
)
def test_an_unknown_color_is_guessed(name, hint):
    with pytest.raises(InputError, match=f"no color '{name}'; {hint}"):
        hints.parse(f"3,5,{name}")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '[{"x": 1}]',
        "[3]",
        '[{"x": "a", "y": 1, "color": "#ff0000"}]',
        '[{"x": Infinity, "y": 1, "color": "#ff0000"}]',
        "[" * 9999,
    ],
)
def test_a_wrong_json_file_is_refused(tmp_path, content):
    (tmp_path / "hints.json").write_text(content)
    if content == "{}":
        assert hints.parse(str(tmp_path / "hints.json")) == []
        return
    with pytest.raises(InputError, match=r"hints\.json|not a hint"):
        hints.parse(str(tmp_path / "hints.json"))


def test_scribbles_need_transparency_and_color(tmp_path):
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "opaque.png")
    with pytest.raises(InputError, match="needs transparency"):
        hints.parse(str(tmp_path / "opaque.png"))
    Image.fromarray(np.zeros((4, 4, 4), np.uint8)).save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="transparent"):
        hints.parse(str(tmp_path / "empty.png"))


@pytest.mark.parametrize(("x", "y"), [(200, 0), (0, 100), (-1, 5)])
def test_a_hint_outside_the_photograph_is_refused_with_its_size(x, y):
    with pytest.raises(InputError, match="200x100"):
        hints.apply(
            np.full((100, 200, 1), 50, np.float32), np.zeros((100, 200, 2), np.float32), hints=[Hint(x, y, RED)]
        )


def test_scribbles_of_16_bits_mean_the_same_as_those_of_8(tmp_path):
    rgb, alpha = np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), np.uint8)
    rgb[1, 2], alpha[1, 2] = (200, 100, 0), 255
    images.write(tmp_path / "shallow.png", rgb, alpha)
    deep_alpha = alpha.astype(np.uint16) * 257
    deep_alpha[3, 3] = 200  # of 65535: as good as transparent
    images.write(tmp_path / "deep.png", rgb.astype(np.uint16) * 257, deep_alpha)
    assert hints.parse(str(tmp_path / "deep.png")) == hints.parse(str(tmp_path / "shallow.png"))


def test_a_hint_lies_at_x_to_the_right_and_y_down():
    lightness = np.full((40, 100, 1), 50, np.float32)
    lightness[:20, 50:] = 90  # top right
    ab = hints.apply(lightness, np.zeros((40, 100, 2), np.float32), hints=[Hint(90, 4, RED)])
    chroma = np.linalg.norm(ab, axis=-1)
    assert chroma[4, 90] > 0.9 * np.linalg.norm(RED_AB)
    assert chroma[:20, 60:].mean() > 10 * chroma[20:].mean()
    with pytest.raises(InputError, match="hint 4,90 lies outside the photograph, which is 100x40"):
        hints.apply(lightness, np.zeros((40, 100, 2), np.float32), hints=[Hint(4, 90, RED)])


def test_a_hint_is_written_as_it_is_read():
    assert str(Hint(3, 5, (255, 0, 16))) == "3,5,#ff0010"
    assert hints.parse(str(Hint(3, 5, (255, 0, 16)))) == [Hint(3, 5, (255, 0, 16))]


def test_hints_beside_a_photograph_are_found_by_its_name(tmp_path):
    for name in ("a.jpg", "a.hint.json", "a.scribble.png", "b.jpg"):
        (tmp_path / name).touch()
    assert hints.beside(tmp_path / "a.jpg") == (tmp_path / "a.hint.json", tmp_path / "a.scribble.png")
    assert hints.beside(tmp_path / "b.jpg") == ()
    assert hints.beside(tmp_path / f"{'n' * 250}.jpg") == ()  # a name with room for ".jpg" alone
    assert [path.name for path in images.find_in(tmp_path)] == ["a.jpg", "b.jpg"]


def test_a_hint_outside_is_refused_with_the_photographs_name():
    hints.check([Hint(x, y, RED) for x in (0, 29) for y in (0, 19)], (20, 30))  # the corners lie inside
    with pytest.raises(InputError, match=r"hint 30,19 lies outside b\.jpg, which is 30x20"):
        hints.check([Hint(30, 19, RED)], (20, 30), "b.jpg")


def test_a_scribble_pixel_counts_from_half_its_opacity_on(tmp_path):
    scribble = np.zeros((2, 2, 4), np.uint8)
    scribble[0, 1] = (200, 0, 0, 128)
    scribble[1, 0] = (0, 200, 0, 127)
    Image.fromarray(scribble).save(tmp_path / "a.png")
    assert hints.parse(str(tmp_path / "a.png")) == [Hint(1, 0, (200, 0, 0))]
