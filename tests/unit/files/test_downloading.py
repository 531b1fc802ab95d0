import hashlib

import pytest
from support import serving

from fusioncolor.errors import InputError
from fusioncolor.files import downloading

CONTENT = bytes(range(256)) * 4000  # a megabyte
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(downloading, "_WAIT", 0.01)


def download(server, path, **options):
    return downloading.download(f"{server.url}/a.zip", path, **{"size": len(CONTENT), "digest": DIGEST, **options})


def test_a_file_is_downloaded_with_its_progress_and_only_once(tmp_path):
    counts = []
    with serving({"/a.zip": CONTENT}) as server:
        download(server, tmp_path / "new" / "a.zip", advance=counts.append)
        download(server, tmp_path / "new" / "a.zip")
    assert (tmp_path / "new" / "a.zip").read_bytes() == CONTENT
    assert sum(counts) == len(CONTENT)
    assert len(server.asked) == 1
    assert not (tmp_path / "new" / "a.zip.part").exists()


def test_a_connection_that_breaks_again_and_again_is_continued_where_it_broke(tmp_path):
    with serving({"/a.zip": CONTENT}, breaks_after=300_000) as server:
        download(server, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    ranges = [ranged for _, ranged in server.asked]
    assert ranges[0] is None
    assert len(ranges) == 4
    assert ranges[1:] == sorted(ranges[1:])


def test_what_an_interrupted_download_brought_is_not_asked_for_again(tmp_path):
    (tmp_path / "a.zip.part").write_bytes(CONTENT[:700_000])
    with serving({"/a.zip": CONTENT}) as server:
        download(server, tmp_path / "a.zip")
    assert server.asked == [("/a.zip", "bytes=700000-")]
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_server_that_sends_only_whole_files_will_do(tmp_path):
    (tmp_path / "a.zip.part").write_bytes(b"something else" * 100)
    with serving({"/a.zip": CONTENT}, ranges=False) as server:
        download(server, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_server_that_is_busy_for_a_moment_is_asked_again(tmp_path):
    with serving({"/a.zip": CONTENT}, busy=2) as server:
        download(server, tmp_path / "a.zip")
    assert len(server.asked) == 3


def test_another_file_than_the_expected_one_is_refused_and_not_kept(tmp_path):
    changed = CONTENT[:-1] + b"!"
    with serving({"/a.zip": changed}) as server, pytest.raises(InputError, match="not the expected file"):
        download(server, tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip.lock"]


def test_no_more_than_the_expected_size_is_read(tmp_path):
    counts = []
    with serving({"/a.zip": CONTENT * 4}) as server:
        download(server, tmp_path / "a.zip", advance=counts.append)
    assert sum(counts) == len(CONTENT)


def test_a_missing_file_is_not_asked_for_again(tmp_path):
    with serving({}) as server, pytest.raises(InputError, match="404"):
        download(server, tmp_path / "a.zip")
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_given_up(tmp_path):
    with serving({}) as server:
        gone = server
    with pytest.raises(InputError, match=r"cannot download http://127\.0\.0\.1"):
        download(gone, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_other_kinds_of_addresses_are_refused(tmp_path):
    with pytest.raises(InputError, match="starts with https://"):
        downloading.download("file:///etc/passwd", tmp_path / "a", size=1, digest=DIGEST)


def test_a_text_has_a_largest_size(tmp_path):
    with serving({"/a.json": b"{}", "/b.json": b" " * 100_000}) as server:
        assert downloading.fetch_text(f"{server.url}/a.json") == "{}"
        with pytest.raises(InputError, match="more than 65536 bytes"):
            downloading.fetch_text(f"{server.url}/b.json")
        with pytest.raises(InputError, match="Not Found"):
            downloading.fetch_text(f"{server.url}/c.json")
