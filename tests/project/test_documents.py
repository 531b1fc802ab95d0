"""The documents: generated parts are up to date, links lead somewhere, the README stays short."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from fusioncolor.cli.commands import COMMANDS

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "weights/**/*.md", "datasets/**/*.md", "benchmarks/*.md")
    for path in sorted(PROJECT.glob(pattern))
]
named = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))


def anchors(text: str) -> set[str]:
    """Anchors of the headings of a Markdown text, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_options_and_results_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_has_a_page_of_options():
    pages = {path.stem for path in (PROJECT / "docs" / "options").glob("*.md")} - {"README"}
    assert pages == set(COMMANDS) - {"models"}  # which has no options


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"models"}))
def test_help_shows_what_a_page_of_options_shows(name, capsys):
    with pytest.raises(SystemExit):
        COMMANDS[name][0](["--help"])
    help_text = "".join(capsys.readouterr().out.split())  # without spaces, because help is broken into lines
    page = (PROJECT / "docs" / "options" / f"{name}.md").read_text(encoding="utf-8")
    described = page.split("\n\n")[1].split(". `python ")[0]
    rows = re.findall(r"^\| `.* \| .* \| (.*?)(?:\. Range: (.*?))?(?:\. Choices: (.*))? \|$", page, re.M)
    assert rows
    for meaning, bounds, choices in [(described, "", ""), *rows]:
        plain = meaning.replace("`", "").replace("&lt;", "<").replace("\\|", "|")
        wanted = re.escape("".join(plain.removesuffix(")").split()))
        if bounds:  # in the last parentheses
            wanted += rf"\)?[^)]*range:{re.escape(bounds.replace(' ', ''))}\)"
        assert re.search(wanted, help_text), meaning
        assert not choices or "{" + re.sub("[` ]", "", choices) + "}" in help_text, choices


def test_the_results_stand_in_one_file_only():
    row = next(
        line for line in (PROJECT / "weights" / "results.md").read_text().splitlines() if line.startswith("| gray |")
    )
    places = [str(path.relative_to(PROJECT)) for path in DOCUMENTS if row in path.read_text(encoding="utf-8")]
    assert places == ["README.md", "weights/results.md"]  # the README's is generated


@named
def test_links_lead_to_files_and_headings(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file) if file else path
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), target


def test_the_readme_stays_short():
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


@named
def test_python_blocks_are_python(path):
    for block in re.findall(r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S):
        assert ast.parse(block).body


def test_scripts_that_documents_mention_exist():
    for path in DOCUMENTS:
        for module in re.findall(r"python -m ((?:benchmarks|docs)\.[\w.]+)", path.read_text(encoding="utf-8")):
            assert (PROJECT / module.replace(".", "/")).with_suffix(".py").is_file(), f"{path}: {module}"


@pytest.mark.keras
def test_names_in_the_python_guide_exist():
    text = (PROJECT / "docs" / "python.md").read_text(encoding="utf-8")
    wanted = {("fusioncolor", name) for name in re.findall(r"`((?:register_)\w+|\w+Error)`", text)}
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "fc":
                wanted.add(("fusioncolor", node.attr))
            if isinstance(node, ast.ImportFrom) and node.module.startswith("fusioncolor"):
                wanted |= {(node.module, alias.name) for alias in node.names}
    missing = [f"{module}.{name}" for module, name in wanted if not hasattr(import_module(module), name)]
    assert not missing


def test_files_that_the_design_names_exist():
    table = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8").split("## Where to look")[1]
    for name in re.findall(r"`(\w+(?:/\w+)?\.py)`", table):
        assert (PROJECT / "fusioncolor" / name).is_file(), name
