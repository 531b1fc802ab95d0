from dataclasses import replace

import numpy as np
import pytest
from support import build_colorizer

from fusioncolor.app.studio import Look, Seen, Studio
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.models import session
from fusioncolor.models.session import Session

RGB = np.linspace(0, 255, 60).astype(np.uint8)[None, :, None].repeat(40, axis=0).repeat(3, axis=2)


@pytest.fixture
def studio(monkeypatch) -> Studio:
    """A studio of two small networks; `runs` counts how often each ran."""
    colorizers = {"a": build_colorizer("fusion", "classification"), "b": build_colorizer("fusion", "regression")}
    monkeypatch.setattr(session, "_open", lambda name, options, engine: colorizers[name])
    studio = Studio("float32")
    studio.runs = []
    for name, colorizer in colorizers.items():
        run = colorizer.network.predict_on_batch

        def counted(inputs, name=name, run=run):
            studio.runs.append(name)
            return run(inputs)

        monkeypatch.setattr(colorizer.network, "predict_on_batch", counted)
    return studio


def picture(studio, seen, look, hints=()):
    if look.weights not in seen.outputs:
        studio.see(RGB, seen, look.weights)
    return studio.picture(RGB, seen, look, list(hints))


def test_the_picture_is_that_of_a_session(studio):
    expected = Session(["a"], studio._options).colorize([RGB])[0]
    np.testing.assert_array_equal(picture(studio, Seen(), Look("a")), expected)


def test_the_network_runs_once_however_often_options_change(studio):
    seen = Seen()
    plain = picture(studio, seen, Look("a"))
    looks = [
        Look("a", vividness=2),
        Look("a", decode="mode"),
        Look("a", refine=("segment",)),
    ]
    changed = [picture(studio, seen, look) for look in looks]
    changed.append(picture(studio, seen, Look("a"), [Hint(5, 5, (255, 0, 0))]))
    assert studio.runs == ["a"]
    assert [int((one != plain).any()) for one in changed] == [1, 1, 1, 1]
    picture(studio, seen, Look("b"))
    picture(studio, seen, Look("a"))
    assert studio.runs == ["a", "b"]


def test_no_vividness_is_gray(studio):
    gray = picture(studio, Seen(), Look("b", vividness=0))
    assert np.ptp(gray.astype(int), axis=-1).max() <= 1  # sRGB rounds


def test_weights_know_whether_they_can_be_decoded(studio):
    assert studio.gives_confidence("a")
    assert not studio.gives_confidence("b")
    with pytest.raises(InputError, match="`decode`"):
        picture(studio, Seen(), Look("b", decode="mode"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"vividness": 11}, "`vividness` must be from 0 to 10"),
        ({"vividness": np.nan}, "`vividness` must be from 0 to 10"),
        ({"decode": "x"}, "`decode` must be one of"),
        ({"refine": ("x",)}, "no refinement 'x'"),
    ],
)
def test_values_out_of_range_are_refused(change, sentence):
    with pytest.raises(InputError, match=sentence):
        replace(Look("a"), **change).check()
