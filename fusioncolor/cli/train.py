"""`train.py` and `fusioncolor train`."""

import dataclasses
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from subprocess import list2cmdline
from typing import TYPE_CHECKING

import fusioncolor
from fusioncolor.cli import parser
from fusioncolor.config import ResumeConfig, TrainConfig
from fusioncolor.config.fields import is_default, option
from fusioncolor.errors import InputError, ResourceError
from fusioncolor.runtime import supervision
from fusioncolor.runtime.backend import import_quietly, make_deterministic
from fusioncolor.runtime.reporting import Reporter

if TYPE_CHECKING:
    from fusioncolor.run_folder import RunFolder

EXAMPLES = """\
  python train.py "datasets/landscape Images" --epochs 60
  python train.py photographs --image-size 128 --epochs 20 --run runs/small
  python train.py --resume runs/small
  python train.py photographs --init landscapes --epochs 5 --learning-rate 1e-4
"""
_OF_RESUMING = ("workers", "devices", "hosts", "host_index")


@dataclass(frozen=True)
class Arguments(TrainConfig):
    """The command line: options of a new run, or a run to resume."""

    resume: Path | None = option(  # noqa: RUF009
        None,
        "Continue the run in this folder from its last saved state; all options but `workers` and those about "
        "devices come from there. On a CPU the result is bit-identical to an uninterrupted run, on a GPU as far as its "
        "backend is deterministic",
        group="run",
        metavar="RUN",
    )

    def __post_init__(self) -> None:
        """Checks the options of a new run, or that none stands beside `resume`.

        Raises:
            InputError: an option is out of range, or two contradict each other.
        """
        if not self.resume and self.folder is None:
            raise InputError("name a FOLDER of photographs to train on, or a run to continue with `resume`")
        if not self.resume:
            super().__post_init__()
            return
        for entry in dataclasses.fields(self):
            if entry.name not in ("resume", *_OF_RESUMING) and not is_default(self, entry.name):
                raise InputError(f"`resume` reads all options from {self.resume}: leave out `{entry.name}`")

    def config(self) -> TrainConfig | ResumeConfig:
        """Returns the options of the task."""
        if self.resume:
            return ResumeConfig(self.resume, **{name: getattr(self, name) for name in _OF_RESUMING})
        return TrainConfig(**{entry.name: getattr(self, entry.name) for entry in dataclasses.fields(TrainConfig)})


def main(argv: Sequence[str] | None = None, prog: str = "train.py") -> int:
    """Trains a colorizer on a folder of photographs, or resumes a training; returns the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if supervision.is_child():
        supervision.take_terminal()
    code = parser.run(
        Arguments,
        partial(_train, argv=argv),
        argv,
        prog=prog,
        description="Train a colorizer on color photographs.",
        examples=EXAMPLES,
        before_keras=_prepare,
    )
    if supervision.is_child():
        sys.stdout.flush()
        os._exit(code)  # JAX would wait for processes that have ended
    return code


def _prepare(argv: Sequence[str]) -> None:
    """Makes results reproducible, unless the options say otherwise, before a file of the user's imports Keras."""
    if "--no-deterministic" not in argv:
        make_deterministic()


def _train(arguments: Arguments, reporter: Reporter, argv: Sequence[str]) -> int:
    if len(arguments.addresses()) > 1 and not supervision.is_child():
        return _supervised(arguments, argv)
    from fusioncolor.data.mirrors import with_copies
    from fusioncolor.run_folder import RunFolder

    config = arguments.config()
    if isinstance(config, ResumeConfig):
        deterministic = RunFolder(config.run).read_config().deterministic
    else:
        config = with_copies(config, reporter=reporter)
        _check_paths(config, reporter)
        deterministic = config.deterministic
    if deterministic:
        make_deterministic()
    import_quietly(reporter)
    from fusioncolor.training import loop

    with _telling_how_to_resume(arguments):
        if isinstance(config, ResumeConfig):
            run = loop.resume(config, reporter=reporter)
        else:
            run = loop.train(config, reporter=reporter)
    if not config.host_index:
        _print_commands(RunFolder(run), parser.import_options(argv))
    return 0


def _supervised(arguments: Arguments, argv: Sequence[str]) -> int:
    with _telling_how_to_resume(arguments):
        return supervision.supervise([sys.executable, *_program(), "train", *argv])


@contextmanager
def _telling_how_to_resume(arguments: Arguments) -> Iterator[None]:
    """Adds to an error that ends a training of several processes what to do on all hosts."""
    try:
        yield
    except ResourceError as error:
        if len(arguments.addresses()) < 2:
            raise
        run = arguments.resume or arguments.run
        raise ResourceError(f"{error}; start the training again on all hosts, with `resume` {run}") from error


def _print_commands(run: "RunFolder", imports: Sequence[object]) -> None:
    """Prints what to do next, as commands that can be pasted; `imports` are the options that they need as well."""
    part = next(name for name in ("test", "validation") if run.part_list(name).is_file())
    photographs, best = run.part_list(part), run.best
    colorize = ["predict", photographs, "--weights", best, "--grid", "--output", run.path / "pictures"]
    measure = ["evaluate", photographs, "--models", best, "--output", run.path / "report"]
    which = "of the test part" if part == "test" else "that chose the best epoch; others judge more fairly"
    print(f"next, on the {len(run.read_part(part))} photographs {which}:")
    for words in (colorize, measure):
        print(f"  {_command(*_program(), *words, *imports)}")


def _program() -> list[str]:
    """Returns the arguments with which Python starts this package, from the current folder."""
    package = Path(fusioncolor.__file__).parent
    try:
        distribution("fusioncolor")
    except PackageNotFoundError:
        return ["-m", "fusioncolor"] if package.parent == Path.cwd() else [str(package)]
    return ["-m", "fusioncolor"]


def _command(*arguments: object) -> str:
    """Returns a command line for this Python, quoted as the shell here expects it."""
    python = Path(sys.executable)
    python = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    words = [str(python), *map(str, arguments)]
    return list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _check_paths(config: TrainConfig, reporter: Reporter) -> None:
    """Refuses what cannot be used, before anything slow is imported."""
    from fusioncolor.data import survey
    from fusioncolor.models import saving
    from fusioncolor.run_folder import RunFolder
    from fusioncolor.training.model_options import check_model_options

    check_model_options(config)
    found = survey.find(config.folder, exclude=config.run)
    if config.validation:
        survey.find(config.validation)
    if config.run:
        RunFolder(config.run).refuse_occupied()
    if config.tensorboard and not (find_spec("tensorboard") and find_spec("tensorflow")):
        raise InputError("`tensorboard` needs TensorBoard and TensorFlow: pip install tensorboard, or leave it out")
    if config.init:
        saving.find_folder(config.init, reporter)
    if config.resnet_weights and not config.resnet_weights.is_file():
        raise InputError(f"no such file: {config.resnet_weights} (`resnet_weights`)")
    source = config.inception_weights
    if config.inception and source not in ("auto", "imagenet", "none") and not Path(source).is_file():
        saving.find_folder(source, reporter)
    reporter.info(f"{len(found)} photographs in {config.folder}")
