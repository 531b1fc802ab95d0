"""The notebooks run from top to bottom, on a few small pictures, and are stored without outputs."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
named = pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)


@named
def test_a_notebook_is_stored_without_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@named
def test_a_notebook_has_one_cell_of_parameters(path):
    tags = [cell["metadata"].get("tags", []) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert tags.count(["parameters"]) == 1


@pytest.fixture
def parameters(scenes, tmp_path) -> dict[str, str]:
    """Small values for the parameters of each notebook, with pairs of pictures in Kaggle's layout."""
    pictures = sorted(path for path in scenes.rglob("*") if path.is_file())
    for kind in ("color", "gray"):
        (tmp_path / "landscape Images" / kind).mkdir(parents=True)
    for index, picture in enumerate(pictures):
        shutil.copy(picture, tmp_path / "landscape Images" / "color" / f"{index}{picture.suffix}")
        gray = Image.open(picture).convert("L").convert("RGB")
        gray.save(tmp_path / "landscape Images" / "gray" / f"{index}{picture.suffix}")
    color = [str(path) for path in sorted((tmp_path / "landscape Images" / "color").iterdir())[:3]]
    return {
        "quickstart": f"PHOTOGRAPHS = [Path(name) for name in {color!r}]\nOUTPUT = Path({str(tmp_path / 'out')!r})",
        "kaggle-landscapes": f"DATA = Path({str(tmp_path / 'landscape Images')!r})\n"
        f"RUN = Path({str(tmp_path / 'run')!r})\nSTAGES, LIMIT = '32:1', None",
    }


@named
@pytest.mark.slow
@pytest.mark.keras
def test_a_notebook_runs(path, parameters, tmp_path, project, monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(project))
    notebook = nbformat.read(path, as_version=4)
    [cell] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    cell.source += "\n" + parameters[path.stem]
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    table = last.outputs[-1]["data"]["text/markdown"]
    assert "| gray |" in table and "PSNR" in table
