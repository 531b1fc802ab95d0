"""Mistakes that are told before the network is imported."""

import json

import certificates
import numpy as np
import pytest
from PIL import Image

from fusioncolor import images
from fusioncolor.config import PUBLISHED_WEIGHTS, PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.models import engines, saving
from fusioncolor.prediction import checks, plan


def check_hints(folder, **options) -> None:
    config = PredictConfig(photographs=[folder], output=folder / "out", weights=["gray"], **options)
    checks.check_hints(config, plan.tasks(config))


@pytest.fixture
def pair(tmp_path):
    """Two photographs, 30 pixels wide and 20 high; the second is stored sideways."""
    rgb = np.zeros((20, 30, 3), np.uint8)
    images.write(tmp_path / "a.png", rgb)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(rgb.swapaxes(0, 1)).save(tmp_path / "b.jpg", exif=exif)
    return tmp_path


def test_a_hint_outside_the_upright_photograph_is_refused_with_its_name(pair):
    for name, options in (("a.png", {"hint": ["29,19,red"]}), ("b.jpg", {"hint": ["29,19,red"]})):
        check_hints(pair / name, **options)
    with pytest.raises(InputError, match=r"hint 19,29 lies outside .*b.jpg, which is 30x20"):
        check_hints(pair / "b.jpg", hint=["19,29,red"])


def test_hints_of_one_photograph_are_not_used_for_many_unless_asked(pair):
    with pytest.raises(InputError, match=r"for one photograph, and there are 2: .* a\.hint\.json, .*`hint_all`"):
        check_hints(pair, hint=["1,1,red"])
    check_hints(pair, hint=["1,1,red"], hint_all=True)
    with pytest.raises(InputError, match="lies outside"):
        check_hints(pair, hint=["29,25,red"], hint_all=True)


def test_hints_beside_a_photograph_are_checked_against_it(pair):
    (pair / "b.hint.json").write_text(json.dumps([{"x": 2, "y": 25, "color": "red"}]))
    with pytest.raises(InputError, match=r"hint 2,25 lies outside .*b.jpg"):
        check_hints(pair)
    (pair / "b.hint.json").write_text("no hints")
    with pytest.raises(InputError, match=r"b\.hint\.json: not a list"):
        check_hints(pair)


def test_scribbles_of_another_size_are_refused(pair):
    Image.new("RGBA", (15, 10), (200, 0, 0, 255)).save(pair / "a.scribble.png")
    with pytest.raises(InputError, match=r"a\.scribble\.png: 15x10 pixels, where .*a\.png has 30x20"):
        check_hints(pair)


def test_an_unreadable_photograph_with_hints_is_left_to_the_run(pair):
    with pytest.raises(InputError, match="lies outside"):
        check_hints(pair / "a.png", hint=["500,500,red"])
    (pair / "a.png").write_text("no picture")
    check_hints(pair / "a.png", hint=["500,500,red"])


def test_an_engine_of_other_weights_or_without_its_runtime_is_refused(tmp_path, monkeypatch):
    engine = tmp_path / "n.onnx"
    engine.write_bytes(b"network")
    facts = {"format": "onnx", "weights": "others", "sha256": {}}
    engines.description_of(engine).write_text(json.dumps(facts))
    config = PredictConfig(output=tmp_path / "out", weights=[PUBLISHED_WEIGHTS], engine=engine)
    with pytest.raises(InputError, match="exported from other weights"):
        checks.check(config)
    digest = saving.read_description(saving.find_folder(PUBLISHED_WEIGHTS)).weights.sha256
    engines.description_of(engine).write_text(json.dumps(facts | {"weights": digest}))
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"onnxruntime is not installed: pip install .fusioncolor\[onnx\]"):
        checks.check(config)


def test_a_file_where_the_grid_needs_a_folder_is_refused(tmp_path):
    (tmp_path / "grids").touch()
    with pytest.raises(InputError, match="`grid` needs a folder"):
        checks.check(PredictConfig(output=tmp_path, weights=["gray"], grid=True))


def test_a_certificate_without_its_key_is_refused(tmp_path):
    for options in ({"sign_cert": tmp_path / "chain.pem"}, {"sign_key": tmp_path / "key.pem"}):
        with pytest.raises(InputError, match="give both `sign_cert` and `sign_key`"):
            PredictConfig(photographs=[tmp_path], **options)


def test_a_certificate_is_tried_out_before_anything_is_colorized(tmp_path):
    pytest.importorskip("c2pa")
    chain, key, _ = certificates.make(tmp_path, expired=True)
    config = PredictConfig(photographs=[tmp_path], weights=["gray"], sign_cert=chain, sign_key=key)
    with pytest.raises(InputError, match="not valid at time of signing"):
        checks.check(config)
