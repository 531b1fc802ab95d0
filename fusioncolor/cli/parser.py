"""Command-line parsing from dataclasses, and the conversion of errors to a message and an exit code."""

import argparse
import dataclasses
import logging
import os
import re
import sys
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from fusioncolor.addresses import Address, Location, location
from fusioncolor.cli import messages
from fusioncolor.config import flag
from fusioncolor.config.fields import DESCRIPTIVE, Range, ordered_fields
from fusioncolor.errors import FusionColorError, InputError
from fusioncolor.runtime.backend import import_quietly
from fusioncolor.version import __version__


def run(
    config_class: type,
    work: Callable,
    arguments: Sequence[str] | None,
    *,
    prog: str,
    description: str,
    examples: str,
    before_keras: Callable[[Sequence[str]], None] | None = None,
) -> int:
    """Parses arguments into a `config_class` and calls `work(config, reporter)`.

    Args:
        config_class: dataclass whose fields are the options.
        work: the command; returns the exit code.
        arguments: command-line arguments; None for those of the process.
        prog: name of the command in messages.
        description: text at the start of the help.
        examples: text at the end of the help.
        before_keras: called with the arguments before the files of `--import` run, which may import Keras.

    Returns:
        The exit code: the one `work` returns, 1 if the output is closed early, 2 for a user's mistake, 130 after
        Ctrl-C.
    """
    parser = _parser(config_class, prog, description, examples)
    if arguments is not None and list(arguments) == _DESCRIBE:
        raise _Described(parser)
    _prepare_output()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _import_files(prog, arguments, before_keras)
        values = vars(parser.parse_intermixed_args(arguments))
        quiet, verbose = values.pop("quiet"), values.pop("verbose")
        del values["imports"]
        config = config_class(**values)
        return work(config, messages.TerminalReporter(config_class, quiet=quiet, verbose=verbose))
    except BrokenPipeError:
        return _closed()
    except KeyboardInterrupt as interrupt:
        reason = messages.with_flags(f": {interrupt}", config_class) if interrupt.args else ""
        print(f"\n{prog}: stopped{reason}", file=sys.stderr)
        return 130
    except (FusionColorError, ModuleNotFoundError, OSError) as error:
        text = _sentence(error, config_class)
        if text is None:
            raise
        print(f"{prog}: error: {text}", file=sys.stderr)
        return 2


def _parser(config_class: type, prog: str, description: str, examples: str) -> "Parser":
    """Returns the parser of a command: the options of all commands, and those of its dataclass."""
    parser = Parser(
        prog=prog,
        usage=_usage(config_class),
        description=description,
        epilog=f"examples:\n{_typed(examples, prog)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fusioncolor {__version__}")
    parser.add_argument(
        "--import",
        dest="imports",
        action="append",
        type=_path,
        metavar="FILE",
        help="First run this Python file, which registers models, heads, losses, metrics and more of your own; may be "
        "given several times",
    )
    parser.add_argument("--quiet", action="store_true", help="Print warnings, errors and results only; no progress")
    parser.add_argument("-v", "--verbose", action="store_true", help="Also print what runs the network, and the like")
    add_options(parser, config_class)
    return parser


def _typed(examples: str, prog: str) -> str:
    """Returns the examples with what people type to start this program as it was started."""
    if prog.startswith("fusioncolor "):
        examples = re.sub(r"\bpython (predict|train)\.py\b", r"fusioncolor \1", examples)
    return re.sub(r"\bfusioncolor (?=[a-z])", f"{program()} ", examples)


