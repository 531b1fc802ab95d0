"""The manual: complete, and built by Sphinx without a warning."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


def listed(page: Path) -> set[Path]:
    """The pages that a page links to in its lists."""
    links = re.findall(r"^\* \[.*?\]\(((?!https?:)[^)#]+)\)", page.read_text(encoding="utf-8"), re.M)
    return {(page.parent / link).resolve() for link in links}


def test_every_page_is_in_the_contents():
    contents = {page.resolve() for page in (DOCS / "README.md", *DOCS.glob("*/README.md"))}
    pages = {page.resolve() for page in (*DOCS.glob("*.md"), *DOCS.glob("[!_]*/*.md"), *DOCS.glob("[!_]*/*.ipynb"))}
    assert pages == (contents | set().union(*map(listed, contents))) & pages


@pytest.mark.slow
@pytest.mark.keras
def test_sphinx_builds_the_manual_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    for package in ("furo", "myst_nb", "sphinx_copybutton"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    front = (tmp_path / "docs" / "README.html").read_text(encoding="utf-8")
    assert "Python interface" in front
    reference = (tmp_path / "docs" / "api" / "README.html").read_text(encoding="utf-8")
    assert 'id="fusioncolor.load"' in reference and 'id="fusioncolor.Session.colorize"' in reference
