import pytest

from fusioncolor.config import AppConfig, QuizConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize("change", [{"port": -1}, {"max_megapixels": 0}, {"max_upload": 0}, {"precision": "int8"}])
def test_options_of_the_page_have_ranges(change):
    with pytest.raises(InputError, match=f"`{next(iter(change))}` must be"):
        AppConfig(**change)


def test_a_quiz_needs_photographs(tmp_path):
    with pytest.raises(InputError, match="name color photographs"):
        QuizConfig()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="`output` must be a folder"):
        QuizConfig(photographs=[tmp_path], output=tmp_path / "file")
