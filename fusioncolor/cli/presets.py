"""`fusioncolor presets`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import PresetsConfig
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor presets                                    list them
  fusioncolor predict old.jpg --weights landscapes       use one
  fusioncolor presets --add https://example.org/autumn.json
  fusioncolor presets --download autumn
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor presets") -> int:
    """Lists, downloads, adds or removes presets; returns the exit code."""
    description = "List the presets: names for weights, which every option for weights takes."
    return parser.run(PresetsConfig, _presets, argv, prog=prog, description=description, examples=EXAMPLES)


def _presets(config: PresetsConfig, reporter: Reporter) -> int:
    from fusioncolor.models import presets, saving

    if config.add:
        name = presets.add(config.add)
        print(f"added: {name}   to use it: --weights {name}")
        return 0
    if config.remove:
        presets.forget(config.remove)
        print(f"removed: {config.remove}")
        return 0
    for name in config.download:
        folder = presets.fetch(name, reporter)
        saving.read_description(folder)
        print(f"{name}: {folder}")
    if not config.download:
        known = presets.all_presets()
        width = max(map(len, known)) + 2
        print(f"{'preset':{width}}{'weights':24}{'vividness':>9}  description")
        for name, preset in known.items():
            print(f"{name:{width}}{_state(preset):24}{preset.vividness:9g}  {preset.summary}")
    return 0


def _state(preset) -> str:
    from fusioncolor.models import presets

    if preset.archive is None:
        return "included" if presets.place_of(preset) else "missing"
    size = f"{preset.archive.size / 1e6:.1f} MB"
    return f"downloaded, {size}" if presets.place_of(preset) else f"to download, {size}"
