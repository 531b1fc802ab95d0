"""The examples of CONTRIBUTING.md run as they stand there, and so do their tests."""

import gc
import inspect
import re
from pathlib import Path

import pytest

import fusioncolor
from fusioncolor import registries

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^### (?:An?) ([^\n]+)\n(?:(?!^###).)*?^```python\n(.*?)^```$", TEXT, re.M | re.S))
KINDS = ("model", "head", "refinement", "baseline", "metric", "output format", "option", "command")


def registries_of_the_package() -> list[registries.Registry]:
    """Every registry, wherever it is defined."""
    return [one for one in gc.get_objects() if isinstance(one, registries.Registry)]


@pytest.fixture
def nothing_stays_registered():
    before = [(one, set(one)) for one in registries_of_the_package()]
    yield
    for one, names in before:
        for name in set(one) - names:
            one.unregister(name)


def test_there_is_an_example_of_every_kind():
    assert tuple(EXAMPLES) == KINDS


@pytest.mark.usefixtures("nothing_stays_registered")
@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_runs_and_passes_its_own_tests(kind, tmp_path, capsys, request):
    needed = re.findall(r"fusioncolor\.(register_\w+)", EXAMPLES[kind])
    missing = [name for name in needed if not hasattr(fusioncolor, name)]
    if missing:
        request.applymarker(pytest.mark.xfail(strict=True, reason=f"fusioncolor.{missing[0]} is not there yet"))
    namespace = {"__name__": f"example_of_{kind.replace(' ', '_')}"}
    exec(compile(EXAMPLES[kind], f"CONTRIBUTING.md, {kind}", "exec"), namespace)
    available = {"tmp_path": tmp_path, "capsys": capsys}
    tests = [value for name, value in namespace.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test(**{name: available[name] for name in inspect.signature(test).parameters})
