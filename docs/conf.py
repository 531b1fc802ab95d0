"""Settings of the manual, which Sphinx builds from the Markdown files of the project.

    pip install -r requirements.txt -e ".[docs]"
    python -m sphinx -W -c docs . docs/_build

The pages are the files that one reads in the repository too, with the same links. So the source folder is the whole
project, the front page is `docs/README.md`, and lists of links become the table of contents: its own, and those of the
other pages named `README` under `docs/`. Only the pages of `docs/api/` need Sphinx: they are made from docstrings.
"""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from fusioncolor.version import __version__  # noqa: E402

project = "fusioncolor"
author = "the authors of fusioncolor"
project_copyright = f"{author}; MIT license"
release = version = __version__

root_doc = "docs/README"
include_patterns = [
    "docs/*.md",
    "docs/*/*.md",
    "docs/notebooks/*.ipynb",
    "weights/*/README.md",
    "weights/results.md",
    "datasets/**/README.md",
    "benchmarks/README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "README.md",
]
exclude_patterns = ["docs/_build"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # tests/project/test_notebooks.py runs them
suppress_warnings = ["myst.xref_missing"]  # tests/project/test_documents.py checks all links, as GitHub resolves them

autodoc_default_options = {"members": True, "undoc-members": False, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_use_ivar = True
default_role = "code"  # docstrings write `name`

html_theme = "furo"
html_title = f"fusioncolor {release}"
html_static_path: list[str] = []
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
copybutton_exclude = ".linenos, .gp"


def contents(docname: str, markdown: str) -> str:
    """A hidden table of contents for each list of links in a page, under the heading of the list."""
    trees = []
    for section in re.split(r"^##? ", markdown, flags=re.M)[1:]:
        caption, _, text = section.partition("\n")
        pages = re.findall(r"^\* \[.*?\]\(((?!https?:)[^)#]+)\)", text, re.M)
        entries = "\n".join(_absolute(docname, page) for page in pages)
        if entries:
            trees.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n")
    return "\n".join(trees)


def _absolute(docname: str, link: str) -> str:
    path = ((PROJECT / docname).parent / link).resolve().relative_to(PROJECT.resolve())
    return f"/{path.with_suffix('').as_posix()}"


def _add_contents(app, docname: str, source: list[str]) -> None:
    if docname.startswith("docs/") and docname.endswith("/README"):
        source[0] += "\n" + contents(docname, source[0])
    elif docname == "README":  # the front page of the repository; that of the manual is another
        source[0] = f"---\norphan: true\n---\n\n{source[0]}"


def setup(app) -> None:
    """Hooks the tables of contents into the reading of pages."""
    app.connect("source-read", _add_contents)
