import csv
import dataclasses
import json
import zipfile
from pathlib import PurePosixPath

import pytest
from support import Recorder, colorize, content, content_of_store, serving, upload

from fusioncolor import files
from fusioncolor.addresses import Address, location
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError, ResourceError
from fusioncolor.prediction import merging, sources

SHAPED = {"sidecar": True, "suffix": "_c", "format": "png"}


def run(source, output, reporter=None, **options):
    """A run with the baseline gray, which needs no Keras."""
    sources = [location(one) for one in (source if isinstance(source, list) else [source])]
    return colorize(None, location(output), "gray", reporter or Recorder(), photographs=sources, **options)


def put_hints(folder):
    name = min(path.name for path in folder.iterdir() if path.is_file())
    (folder / f"{name.rpartition('.')[0]}.hint.json").write_text('[{"x": 9, "y": 9, "color": "#aa2211"}]')


def without_dates(contents: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in contents.items() if not name.endswith(".json")}


@pytest.mark.parametrize("kind", ["memory", "bucket"])
@pytest.mark.parametrize("options", [{}, SHAPED, {"side_by_side": True}])
def test_the_results_have_the_bytes_of_a_run_on_folders(kind, options, folder, tmp_path, request):
    put_hints(folder)
    there = request.getfixturevalue(kind)
    upload(folder, f"{there}/in")
    run(folder, tmp_path / "out", **options)
    result = run(f"{there}/in", f"{there}/out", **options)
    assert (result.count("done"), result.count("failed"), result.outcomes) == (12, 0, [])
    here = content(tmp_path / "out")
    assert len(here) == 12 * (2 if options else 1)
    assert content_of_store(f"{there}/out").keys() == here.keys()
    assert without_dates(content_of_store(f"{there}/out")) == without_dates(here)


def test_either_side_can_be_here(folder, memory, tmp_path):
    upload(folder, f"{memory}/in")
    run(folder, tmp_path / "out")
    run(f"{memory}/in", tmp_path / "fetched")
    run(folder, f"{memory}/out")
    assert content(tmp_path / "fetched") == content(tmp_path / "out") == content_of_store(f"{memory}/out")
    assert run(f"{memory}/in", tmp_path / "fetched").count("skipped") == 12
    assert run(folder, f"{memory}/out").count("skipped") == 12


def test_only_what_is_new_or_changed_is_done_again(folder, memory):
    upload(folder, f"{memory}/in")
    run(f"{memory}/in", f"{memory}/out")
    first, *_ = sorted(content_of_store(f"{memory}/in"))
    store = files.opened_store(Address(memory))
    store.put_bytes(store.read(f"in/{first}"), f"in/{first}")
    store.put_bytes(store.read(f"in/{first}"), "in/another.png")
    result = run(f"{memory}/in", f"{memory}/out")
    assert (result.count("done"), result.count("skipped")) == (2, 11)
    assert run(f"{memory}/in", f"{memory}/out", quality=90).count("done") == 13
    assert run(f"{memory}/in", f"{memory}/out", quality=90, skip_existing=False).count("done") == 13


def test_what_fails_is_told_with_its_address_and_stops_nothing(folder, memory):
    (folder / "bad.jpg").write_bytes(b"no picture")
    upload(folder, f"{memory}/in")
    reporter = Recorder()
    result = run(f"{memory}/in", f"{memory}/out", reporter)
    assert reporter.errors == [f"{memory}/in/bad.jpg: not an image, or a damaged one"]
    assert [outcome.file for outcome in result.outcomes] == [f"{memory}/in/bad.jpg"]
    assert (result.count("done"), result.count("failed")) == (12, 1)


def test_parts_do_the_whole_and_their_reports_can_be_merged(folder, memory, tmp_path):
    upload(folder, f"{memory}/in")
    run(folder, tmp_path / "out")
    for number in (1, 2, 3):
        run(f"{memory}/in", f"{memory}/out", shard=f"{number}/3", report=location(f"{memory}/report.csv"))
    assert content_of_store(f"{memory}/out") == content(tmp_path / "out")
    reports = [tmp_path / f"report-{number}-of-3.csv" for number in (1, 2, 3)]
    for path in reports:
        path.write_bytes(files.opened_store(Address(memory)).read(path.name))
    merged = merging.merge(reports)
    assert (merged.count("done"), len(merged.outcomes), merged.missing) == (12, 12, [])
    assert run(f"{memory}/in", f"{memory}/out", report=tmp_path / "whole.json").count("skipped") == 12
    lines = json.loads((tmp_path / "whole.json").read_text())
    assert sorted(line["file"] for line in lines) == sorted(f"{memory}/in/{name}" for name in content(tmp_path / "out"))


