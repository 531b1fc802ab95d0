import io
import sys
import tarfile
import zipfile

import pytest
from support import serving

from fusioncolor import files
from fusioncolor.addresses import Address
from fusioncolor.errors import InputError, ResourceError


def store(url: str) -> files.Store:
    return files.opened_store(Address(url))


@pytest.fixture(params=["memory", "bucket"])
def address(request) -> str:
    """A folder in memory, and one in an object store."""
    return f"{request.getfixturevalue(request.param)}/folder"


def test_what_is_put_is_listed_read_and_fetched(address, tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    store(address).put(tmp_path / "a", "sub/a.bin")
    store(address).put_bytes(b"12", "b.bin")
    assert [(entry.name, entry.size) for entry in store(address).entries()] in (
        [("b.bin", 2), ("sub/a.bin", 3)],
        [("sub/a.bin", 3), ("b.bin", 2)],
    )
    assert store(address).read("sub/a.bin") == b"abc"
    store(f"{address}/sub/a.bin").fetch("", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"abc"
    assert store(f"{address}/b.bin").is_file()
    assert not store(address).is_file()
    assert store(address).has_folder("sub")
    assert not store(address).has_folder("b.bin")
    assert store(address).has_file("b.bin")
    assert not store(address).has_file("sub")


def test_a_stamp_changes_with_the_file(address):
    store(address).put_bytes(b"12", "b.bin")
    before = store(address).entry("b.bin").stamp
    assert before
    assert before == store(f"{address}/b.bin").entry().stamp == next(store(address).entries()).stamp
    store(address).put_bytes(b"34", "b.bin")
    assert store(address).entry("b.bin").stamp != before


def test_folders_know_what_is_in_them(address):
    assert store(f"{address}/x").is_inside(Address(address))
    assert store(address).is_inside(Address(address))
    assert not store(f"{address}x").is_inside(Address(address))
    assert store(address).below(Address(f"{address}/x/y")) == "x/y"
    assert store(address).below(Address(f"{address}x")) == ""
    assert store(address).below(Address("memory://other/x")) == ""


def test_an_empty_folder_has_no_entries(address):
    assert list(store(f"{address}/nothing").entries()) == []


def test_what_is_missing_is_named(address):
    with pytest.raises(InputError, match="no such file or folder"):
        store(f"{address}/a.jpg").read()
    with pytest.raises(InputError, match="no such file or folder"):
        store(f"{address}/a.jpg").is_file()


@pytest.mark.slow
def test_more_keys_than_a_page_are_listed_in_order(bucket):
    folder = store(f"{bucket}/many")
    names = [f"{number:04}" for number in range(1001)]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: folder.put_bytes(b"", name), names))
    assert [entry.name for entry in folder.entries()] == names


def test_a_bucket_that_is_not_there_is_named(object_store):
    with pytest.raises(InputError, match=r"s3://no-such-bucket/x: no such bucket"):
        next(store("s3://no-such-bucket/x").entries())


def test_without_credentials_a_sentence_says_where_they_go(bucket, monkeypatch):
    import s3fs

    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(InputError, match="no credentials were found; set AWS_ACCESS_KEY_ID"):
        next(store(bucket).entries())
    s3fs.S3FileSystem.clear_instance_cache()


def test_nothing_is_known_about_some_schemes(memory):
    with pytest.raises(InputError, match="nothing is known about addresses that begin with what://"):
        store("what://x/y")


def test_without_fsspec_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InputError, match=r's3://b/x: the package fsspec is not installed: pip install "fusioncolor\[c'):
        store("s3://b/x")


def test_members_of_archives_are_files(memory, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x/a.txt", "abc")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("x/a.txt")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    for kind in ("zip", "tar"):
        whole = store(f"{kind}://::{tmp_path}/a.{kind}")
        assert not whole.is_file()
        assert [entry.name for entry in whole.entries()] == ["x/a.txt"]
        assert whole.read("x/a.txt") == b"abc"
        assert store(f"{kind}://x/a.txt::{tmp_path}/a.{kind}").read() == b"abc"
        assert [entry.name for entry in store(f"{kind}://x::{tmp_path}/a.{kind}").entries()] == ["a.txt"]


@pytest.mark.parametrize("others", [False, True])
def test_names_in_an_archive_may_begin_with_the_folder_that_it_was_made_in(others, memory, tmp_path):
    """As `tar -C folder .` writes them; with `others`, some names do not."""
    (tmp_path / "in" / "x").mkdir(parents=True)
    (tmp_path / "in" / "x" / "a.txt").write_text("abc")
    (tmp_path / "in" / ".hidden").mkdir()
    (tmp_path / "in" / ".hidden" / "b.txt").touch()
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(tmp_path / "in", ".")
        if others:
            archive.add(tmp_path / "in" / "x" / "a.txt", "y.txt")
    whole, inside = store(f"tar://::{tmp_path}/a.tar"), store(f"tar://x::{tmp_path}/a.tar")
    names = [entry.name for entry in whole.entries()]
    assert [name.removeprefix("./") for name in names] == [*(["y.txt"] if others else []), "x/a.txt"]
    assert whole.read(names[-1]) == inside.read("a.txt") == b"abc"
    assert [entry.name for entry in inside.entries()] == ["a.txt"]
    assert store(f"tar://x/a.txt::{tmp_path}/a.tar").read() == b"abc"


def test_a_busy_object_store_is_asked_again(bucket, monkeypatch):
    """Botocore does that, with growing pauses."""
    import s3fs

    with serving({"/some/a.jpg": b"abc"}, busy=2) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        s3fs.S3FileSystem.clear_instance_cache()
        assert store("s3://some/a.jpg").read() == b"abc"
        assert len(server.asked) >= 3
    s3fs.S3FileSystem.clear_instance_cache()


def test_pages_of_the_web_are_fetched_again_where_the_server_is_busy(memory, monkeypatch, tmp_path):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    monkeypatch.setattr("fusioncolor.files.stores._FIRST_PAUSE", 0.01)
    with serving({"/a.jpg": b"abc"}, busy=2) as server:
        page = store(f"{server.url}/a.jpg")
        assert page.is_file()
        assert page.read() == b"abc"
        assert len(server.asked) == 3
        page.fetch("", tmp_path / "a")
        assert (tmp_path / "a").read_bytes() == b"abc"
        with pytest.raises(InputError, match=r"b\.jpg: no such file"):
            store(f"{server.url}/b.jpg").read()


def test_a_server_that_stays_away_is_told(memory, monkeypatch):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    monkeypatch.setattr("fusioncolor.files.stores._FIRST_PAUSE", 0.01)
    with serving({}) as server:
        url = server.url
    with pytest.raises(InputError, match="after several tries"):
        store(f"{url}/a.jpg").read()


def test_an_object_store_that_stays_away_ends_the_run(bucket, monkeypatch):
    import s3fs

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setattr("fusioncolor.files.stores._TRIES", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ResourceError, match=r"cannot list s3://.*after several tries"):
        next(store(bucket).entries())
    s3fs.S3FileSystem.clear_instance_cache()
