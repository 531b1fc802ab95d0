import numpy as np
import pytest
from support import build_colorizer

from fusioncolor import color
from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.models.predictor import Source
from fusioncolor.models.session import Session

RNG = np.random.default_rng(0)
PHOTOGRAPHS = [RNG.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((20, 30), (41, 17), (8, 8))]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Two saved colorizers."""
    folder = tmp_path_factory.mktemp("saved")
    build_colorizer("fusion", inception=False).save(folder / "regression")
    build_colorizer("fusion", "classification", inception=False).save(folder / "classification")
    return folder


def options(**chosen) -> ColorizeOptions:
    return ColorizeOptions(precision="float32", batch_size=2, **chosen)


def test_pictures_have_the_sizes_kinds_and_lightness_of_the_photographs(saved):
    deep = PHOTOGRAPHS[0].astype(np.uint16) * 257
    session = Session([saved / "regression"], options())
    pictures = session.colorize([*PHOTOGRAPHS, deep])
    for photograph, picture in zip([*PHOTOGRAPHS, deep], pictures, strict=True):
        assert picture.shape == photograph.shape
        assert picture.dtype == photograph.dtype
        change = color.rgb_to_lightness(picture) - color.rgb_to_lightness(photograph)
        assert np.abs(change).max() < 1


def test_empty_places_stay_empty_and_the_others_get_their_chroma(saved):
    session = Session([saved / "regression", "gray"], options())
    prepared = [session.prepare(Source(color.rgb_to_lightness(rgb))) for rgb in PHOTOGRAPHS[:2]]
    alone = session.predict(prepared[:1], batch_size=4)
    first, empty, second = session.predict([prepared[0], None, prepared[1]], batch_size=4)
    assert empty is None
    np.testing.assert_array_equal(first[0].ab, alone[0][0].ab)
    assert not np.array_equal(first[0].ab, second[0].ab)
    assert not second[1].ab.any()


def test_models_of_one_name_are_told_apart(saved):
    assert Session([saved / "regression", "gray"], options()).titles == ["regression", "gray"]
    twice = [saved / "regression", saved / "regression"]
    assert Session(twice, options()).titles == [str(path) for path in twice]


def test_columns_show_every_model_before_and_after_its_refinements(saved):
    session = Session([saved / "classification", "gray"], options(refine=["segment"]))
    columns = session.columns(session.titles, "segment", refined=session.saved())
    assert [column.title for column in columns] == ["classification", "classification, segment", "gray"]
    assert [column.predictor for column in columns] == [0, 0, 1]


def test_peaks_need_a_model_that_knows_how_sure_it_is(saved):
    session = Session([saved / "regression"], options(refine=["peaks"]))
    with pytest.raises(InputError, match="needs a classification model"):
        session.columns(session.titles, "peaks")


def test_a_hint_colors_its_place():
    session, gray = Session(["gray"], options()), np.full((9, 9, 3), 90, np.uint8)
    plain, picture = session.colorize([gray, gray], hints=[[], [Hint(4, 4, (200, 30, 30))]])
    assert picture[4, 4, 0] > picture[4, 4, 2] + 40
    assert plain[4, 4, 0] == plain[4, 4, 2]
    with pytest.raises(ValueError, match="expected hints for 1 photographs"):
        session.colorize([gray], hints=[[], []])


def test_options_that_a_model_has_no_use_for_are_refused_with_its_name(saved):
    with pytest.raises(InputError, match="classification model"):
        Session([saved / "regression"], options(decode="mode"))
    with pytest.raises(InputError, match="nowhere"):
        Session(["nowhere"], options())
