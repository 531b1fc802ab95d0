"""`fusioncolor completion`: scripts that complete commands, options and their values in a shell."""

import argparse
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fusioncolor.cli import parser
from fusioncolor.config import CompletionConfig
from fusioncolor.models import presets
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor completion bash > ~/.local/share/bash-completion/completions/fusioncolor
  fusioncolor completion zsh > ~/.zfunc/_fusioncolor      with fpath+=~/.zfunc before compinit in ~/.zshrc
  fusioncolor completion fish > ~/.config/fish/completions/fusioncolor.fish
"""
_WEIGHTS = ("weights", "models", "init")  # options that take presets


@dataclass(frozen=True)
class Completed:
    """An option of a command, as far as a shell needs to know it.

    Attributes:
        flags: its spellings.
        text: help in one line.
        values: names to choose from; empty for a path or any other text.
        takes_value: whether something follows it.
    """

    flags: tuple[str, ...]
    text: str
    values: tuple[str, ...]
    takes_value: bool


def main(
    argv: Sequence[str] | None, prog: str = "fusioncolor completion", *, commands: Mapping[str, tuple[Callable, str]]
) -> int:
    """Prints a script for a shell; returns the exit code.

    Args:
        argv: command-line arguments.
        prog: name of the command in messages.
        commands: all commands by name: their `main`, and a summary.
    """

    def complete(config: CompletionConfig, reporter: Reporter) -> int:
        summaries = {name: text for name, (_, text) in commands.items()}
        options = {name: options_of(parser.of(command)) for name, (command, _) in commands.items()}
        print({"bash": bash, "zsh": zsh, "fish": fish}[config.shell](summaries, options), end="")
        return 0

    description = "Print a script that completes commands, options, and their values in a shell."
    return parser.run(CompletionConfig, complete, argv, prog=prog, description=description, examples=EXAMPLES)


def options_of(described: argparse.ArgumentParser) -> list[Completed]:
    """Returns the options of a parser, without positional arguments."""
    found = []
    for action in described._actions:
        if not action.option_strings:
            continue
        values = tuple(map(str, action.choices or (presets.all_presets() if action.dest in _WEIGHTS else ())))
        text = " ".join((action.help or "").replace("%%", "%").split()).partition(". ")[0][:80]
        found.append(Completed(tuple(action.option_strings), text, values, action.nargs != 0))
    return found


def bash(summaries: Mapping[str, str], options: Mapping[str, list[Completed]]) -> str:
    """Returns the script for bash."""
    cases = []
    for name, every in options.items():
        valued = [
            f'        {"|".join(one.flags)}) COMPREPLY=($(compgen -W "{" ".join(one.values)}" -- "$cur")); '
            + ('COMPREPLY+=($(compgen -d -- "$cur")); ' if one.flags[-1].lstrip("-") in _WEIGHTS else "")
            + "return ;;"
            for one in every
            if one.values
        ]
        flags = " ".join(flag for one in every for flag in one.flags)
        chosen = ['      case "$prev" in', *valued, "      esac"] if valued else []
        cases += [f"    {name})", *chosen, f'      words="{flags}" ;;']
    return "\n".join(
        [
            "# bash completion of fusioncolor; printed by: fusioncolor completion bash",
            "_fusioncolor() {",
            '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" words=""',
            "  COMPREPLY=()",
            '  if [ "$COMP_CWORD" -eq 1 ]; then',
            f'    COMPREPLY=($(compgen -W "{" ".join(summaries)} --help --version" -- "$cur"))',
            "    return",
            "  fi",
            '  case "${COMP_WORDS[1]}" in',
            *cases,
            "  esac",
            '  if [[ "$cur" == -* ]]; then',
            '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
            "  else",
            "    compopt -o filenames 2>/dev/null",
            '    COMPREPLY=($(compgen -f -- "$cur"))',
            "  fi",
            "}",
            "complete -F _fusioncolor fusioncolor",
            "",
        ]
    )


def zsh(summaries: Mapping[str, str], options: Mapping[str, list[Completed]]) -> str:
    """Returns the script for zsh."""
    names = [f"    {shlex.quote(f'{name}:{text}')}" for name, text in summaries.items()]
    cases = []
    for name, every in options.items():
        specs = []
        for one in every:
            label = one.text.translate(str.maketrans({"[": "(", "]": ")", ":": ","}))
            action = f":value:({' '.join(one.values)})" if one.values else ":value:_files" if one.takes_value else ""
            specs += [f"        {shlex.quote(f'{flag}[{label}]{action}')} \\" for flag in one.flags]
        cases += [f"    {name})", "      _arguments \\", *specs, "        '*:file:_files' ;;"]
    return "\n".join(
        [
            "#compdef fusioncolor",
            "# printed by: fusioncolor completion zsh",
            "_fusioncolor() {",
            "  local -a commands",
            "  commands=(",
            *names,
            "  )",
            "  if (( CURRENT == 2 )); then",
            "    _describe command commands",
            "    return",
            "  fi",
            "  local command=$words[2]",
            "  shift words",
            "  (( CURRENT-- ))",
            "  case $command in",
            *cases,
            "  esac",
            "}",
            'if [ "$funcstack[1]" = "_fusioncolor" ]; then _fusioncolor "$@"',
            "else compdef _fusioncolor fusioncolor; fi",
            "",
        ]
    )


def fish(summaries: Mapping[str, str], options: Mapping[str, list[Completed]]) -> str:
    """Returns the script for fish."""
    lines = ["# fish completion of fusioncolor; printed by: fusioncolor completion fish"]
    for name, text in summaries.items():
        lines.append(f"complete -c fusioncolor -n __fish_use_subcommand -f -a {name} -d {_fish(text)}")
    for name, every in options.items():
        condition = f"-n '__fish_seen_subcommand_from {name}'"
        for one in every:
            spelled = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in one.flags)
            values = f" -x -a {_fish(' '.join(one.values))}" if one.values else " -r" if one.takes_value else ""
            lines.append(f"complete -c fusioncolor {condition} {spelled}{values} -d {_fish(one.text)}")
    return "\n".join([*lines, ""])


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