def _prepare_output() -> None:
    """Lets file names of any bytes be printed to any terminal, and silences libraries."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    warnings.filterwarnings("ignore", module="PIL")  # about damaged metadata; we report serious problems ourselves
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)


def _sentence(error: Exception, config_class: type) -> str | None:
    """Returns what a user is told about an error; None where it is no mistake of theirs."""
    if isinstance(error, FusionColorError):
        return messages.with_flags(str(error), config_class)
    if isinstance(error, ModuleNotFoundError):
        package = messages.package_of(error)
        return package and f"this needs {package}, which is not installed: pip install {package}"
    where = f"{error.filename}: " if error.filename else ""  # an impossible path, a full disk, a lost folder
    return f"{where}{error.strerror or error}"


_DESCRIBE = ["\0"]  # in place of arguments, among which no zero byte can be


class _Described(Exception):  # noqa: N818 - no error
    """Carries the parser of a command out of its `main`."""


def of(main: Callable) -> "Parser":
    """Returns the parser of a command, without running it.

    Args:
        main: the command, which calls `run` with its arguments.
    """
    try:
        main(_DESCRIBE)
    except _Described as found:
        return found.args[0]
    raise ValueError(f"{main} does not parse its arguments with run")


def imports(arguments: Sequence[str], prog: str = "fusioncolor") -> list[Path]:
    """Returns the files that `--import` names among arguments."""
    only = Parser(prog=prog, add_help=False)
    only.add_argument("--import", dest="imports", action="append", type=Path, default=[])
    return only.parse_known_args(arguments)[0].imports


def import_options(arguments: Sequence[str]) -> list[str]:
    """Returns `--import` and its files, as other commands need them that load what these arguments name."""
    return [word for path in imports(arguments) for word in ("--import", str(path))]


def _import_files(prog: str, arguments: Sequence[str], before_keras: Callable[[Sequence[str]], None] | None) -> None:
    """Runs the files of `--import` before anything else looks at the arguments: they add names to choose from."""
    paths = imports(arguments, prog)
    if not paths or {"-h", "--help"} & set(arguments):
        return
    missing = next((path for path in paths if not path.is_file()), None)
    if missing:
        raise InputError(f"no such file: {missing} (`import`)")
    if before_keras:
        before_keras(arguments)
    import_quietly()
    from fusioncolor.plugins import import_file

    for path in paths:
        import_file(path)


def say(text: str) -> int:
    """Prints text; returns the exit code."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        return _closed()
    return 0


def _closed() -> int:
    """Lets what is left of the output go: its reader, such as `head`, has stopped; returns the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 1


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, and knows what a misspelled option was meant to be."""

    def exit(self, status: int = 0, message: str | None = None) -> typing.NoReturn:
        """Ends the program once the help is printed, and not as Python ends, when a closed pipe is a traceback."""
        sys.stdout.flush()
        super().exit(status, message)

    def error(self, message: str) -> typing.NoReturn:
        """Prints the message and ends the program with exit code 2."""
        unknown = message.removeprefix("unrecognized arguments: ").split()[0].split("=")[0]
        if message.startswith("unrecognized arguments: -"):
            meant = suggestion(unknown, self._option_string_actions, "--help lists all options")
            message = f"no option {unknown}; {meant}"
        for pattern, plain in _PLAIN.items():
            message = re.sub(pattern, plain, message)
        missing = next((action for action in self._actions if message.startswith(f"{action.dest} is missing;")), None)
        if missing and missing.choices:
            message = f"{missing.dest} is missing; choose from {', '.join(missing.choices)}"
        self.exit(2, f"{self.prog}: error: {message}\n")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuses a value that is no choice of an option, with the nearest one that is."""
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            meant = suggestion(str(value), choices, f"choose from {', '.join(choices)}")
            raise argparse.ArgumentError(action, f"no choice {value!r}; {meant}")


_PLAIN = {  # what argparse says, in plain English
    r"^argument (\S+): invalid int value: (.*)": r"\1 takes a whole number. Received: \2",
    r"^argument (\S+): invalid float value: (.*)": r"\1 takes a number. Received: \2",
    r"^argument (\S+): expected (?:one|at least one) argument": r"\1 needs a value",
    r"^argument (\S+: )": r"\1",
    r"^the following arguments are required: (.*)": r"\1 is missing; --help tells what it is",
}


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """Returns a question after the known word that is nearest to a misspelled one, or else another text."""
    bare = {one.lstrip("-"): one for one in known}  # dashes would make all options alike
    near = get_close_matches(word.lstrip("-"), bare, n=1)
    return f"did you mean {bare[near[0]]}?" if near else otherwise


def program() -> str:
    """Returns what people type to start `fusioncolor` as this process was started."""
    started = Path(sys.argv[0])
    return "python -m fusioncolor" if started.parts[-2:] == ("fusioncolor", "__main__.py") else "fusioncolor"


def add_options(parser: argparse.ArgumentParser, config_class: type) -> None:
    """Adds one argument per field of a dataclass, with the field's type, default, help text and group."""
    hints = typing.get_type_hints(config_class)
    groups = {None: parser}
    for field in ordered_fields(config_class):
        title = field.metadata.get("group")
        if title not in groups:
            groups[title] = parser.add_argument_group(title)
        text = messages.with_flags(field.metadata["help"], config_class)
        _add_option(groups[title], field, hints[field.name], text)


