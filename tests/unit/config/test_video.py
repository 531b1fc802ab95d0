from pathlib import Path

import pytest

from fusioncolor.config import VIDEO_CODECS, VideoConfig
from fusioncolor.errors import InputError


@pytest.fixture
def source(tmp_path) -> Path:
    (tmp_path / "in.mp4").touch()
    return tmp_path / "in.mp4"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"steadiness": 1.1}, "`steadiness` must be from 0 to 1"),
        ({"keyframes": 0}, "`keyframes` must be from 1 to 30"),
        ({"codec": "gif"}, "`codec` must be one of"),
        ({"weights": "oracle_mean"}, "needs the true colors"),
        ({"weights": "gray", "engine": Path("a.onnx")}, "`engine` replaces a network"),
        ({"output": None}, "`output` is missing"),
        ({"vivid": True, "vividness": 2.0}, "use only one"),
    ],
)
def test_options_that_cannot_be_are_refused(options, sentence, source):
    with pytest.raises(InputError, match=sentence):
        VideoConfig(**{"source": source, "output": Path("out.mp4"), **options})


def test_vivid_is_short_for_a_vividness(source):
    assert VideoConfig(source=source, output=Path("out.mp4"), vivid=True).vividness > 1


def test_the_source_is_never_the_output(source):
    with pytest.raises(InputError, match="the source itself"):
        VideoConfig(source=source, output=source)


def test_codecs_have_names():
    assert "h264" in VIDEO_CODECS
