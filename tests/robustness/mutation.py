"""Changes the code in one place at a time, and counts the changes that the unit tests notice.

    python tests/robustness/mutation.py --count 300
    python tests/robustness/mutation.py --modules color images.icc --count 40 --seed 1 > survivors.txt
    python tests/robustness/mutation.py --again survivors.txt

Every change ("mutant") is made in a copy of the package: another comparison or operation, another number, a condition
turned round, an argument left out. The unit tests of the module run on it, and if they pass, those of its whole room. A
mutant that passes them all survives, and is printed: either a test is missing, or the change changes nothing that
matters. Nothing here is written into the project.
"""

import argparse
import ast
import contextlib
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "fusioncolor"
MODULES = (
    *("color", "bins", "metrics", "hints.points", "hints.spreading", "refinement", "compose"),
    *("images.pixels", "images.icc", "images.sixteen_bit", "images.reading", "images.arrays", "images.metadata"),
    *("models.heads", "models.losses", "models.decoding", "models.baselines", "models.sift"),
    *("data.augmentation", "data.emulsions", "data.datasets", "data.features", "data.splits", "data.duplicates"),
    *("training.optimizer", "training.segments", "training.callbacks", "training.checkpoint", "training.feeding"),
)
SECONDS = 600  # that the tests may take without any change
PATIENCE = 5  # a mutant that takes as many times as long is stuck, and noticed
OTHER = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


