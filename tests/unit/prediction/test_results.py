import json
from pathlib import Path, PurePosixPath

import pytest

from fusioncolor import files
from fusioncolor.addresses import Address, location
from fusioncolor.errors import InputError
from fusioncolor.prediction import manifest, results
from fusioncolor.prediction.sources import Item

NAME = PurePosixPath("x/A.jpg")


@pytest.fixture
def item(tmp_path) -> Item:
    (tmp_path / "A.jpg").write_bytes(b"photograph")
    return Item(tmp_path / "A.jpg", PurePosixPath("A.jpg"), "")


@pytest.fixture(params=["folder", "memory", "bucket"])
def output(request, tmp_path):
    """A folder here, in memory, and in an object store."""
    here = request.param == "folder"
    return location(tmp_path / "out" if here else f"{request.getfixturevalue(request.param)}/out")


def finish(kept: results.Results, item: Item, name: PurePosixPath = NAME) -> None:
    path = kept.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"result")
    kept.keep([path])
    kept.record(name, item, 6, {"reason": "none"})


def opened(output, tmp_path, settings="s", **options):
    work = tmp_path / f"work{len(list(tmp_path.iterdir()))}"
    work.mkdir()
    return results.opened(output, settings, part="", work=work, **options)


def test_what_is_recorded_is_done_in_the_next_run(output, item, tmp_path):
    with opened(output, tmp_path) as kept:
        assert not kept.is_done(NAME, item)
        kept.begin()
        finish(kept, item)
    with opened(output, tmp_path) as kept:
        assert kept.is_done(NAME, item)
        assert kept.facts(NAME) == {"reason": "none"}
        assert kept.owners.get("x/a.jpg") == manifest.identity(item.source)
        assert list(kept.owners) == ["x/a.jpg"]
        assert not kept.is_done(PurePosixPath("x/b.jpg"), item)
    with opened(output, tmp_path, settings="others") as kept:
        assert not kept.is_done(NAME, item)


def test_what_has_changed_is_not_done(output, item, tmp_path):
    with opened(output, tmp_path) as kept:
        kept.begin()
        finish(kept, item)
    item.source.write_bytes(b"another photograph")
    changed = Item(item.source, item.relative, "")
    with opened(output, tmp_path) as kept:
        assert not kept.is_done(NAME, changed)


def test_a_result_of_another_size_is_not_done(item, memory, tmp_path):
    with opened(Address(memory), tmp_path) as kept:
        kept.begin()
        finish(kept, item)
    files.opened_store(Address(memory)).put_bytes(b"x", NAME.as_posix())
    with opened(Address(memory), tmp_path) as kept:
        assert not kept.is_done(NAME, item)


def test_a_result_without_what_belongs_to_it_is_not_done(item, memory, tmp_path):
    with opened(Address(memory), tmp_path) as kept:
        kept.begin()
        finish(kept, item)
    with opened(Address(memory), tmp_path, companions=["{}.json"]) as kept:
        assert not kept.is_done(NAME, item)
    files.opened_store(Address(memory)).put_bytes(b"{}", f"{NAME}.json")
    with opened(Address(memory), tmp_path, companions=["{}.json"]) as kept:
        assert kept.is_done(NAME, item)


def test_records_have_at_most_a_thousand_lines(item, memory, tmp_path):
    with opened(Address(memory), tmp_path) as kept:
        kept.begin()
        for number in range(2300):
            kept.record(PurePosixPath(f"{number}.jpg"), item, 6, {})
    store = files.opened_store(Address(memory).child(results.RECORDS))
    lines = [store.read(entry.name).decode().splitlines() for entry in store.entries()]
    assert [len(one) for one in lines] == [1000, 1000, 300]
    assert [json.loads(line)["result"] for one in lines for line in one] == [f"{number}.jpg" for number in range(2300)]


def test_damaged_lines_do_not_count(item, memory, tmp_path):
    with opened(Address(memory), tmp_path) as kept:
        kept.begin()
        finish(kept, item)
    store = files.opened_store(Address(memory).child(results.RECORDS))
    store.put_bytes(b'7\n{"result": 5}\nnothing\n{"resu', "99.jsonl")
    with opened(Address(memory), tmp_path) as kept:
        assert kept.is_done(NAME, item)


def test_a_record_that_cannot_be_put_ends_the_run(item, memory, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no room"), opened(Address(memory), tmp_path) as kept:
        kept.begin()

        def refuse(*arguments):
            raise InputError("no room")

        monkeypatch.setattr(files.Store, "put_bytes", refuse)
        kept.record(NAME, item, 6, {})


@pytest.mark.parametrize("url", ["https://example.org/colored", "zip://::out.zip"])
def test_some_addresses_cannot_be_written_to(url, tmp_path):
    with pytest.raises(InputError, match="results go to a folder, or to an address of the kinds s3://"):
        opened(Address(url), tmp_path).__enter__()


def test_nothing_is_written_before_there_is_something_to_do(memory, tmp_path):
    with opened(Address(memory), tmp_path):
        pass
    assert list(files.opened_store(Address(memory)).entries()) == []
    assert isinstance(tmp_path, Path)