def test_archives_pages_and_lists_can_be_read(folder, memory, tmp_path):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    run(folder, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
    run(f"zip://::{tmp_path}/in.zip", tmp_path / "unpacked")
    assert content(tmp_path / "unpacked") == content(tmp_path / "out")
    names = [path.name for path in folder.iterdir() if path.is_file()]
    with serving({f"/{name}": (folder / name).read_bytes() for name in names}) as server:
        (tmp_path / "list.txt").write_text("".join(f"{server.url}/{name}\n" for name in [*names, "gone.jpg"]))
        reporter = Recorder()
        run(tmp_path / "list.txt", tmp_path / "pages", reporter)
        assert reporter.errors == [f"{server.url}/gone.jpg: no such file or folder"]
    assert content(tmp_path / "pages") == {name: content(tmp_path / "out")[name] for name in names}


def test_names_that_lead_out_of_the_output_folder_fail(folder, memory, tmp_path, monkeypatch):
    upload(folder, f"{memory}/in")
    stream = sources.stream

    def misled(*arguments, **options):
        first, *others = stream(*arguments, **options)
        return iter([dataclasses.replace(first, relative=PurePosixPath("../a.png")), *others])

    monkeypatch.setattr(sources, "stream", misled)
    reporter = Recorder()
    result = run(f"{memory}/in", tmp_path / "deep" / "out", reporter)
    assert (result.count("done"), result.count("failed")) == (11, 1)
    assert "has .. in it" in reporter.errors[0]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_results_of_one_name_do_not_replace_each_other(folder, memory):
    upload(folder, f"{memory}/one")
    upload(folder, f"{memory}/two")
    run([f"{memory}/one", f"{memory}/two"], f"{memory}/out")
    assert len(content_of_store(f"{memory}/out")) == 24
    run(f"{memory}/two", f"{memory}/out")
    assert len(content_of_store(f"{memory}/out")) == 24
    run(f"{memory}/one/deep", f"{memory}/out")
    assert len(content_of_store(f"{memory}/out")) == 30


def test_a_network_that_fails_ends_the_run_and_the_report_says_so(folder, memory, tmp_path, monkeypatch):
    upload(folder, f"{memory}/in")
    put, count = files.Store.put, iter(range(100))

    def failing(store, *arguments):
        if next(count) >= 5:
            raise ResourceError("the network is gone")
        put(store, *arguments)

    monkeypatch.setattr(files.Store, "put", failing)
    with pytest.raises(ResourceError, match=r"the network is gone\. \d photographs are finished; run the same command"):
        run(f"{memory}/in", f"{memory}/out", report=tmp_path / "report.csv")
    monkeypatch.undo()
    with open(tmp_path / "report.csv") as file:
        recorded = sum(line["status"] == "done" for line in csv.DictReader(file))
    result = run(f"{memory}/in", f"{memory}/out")
    assert result.count("skipped") >= recorded
    assert result.count("skipped") + result.count("done") == 12


def test_stopped_photographs_are_open_in_the_report(folder, memory, tmp_path, monkeypatch):
    from fusioncolor.prediction import elsewhere

    for number in range(4):
        upload(folder, f"{memory}/in/{number}")
    tell, interrupts = elsewhere._Run._tell, []
    make = elsewhere.Interrupt

    def interrupt(*arguments):
        interrupts.append(make(*arguments))
        return interrupts[-1]

    def stop(self, job, outcome):
        interrupts[-1].requested = True
        tell(self, job, outcome)

    monkeypatch.setattr(elsewhere, "Interrupt", interrupt)
    monkeypatch.setattr(elsewhere._Run, "_tell", stop)
    result = run(f"{memory}/in", f"{memory}/out", report=tmp_path / "report.csv")
    assert result.interrupted
    with open(tmp_path / "report.csv") as file:
        states = [line["status"] for line in csv.DictReader(file)]
    assert len(states) == 48
    assert set(states) == {"done", "open"}
    assert result.count("done") == states.count("done") < 48


def test_hints_for_one_photograph_are_not_for_many(folder, memory):
    upload(folder, f"{memory}/in")
    with pytest.raises(InputError, match="`hint` is for one photograph, and there are more"):
        run(f"{memory}/in", f"{memory}/out", hint=["1,1,#ffffff"])


def test_photographs_where_pairs_are_written_are_refused(folder, memory):
    upload(folder, f"{memory}/in/side-by-side")
    with pytest.raises(InputError, match="there are photographs in side-by-side/"):
        run(f"{memory}/in", f"{memory}/out", side_by_side=True)


def test_what_needs_folders_is_refused():
    for name in ("grid", "hint_preview"):
        with pytest.raises(InputError, match=f"`{name}` needs photographs and `output` in folders"):
            PredictConfig(photographs=["s3://bucket/in"], **{name: True})


def test_a_cluster_has_files_only(folder, memory, tmp_path):
    with pytest.raises(InputError, match="for addresses, do parts with `shard`"):
        run(folder, f"{memory}/out", cluster="ray")
    (tmp_path / "list.txt").write_text("https://example.org/old.jpg\n")
    with pytest.raises(InputError, match="for addresses, do parts with `shard`"):
        run(tmp_path / "list.txt", tmp_path / "out", cluster="ray")
