import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.prediction import streams


def picture(kind: str = "JPEG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 9), 128, np.uint8)).save(stream, kind)
    return stream.getvalue()


def replaced(content: bytes, **options):
    return streams.replaced(PredictConfig(photographs=[streams.DASH], **options), io.BytesIO(content))


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", ".jpg"), ("PNG", ".png"), ("TIFF", ".tif"), ("GIF", ".gif")])
def test_a_picture_becomes_a_file_of_its_format_for_a_while(kind, suffix):
    with replaced(picture(kind)) as config:
        [path] = config.photographs
        assert path.suffix == suffix
        assert path.read_bytes() == picture(kind)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"a.jpg\nb c.jpg\n", b"a.jpg\r\n\r\nb c.jpg", b"a.jpg\0b c.jpg\0"])
def test_a_list_names_photographs(content):
    with replaced(content) as config:
        assert config.photographs == [Path("a.jpg"), Path("b c.jpg")]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_nothing_is_said_to_be_nothing(content):
    with pytest.raises(InputError, match="nothing came from standard input"), replaced(content):
        pass


def test_other_photographs_keep_their_place():
    config = PredictConfig(photographs=[Path("a.jpg"), streams.DASH], output=Path("x"))
    assert streams.are_used(config)
    with streams.replaced(config, io.BytesIO(b"b.jpg")) as config:
        assert config.photographs == [Path("a.jpg"), Path("b.jpg")]
        assert config.output == Path("x")


def test_standard_output_takes_one_picture(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture("PNG"))
    with pytest.raises(InputError, match="there are 2"), replaced(str(tmp_path).encode(), output=streams.DASH):
        pass
    with (
        pytest.raises(InputError, match="`grid` writes further files"),
        replaced(picture(), output=streams.DASH, grid=True),
    ):
        pass
