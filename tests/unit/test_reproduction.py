"""Published comparisons on one's own photographs."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fusioncolor import reproduction
from fusioncolor.cli.messages import TerminalReporter
from fusioncolor.config import REPRODUCTIONS, ReproduceConfig, TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES
from fusioncolor.reproduction import PUBLISHED_TABLES

SMALL = {"steps": 4, "image_size": 32, "batch_size": 4}


@pytest.fixture
def quick(monkeypatch, eager):
    """Has the plain network's place taken by a tenth of its weights, for what does not depend on the network."""
    for name, table in PUBLISHED_TABLES.items():
        runs = {
            title: options | {"model": "fusion", "inception": False} if options["model"] == "plain" else options
            for title, options in table.runs.items()
        }
        monkeypatch.setitem(PUBLISHED_TABLES, name, replace(table, runs=runs))


def test_every_published_table_can_be_named():
    assert set(PUBLISHED_TABLES) == set(REPRODUCTIONS)


@pytest.mark.parametrize("table", PUBLISHED_TABLES.values(), ids=PUBLISHED_TABLES)
def test_the_networks_of_a_published_table_can_be_trained_and_its_figures_have_a_row(table):
    for options in table.runs.values():
        TrainConfig(folder=Path("photographs"), **options)
    assert set(table.published) <= {*table.runs, *BASELINES}


@pytest.mark.slow
def test_the_table_shows_each_network_and_null_model_beside_the_published_figures(scenes, tmp_path, capsys, quick):
    config = ReproduceConfig(table="losses", data=scenes, output=tmp_path / "out", **SMALL)
    lines = reproduction.reproduce(config).splitlines()
    reporter = TerminalReporter(ReproduceConfig)
    rows = {line.split(" | ")[0].strip("| "): line for line in lines if line.startswith("| ")}
    assert list(rows)[1:] == ["L2", "classification", "classification + rebalancing", *BASELINES]
    assert rows["L2"].endswith("| 91.5 | 76.9 | 31.7 |")
    assert (tmp_path / "out" / "table.md").read_text().count("91.5") == 1
    assert (tmp_path / "out" / "report" / "index.html").exists()
    assert any("4 steps of 4 photographs at 32x32" in line for line in lines)
    shutil.rmtree(tmp_path / "out" / "L2")  # what is missing is trained again, and nothing else
    capsys.readouterr()
    assert reproduction.reproduce(config, reporter=reporter).splitlines()[:3] == lines[:3]
    assert capsys.readouterr().out.count("best colorizer") == 1
    with pytest.raises(InputError, match="holds a run with other options"):
        reproduction.reproduce(replace(config, seed=1))


@pytest.mark.slow
def test_before_and_after_each_refinement(scenes, tmp_path, quick):
    config = ReproduceConfig(table="refinements", data=scenes, output=tmp_path / "out", **SMALL)
    titles = [line.split(" | ")[0].strip("| ") for line in reproduction.reproduce(config).splitlines() if "|" in line]
    name = "classification + rebalancing"
    assert [title for title in titles if title.startswith(name)] == [name, f"{name}, segment", f"{name}, peaks"]
    assert [title for title in titles if title.startswith("sift")] == ["sift", "sift, segment", "sift, chrominance"]
    assert titles.count("gray") == 1
