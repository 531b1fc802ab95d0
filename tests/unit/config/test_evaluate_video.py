from pathlib import Path

import pytest

from fusioncolor.config import EvaluateVideoConfig
from fusioncolor.errors import InputError


@pytest.fixture
def clip(tmp_path) -> Path:
    (tmp_path / "in.mp4").touch()
    return tmp_path / "in.mp4"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"clips": []}, "`clips` is missing"),
        ({"clips": [Path("none.mp4")]}, "no such file or folder: none.mp4"),
        ({"truth": Path("none.mp4")}, "no such file or folder: none.mp4"),
        ({"results": [Path("none.mp4")]}, "no such file or folder: none.mp4"),
        ({"clips": [".", "."], "truth": "."}, "`truth` and `results` belong to one video"),
        ({"seconds": 0.0}, "`seconds` must be above 0"),
        ({"size": 8}, "`size` must be 32 or more"),
        ({"steadiness": 2.0}, "`steadiness` must be from 0 to 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options, sentence, clip):
    with pytest.raises(InputError, match=sentence):
        EvaluateVideoConfig(**{"clips": [clip], **options})


def test_the_shared_options_are_passed_on_and_some_are_changed(clip):
    config = EvaluateVideoConfig(clips=[clip], vividness=1.2, keyframes=3, deinterlace=True)
    made = config.colorizing(clip, Path("out.mkv"), keyframes=1)
    assert (made.vividness, made.keyframes, made.source, made.output) == (1.2, 1, clip, Path("out.mkv"))
    assert not made.deinterlace  # what is colorized are whole frames already
