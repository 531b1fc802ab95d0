import pytest

from fusioncolor.errors import InputError
from fusioncolor.files.locks import fcntl, locked

pytestmark = pytest.mark.skipif(fcntl is None, reason="no advisory locks here")


def test_a_lock_is_held_by_one_at_a_time_and_ends_with_its_block(tmp_path):
    with locked(tmp_path / "lock", "somebody is here"):
        with pytest.raises(InputError, match="somebody is here"), locked(tmp_path / "lock", "somebody is here"):
            pytest.fail("held twice")
        with locked(tmp_path / "other", "somebody is here"):
            pass
    with locked(tmp_path / "lock", "somebody is here"):
        pass


def test_the_content_of_a_locked_file_stays(tmp_path):
    (tmp_path / "lock").write_bytes(b"content")
    with locked(tmp_path / "lock", ""):
        assert (tmp_path / "lock").read_bytes() == b"content"


def test_a_file_system_without_locks_is_used_without(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(38, "Function not implemented")

    with locked(tmp_path / "lock", "somebody is here") as kept_out:
        assert kept_out
    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(tmp_path / "lock", "somebody is here") as kept_out:
        assert (tmp_path / "lock").exists()
        assert not kept_out


def test_a_shared_lock_keeps_out_only_those_that_do_not_share(tmp_path):
    with (
        locked(tmp_path / "lock", "", shared=True),
        locked(tmp_path / "lock", "", shared=True),
        pytest.raises(InputError, match="in use"),
        locked(tmp_path / "lock", "in use"),
    ):
        pytest.fail("shared with somebody who does not")
    with (
        locked(tmp_path / "lock", ""),
        pytest.raises(InputError, match="in use"),
        locked(tmp_path / "lock", "in use", shared=True),
    ):
        pytest.fail("not shared")
