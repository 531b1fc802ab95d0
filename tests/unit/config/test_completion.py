import pytest

from fusioncolor.config import CompletionConfig
from fusioncolor.errors import InputError


def test_the_shell_must_be_known():
    assert CompletionConfig("fish").shell == "fish"
    with pytest.raises(InputError, match="`shell` must be one of bash, zsh, fish"):
        CompletionConfig("ksh")