class Mutant(NamedTuple):
    """A module with one change.

    Attributes:
        module: dotted name within the package.
        line: number of the changed line.
        change: the changed expression, before and after.
        source: the whole changed module.
    """

    module: str
    line: int
    change: str
    source: str


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Yields what can be changed: nodes, each with the number of one of its changes.

    Messages, docstrings, annotations and decorators are left alone, and so are the values of named constants: they are
    choices, such as the size of a thumbnail, not computations.
    """
    skipped = (ast.Raise, ast.JoinedStr, ast.Assert, ast.Import, ast.ImportFrom)
    if isinstance(tree, skipped) or (isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant)):
        return
    if isinstance(tree, ast.Assign) and all(isinstance(one, ast.Name) and one.id.isupper() for one in tree.targets):
        return
    for change in range(changes(tree)):
        yield tree, change
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from places(child)


def changes(node: ast.AST) -> int:
    """Returns how many changes there are of this very node."""
    if isinstance(node, ast.Compare):
        return sum(type(one) in OTHER for one in node.ops)
    if isinstance(node, ast.BinOp | ast.BoolOp):
        return int(type(node.op) in OTHER)
    if isinstance(node, ast.UnaryOp):
        return int(isinstance(node.op, ast.Not | ast.USub))
    if isinstance(node, ast.Constant):
        return int(isinstance(node.value, bool | int | float))
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return 1
    return sum(keyword.arg is not None for keyword in node.keywords) if isinstance(node, ast.Call) else 0


def changed(node: ast.AST, change: int) -> ast.AST:
    """Returns a copy of a node with one of its changes."""
    node = copy.deepcopy(node)
    if isinstance(node, ast.Compare):
        node.ops[change] = OTHER[type(node.ops[change])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = OTHER[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        return node.operand
    elif isinstance(node, ast.Constant):
        value = node.value
        node.value = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value * 2 or 1.0
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    else:
        del node.keywords[[index for index, one in enumerate(node.keywords) if one.arg is not None][change]]
    return node


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yields every mutant of a module."""
    tree = ast.parse((PACKAGE / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8"))
    for node, change in list(places(tree)):
        new = ast.copy_location(changed(node, change), node)
        before, after = (ast.unparse(one).split("\n")[0][:90] for one in (node, new))
        source = ast.unparse(ast.fix_missing_locations(_Replacing(node, new).visit(tree)))
        _Replacing(new, node).visit(tree)  # as it was
        yield Mutant(module, getattr(node, "lineno", 0), f"{before}  ->  {after}", source)


def tests_of(module: str) -> list[list[str]]:
    """Returns the tests that may notice a change of a module, in the order in which they run."""
    *room, name = module.split(".")
    own = PROJECT / "tests" / "unit" / Path(*room) / f"test_{name}.py"
    return [[str(own)], [str(own.parent)]] if room else [[str(own)]]


class Trial:
    """The unit tests on a changed copy of the project, in a forked process, which need not import anything anew."""

    def __init__(self, mutant: Mutant, *, own: bool, quick: bool, seconds: float) -> None:
        """Starts the process.

        Args:
            mutant: the change.
            own: run only the module's own tests, not those of its room.
            quick: leave out slow tests.
            seconds: time after which a mutant is stuck.
        """
        self.mutant = mutant
        self.start = time.monotonic()
        self.seconds = seconds
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        shutil.copytree(PACKAGE, root / "fusioncolor", ignore=shutil.ignore_patterns("__pycache__"))
        for shared in ("weights", "datasets"):
            (root / shared).symlink_to(PROJECT / shared)
        (root / "fusioncolor" / mutant.module.replace(".", "/")).with_suffix(".py").write_text(mutant.source)
        self.process = os.fork()
        if not self.process:
            _test(root, tests_of(mutant.module)[: 1 if own else None], ("not slow", "slow")[: 1 if quick else None])

    def noticed(self) -> bool | None:
        """Returns whether a test failed; None while the tests run."""
        process, status = os.waitpid(self.process, os.WNOHANG)
        if not process and time.monotonic() > self.start + self.seconds:
            os.killpg(self.process, signal.SIGKILL)
            process, status = os.waitpid(self.process, 0)
        if not process:
            return None
        self.folder.cleanup()
        return status != 0


def _test(root: Path, stages: list[list[str]], marks: Sequence[str]) -> NoReturn:
    """Runs tests of each mark, stage by stage, in the copy, and ends the process: with 1 if any fails."""
    code = 1
    try:
        os.setpgid(0, 0)
        os.chdir(PROJECT / "tests")
        os.environ |= {"PYTHONPATH": f"{root}:{PROJECT}", "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path[:0] = [str(root), str(PROJECT)]
        sys.dont_write_bytecode = True
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        import pytest

        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-p", "no:randomly"]
        runs = (pytest.main([*options, "-m", mark, *tests]) for mark in marks for tests in stages)
        code = int(any(run not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) for run in runs))
    finally:
        os._exit(code)


def preload(modules: Sequence[str]) -> None:
    """Imports what most tests import, once for all trials: the package itself must stay unknown."""
    names = ["pytest", "hypothesis", "numpy", "scipy.ndimage", "skimage.color", "skimage.metrics", "skimage.measure"]
    names += ["PIL.Image", "tifffile", "imagecodecs", "matplotlib.figure", "cv2"]
    if any(module.split(".")[0] in ("models", "training", "data") for module in modules):
        names += ["keras", "h5py"]  # with its backend, of which nothing has run yet
    for name in names:
        with contextlib.suppress(ImportError):
            import_module(name)


def trials(
    mutants: Sequence[Mutant], *, own: bool, quick: bool, jobs: int, seconds: Mapping[str, float]
) -> Iterator[tuple[Mutant, bool, float]]:
    """Yields mutants as they finish, each with whether it was noticed and the seconds that took.

    Args:
        mutants: the changes.
        own: as for `Trial`.
        quick: as for `Trial`.
        jobs: mutants at a time.
        seconds: by module, the time after which a mutant is stuck.
    """
    waiting, running = list(mutants), []
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop(0)
            running.append(Trial(mutant, own=own, quick=quick, seconds=seconds[mutant.module]))
        time.sleep(0.05)
        for trial in list(running):
            noticed = trial.noticed()
            if noticed is not None:
                running.remove(trial)
                yield trial.mutant, noticed, time.monotonic() - trial.start


def survival(mutant: Mutant) -> str:
    """Returns the line that names a mutant which no test noticed."""
    return f"survived: {mutant.module}:{mutant.line}: {mutant.change}"


def main() -> int:
    """Prints survivors as they are found, then the score; returns 1 if it is below 90 %."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", nargs="+", default=MODULES, metavar="MODULE", help="default: all that matter most")
    parser.add_argument("--count", type=int, default=300, help="mutants, drawn at random (default: 300)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", type=Path, metavar="FILE", help="only the survivors in the output of another run")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at a time")
    parser.add_argument("--own", action="store_true", help="run only the module's own tests, not those of its room")
    parser.add_argument("--quick", action="store_true", help="leave out slow tests")
    options = parser.parse_args()
    known = options.again.read_text("utf-8").splitlines() if options.again else []
    modules = options.modules
    if options.again:
        modules = [one for one in modules if any(line.startswith(f"survived: {one}:") for line in known)]
    everything = [mutant for module in modules for mutant in mutants_of(module)]
    if options.again:
        chosen = [mutant for mutant in everything if survival(mutant) in known]
    else:
        chosen = random.Random(options.seed).sample(everything, min(options.count, len(everything)))
    print(f"{len(chosen)} of {len(everything)} mutants", flush=True)
    modules = [module for module in modules if any(mutant.module == module for mutant in chosen)]
    preload(modules)
    sources = {module: (PACKAGE / module.replace(".", "/")).with_suffix(".py") for module in modules}
    same = [Mutant(name, 0, "none", ast.unparse(ast.parse(path.read_text("utf-8")))) for name, path in sources.items()]
    seconds = dict.fromkeys(modules, SECONDS)
    how = {"own": options.own, "quick": options.quick, "jobs": options.jobs}
    for mutant, noticed, took in trials(same, **how, seconds=seconds):
        if noticed:
            sys.exit(f"the unit tests of {mutant.module} fail without any change: repair them first")
        seconds[mutant.module] = PATIENCE * (took + 1)
    killed: Counter[str] = Counter()
    for mutant, noticed, _ in trials(chosen, **how, seconds=seconds):
        killed[mutant.module] += noticed
        if not noticed:
            print(survival(mutant), flush=True)
    tried = Counter(mutant.module for mutant in chosen)
    for module, count in tried.items():
        print(f"{module}: {killed[module]} of {count} noticed ({100 * killed[module] / count:.0f} %)")
    print(f"{killed.total()} of {len(chosen)} noticed ({100 * killed.total() / len(chosen):.0f} %)")
    return int(killed.total() < 0.9 * len(chosen))


if __name__ == "__main__":
    sys.exit(main())
