"""Writes the generated parts of the documentation: the pages of options, and the results in the README.

    python -m docs.generate            write what is out of date
    python -m docs.generate --check    only name what is out of date, and exit with 1

Options come from the dataclasses of `fusioncolor/config/`, the description of a command from its `--help`, and results
from `weights/results.md`, which is the `table.md` of an evaluation.
"""

import argparse
import contextlib
import dataclasses
import io
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

from fusioncolor.cli.commands import COMMANDS
from fusioncolor.cli.import_zhang import ImportConfig
from fusioncolor.cli.train import Arguments as TrainArguments
from fusioncolor.config import (
    AppConfig,
    CompareConfig,
    CompletionConfig,
    DoctorConfig,
    EvaluateConfig,
    EvaluateVideoConfig,
    ExportConfig,
    MergeConfig,
    PredictConfig,
    PresetsConfig,
    QuizConfig,
    ReproduceConfig,
    VideoConfig,
    flag,
)
from fusioncolor.config.fields import ordered_fields

PROJECT = Path(__file__).parents[1]
PAGES = {  # command -> how it is called, and the dataclass of its options
    "predict": ("python predict.py", PredictConfig),
    "video": ("python -m fusioncolor video", VideoConfig),
    "app": ("python -m fusioncolor app", AppConfig),
    "compare": ("python -m fusioncolor compare", CompareConfig),
    "train": ("python train.py", TrainArguments),
    "evaluate": ("python -m fusioncolor evaluate", EvaluateConfig),
    "evaluate-video": ("python -m fusioncolor evaluate-video", EvaluateVideoConfig),
    "quiz": ("python -m fusioncolor quiz", QuizConfig),
    "doctor": ("python -m fusioncolor doctor", DoctorConfig),
    "completion": ("python -m fusioncolor completion", CompletionConfig),
    "reproduce": ("python -m fusioncolor reproduce", ReproduceConfig),
    "merge-reports": ("python -m fusioncolor merge-reports", MergeConfig),
    "export": ("python -m fusioncolor export", ExportConfig),
    "presets": ("python -m fusioncolor presets", PresetsConfig),
    "import-zhang": ("python -m fusioncolor import-zhang", ImportConfig),
}
NOTE = "Generated from the option dataclasses by `python -m docs.generate`; do not edit."
BEGIN = "<!-- results of weights/results.md, filled in by python -m docs.generate -->\n"
END = "<!-- end of results -->\n"


def described(name: str) -> str:
    """The description of a command, as its `--help` begins after the usage line."""
    main, _ = COMMANDS[name]
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
        main(["--help"])
    return " ".join(shown.getvalue().split("\n\n")[1].split())


def options_page(command: str, summary: str, config: type) -> str:
    """The page of a command: one table per group of options."""
    fields = ordered_fields(config)
    hints = typing.get_type_hints(config)
    names = {
        field.name: field.name.upper() if field.metadata.get("positional") else flag(field.name) for field in fields
    }
    groups: dict[str, list[str]] = {"general": []}
    for field in fields:
        rows = groups.setdefault(field.metadata.get("group") or "general", [])
        rows.append(_row(field, hints[field.name], names))
    parts = [f"# `{command}`\n\n{summary} `{command} --help` shows the same. {NOTE}\n"]
    for group, rows in groups.items():
        if rows:
            heading = f"## {group[:1].upper()}{group[1:]}\n\n" if len(groups) > 1 else ""
            parts.append(f"{heading}| option | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(field: dataclasses.Field, hint, names: dict[str, str]) -> str:
    text = re.sub(r"`([a-z][a-z0-9_]*)`", lambda match: f"`{names.get(match[1], match[1])}`", field.metadata["help"])
    bounds, choices = field.metadata.get("range"), field.metadata.get("choices")
    if bounds:
        text += f". Range: {bounds}"
    if choices:
        text += f". Choices: {', '.join(f'`{choice}`' for choice in choices)}"
    text = text.replace("<", "&lt;").replace("|", "\\|")
    return f"| {_spelled(field, hint, choices is not None)} | {_default(field)} | {text} |"


def _spelled(field: dataclasses.Field, hint, chosen: bool) -> str:
    """The option as it is typed, with a placeholder for its value."""
    kinds = typing.get_args(hint) or (hint,)
    if field.metadata.get("positional"):
        return f"`{field.name.upper()}`"
    if bool in kinds:
        on = flag(field.name)
        return f"`{on}`, `--no-{on.removeprefix('--')}`"
    metavar = field.metadata.get("metavar") or ("NAME" if chosen else kinds[0].__name__.upper())
    return f"`{flag(field.name)} {metavar.replace('|', '/')}{' ...' if typing.get_origin(hint) is list else ''}`"


def _default(field: dataclasses.Field) -> str:
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if default in (None, [], "") or default is dataclasses.MISSING:
        return ""
    if isinstance(default, bool):
        return "on" if default else "off"
    return f"`{' '.join(map(str, default)) if isinstance(default, list) else default}`"


def results_table(results: str) -> str:
    """The first table of an evaluation's `table.md`, with the saved colorizers in bold.

    Raises:
        ValueError: there is no table.
    """
    match = re.search(r"^(\|.*\n)+", results, re.MULTILINE)
    if match is None:
        raise ValueError("weights/results.md has no table")
    return re.sub(r"^\| (\S+\.\S+) \|", r"| **\1** |", match[0], flags=re.MULTILINE)


def generated() -> Iterator[tuple[Path, str]]:
    """Every file with a generated part, and its text."""
    folder = PROJECT / "docs" / "options"
    summaries = {name: described(name) for name in PAGES}
    lines = [f"* [`{command}`]({name}.md): {summaries[name]}" for name, (command, _) in PAGES.items()]
    yield folder / "README.md", "# Options\n\n" + NOTE + "\n\n" + "\n".join(lines) + "\n"
    for name, (command, config) in PAGES.items():
        yield folder / f"{name}.md", options_page(command, summaries[name], config)
    readme = PROJECT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = results_table((PROJECT / "weights" / "results.md").read_text(encoding="utf-8"))
    yield readme, f"{before}{BEGIN}\n{table}\n{END}{after}"


def main() -> int:
    """Writes, or with `--check` only names, the files that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    check = parser.parse_args().check
    outdated = [
        (path, text) for path, text in generated() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in outdated:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(PROJECT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and outdated:
        print("run python -m docs.generate")
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
