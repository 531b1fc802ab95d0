"""Names and options in, full-size pictures out."""

import numpy as np
import pytest

from fusioncolor import color, images
from fusioncolor.config import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.models import factory
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session

FLOAT32 = ColorizeOptions(precision="float32", batch_size=4)


@pytest.fixture
def pictures(scenes):
    photographs = [images.read(path).rgb for path in images.find_in(scenes)[:5]]
    return [photographs[0][:41, :57], *photographs[1:]]  # one of another size


def test_every_picture_is_what_the_colorizer_alone_makes_of_it(weights, pictures):
    session = Session([weights], FLOAT32)
    alone = factory.load(weights)
    for picture, made in zip(pictures, session.colorize(pictures), strict=True):
        assert made.shape == picture.shape
        assert np.abs(made.astype(int) - alone.colorize(picture)).max() <= 1  # batches of 4 and of 1 round differently


def test_16_bits_stay_16_bits(weights, pictures):
    deep = pictures[0].astype(np.uint16) * 257
    [made] = Session([weights], FLOAT32).colorize([deep])
    assert made.dtype == np.uint16
    [shallow] = Session([weights], FLOAT32).colorize([pictures[0]])
    assert np.abs(images.to_bytes(made).astype(int) - shallow).max() <= 1


def test_options_reach_the_predictors(weights, pictures):
    dull, vivid = (
        Session([weights], ColorizeOptions(precision="float32", vividness=vividness)).colorize(pictures[:1])[0]
        for vividness in (1.0, 2.0)
    )
    chroma = [np.abs(color.rgb_to_lab(picture)[..., 1:]).mean() for picture in (dull, vivid)]
    assert chroma[1] > 1.5 * chroma[0]


def test_hints_are_blended_in_after_refinements(weights, pictures):
    session = Session([weights], ColorizeOptions(refine=["segment"]), hints=[Hint(5, 5, (255, 0, 0))])
    assert len(session.refine) == 2
    plain = Session([weights], ColorizeOptions(refine=["segment"])).colorize(pictures[:1])
    red = color.rgb_to_lab(np.array([255, 0, 0], np.uint8))[1:]
    with_hint, without = (
        np.linalg.norm(color.rgb_to_lab(picture)[5, 5, 1:] - red)
        for [picture] in (session.colorize(pictures[:1]), plain)
    )
    assert with_hint < without - 10


def test_columns_come_predictor_by_predictor_before_refinement_first(weights):
    session = Session([weights, "gray"], ColorizeOptions(refine=["segment"]))
    columns = session.columns(["mine", "gray"], "refined", refined=[0])
    assert [(one.title, one.predictor, len(one.refine)) for one in columns] == [
        ("mine", 0, 0),
        ("mine, refined", 0, 1),
        ("gray", 1, 0),
    ]
    assert [one.title for one in session.columns(["mine", "gray"], "refined", unrefined=False)] == [
        "mine, refined",
        "gray, refined",
    ]


def test_peaks_are_refused_where_there_is_no_confidence(weights):
    session = Session([weights], ColorizeOptions(refine=["peaks"]))
    with pytest.raises(InputError, match=r"peaks .* needs a classification model"):
        session.columns(["mine"], "refined")


def test_models_of_one_name_are_told_apart():
    session = object.__new__(Session)
    session.names = ["weights/x", "other/x", "runs/a/best", "gray", "odd/gray", "odd/truth"]
    assert session.titles == ["weights/x", "other/x", "a/best", "gray", "odd/gray", "odd/truth"]


def test_empty_places_of_a_batch_stay_empty(weights, pictures):
    session = Session([weights, "gray"], FLOAT32)
    prepared = session.prepare(Source(color.rgb_to_lightness(pictures[1])))
    first, middle, last = session.predict([prepared, None, prepared])
    assert middle is None
    for one, other in zip(first, last, strict=True):
        np.testing.assert_array_equal(one.ab, other.ab)
    assert len(session.predict([prepared[:1]], among=[0])[0]) == 1


def test_what_decides_the_pictures_is_in_the_identity(weights):
    session = Session([weights], FLOAT32)
    for changed in (
        Session(["gray"], FLOAT32),
        Session([weights], ColorizeOptions(precision="float32", batch_size=4, vividness=1.1)),
        Session([weights], ColorizeOptions(precision="float32", batch_size=4, refine=["segment"])),
        Session([weights], ColorizeOptions(precision="float32", batch_size=8)),
        Session([weights], FLOAT32, hints=[Hint(0, 0, (1, 2, 3))]),
    ):
        assert changed.identity() != session.identity()
    assert Session([weights], FLOAT32).identity() == session.identity()


def test_an_answer_that_is_not_finite_is_an_error_and_no_picture(weights, pictures):
    with pytest.raises(InputError, match="not a number"):
        Session([weights], FLOAT32).finish(pictures[0], Chroma(np.full((4, 4, 2), np.nan, np.float32)))
