import os

import pytest

from fusioncolor import files
from fusioncolor.errors import InputError


def message_for(path) -> str:
    with pytest.raises(InputError) as caught, files.opened(path):
        pass
    return str(caught.value)


def test_an_open_file_can_be_read_and_is_closed_afterward(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    with files.opened(tmp_path / "a") as file:
        assert file.read() == b"content"
    assert file.closed


def test_files_that_cannot_be_opened_are_named_with_the_reason(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert message_for(tmp_path / "none") == f"{tmp_path / 'none'}: no such file"
    assert message_for(tmp_path) == f"{tmp_path}: not a file"
    assert "loop: cannot be opened (Too many levels of symbolic links)" in message_for(tmp_path / "loop")
    assert "cannot be opened (File name too long)" in message_for(tmp_path / ("n" * 300))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert message_for(tmp_path / "pipe").endswith("not a file")


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    (tmp_path / "a").touch()

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)  # the permissions themselves would not stop a superuser
    assert message_for(tmp_path / "a").endswith("no permission to read it")