def _usage(config_class: type) -> str:
    """Returns the usage line; the help lists the options anyway."""
    places = []
    for field in dataclasses.fields(config_class):
        if field.metadata.get("positional"):
            choices = field.metadata.get("choices")
            word = f"{{{','.join(choices)}}}" if choices else _word(field)
            required = field.metadata.get("required") or _default(field) == "" or _default(field) is dataclasses.MISSING
            places += [word] if required else []
            if isinstance(_default(field), list):
                places.append(f"[{word} ...]")
            elif not required:
                places.append(f"[{word}]")
    return " ".join(["%(prog)s", "[options]", *places])


def _add_option(group, field: dataclasses.Field, hint, text: str) -> None:
    options = {name: value for name, value in field.metadata.items() if name not in (*DESCRIPTIVE, "help")}
    positional = options.pop("positional", False)
    kind, is_list = _element_type(hint)
    default = _default(field)
    if positional:
        kind = _reader(kind, hint)
        if default is None:
            options["default"] = None
        options.setdefault("metavar", None if "choices" in options else _word(field))
        group.add_argument(
            field.name, type=kind, nargs="*" if is_list else "?" if default is None else None, help=text, **options
        )
        return
    # SUPPRESS leaves options that are not given to the defaults of the dataclass.
    options |= {"help": _with(text, default, field.metadata.get("range")), "default": argparse.SUPPRESS}
    if kind is bool:
        group.add_argument(flag(field.name), action=argparse.BooleanOptionalAction, **options)
        return
    if "choices" not in options:
        options.setdefault("metavar", kind.__name__.upper())
    if is_list:
        options |= {"action": "extend", "nargs": "+"}
    group.add_argument(flag(field.name), type=_reader(kind, hint), **options)


def _reader(kind: type, hint) -> Callable[[str], object]:
    """Returns what turns text into a value of an option."""
    if kind is not Path:
        return kind
    return _location if "Address" in str(hint) else _path


def _location(text: str) -> Location:
    if not text:  # probably an unset shell variable; Path would mean the current folder
        raise argparse.ArgumentTypeError("an empty path")
    return location(text)


def _path(text: str) -> Path:
    found = _location(text)
    if isinstance(found, Address):
        raise argparse.ArgumentTypeError(f"{text} is an address: download it, and name the file")
    return found


def _element_type(hint) -> tuple[type, bool]:
    if typing.get_origin(hint) is list:
        return _element_type(typing.get_args(hint)[0])[0], True
    if isinstance(hint, types.UnionType):
        return typing.get_args(hint)[0], False
    return hint, False


def _default(field: dataclasses.Field):
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default


def _with(text: str, default, bounds: Range | None = None) -> str:
    """Returns the help text with the default value, unless that is empty, and the range."""
    notes = []
    if default not in (None, [], ""):
        notes.append(f"default: {' '.join(default) if isinstance(default, list) else default}")
    if bounds is not None:
        notes.append(f"range: {bounds}")
    if notes and text.endswith(")") and "(default" in text:  # the text tells the default in words
        text = f"{text[:-1]}; {'; '.join(notes)})"
    elif notes:
        text = f"{text} ({'; '.join(notes)})"
    return text.replace("%", "%%")


def _word(field: dataclasses.Field) -> str:
    return field.metadata.get("metavar") or "FILE|FOLDER"
