"""`predict.py` and `fusioncolor predict`."""

import dataclasses
import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

from fusioncolor.cli import parser
from fusioncolor.config import PredictConfig
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  python predict.py                                  a demonstration: a few sample photographs and a grid
  python predict.py old.jpg scans/ --output colored
  python predict.py holiday/ --grid --vividness 1.3
  find . -name "*.tif" | python predict.py -         a list of paths, or a picture, from standard input
  python predict.py - --output - < old.jpg > new.jpg
  python predict.py gray/ --grid --truth color/ --weights runs/mine/best landscapes
"""
DEMONSTRATION = ("rocket.jpg", "coffee.png", "chelsea.png", "astronaut.png")  # color photographs in scikit-image


def main(argv: Sequence[str] | None = None, prog: str = "predict.py") -> int:
    """Colorizes files and folders; returns the exit code, 1 if any photograph failed, 130 after Ctrl-C."""
    return parser.run(
        PredictConfig, _predict, argv, prog=prog, description="Colorize grayscale photographs.", examples=EXAMPLES
    )


def _predict(config: PredictConfig, reporter: Reporter) -> int:
    from fusioncolor.prediction import streams

    if not streams.are_used(config):
        return _colorize(config, reporter)
    with streams.replaced(config, sys.stdin.buffer) as replaced:
        if config.output != streams.DASH:
            return _colorize(replaced, reporter)
        with redirect_stdout(io.StringIO()):
            code = _colorize(replaced, reporter)
        for path in replaced.output.iterdir() if code == 0 else ():
            if not path.name.startswith("."):
                sys.stdout.buffer.write(path.read_bytes())
        sys.stdout.flush()
        return code


def _colorize(config: PredictConfig, reporter: Reporter) -> int:
    from fusioncolor.prediction.folder import colorize_folder
    from fusioncolor.prediction.plan import GRIDS
    from fusioncolor.prediction.summary import counted

    if config.hint_preview:
        return _preview(config, reporter)
    if not config.photographs:
        config = dataclasses.replace(config, photographs=_demonstration(), grid=True)
    result = colorize_folder(config, reporter=reporter)
    done, skipped, failed = (result.count(status) for status in ("done", "skipped", "failed"))
    if done or failed or not skipped:
        print(
            f"{counted(done)} colorized in {result.seconds:.1f} s ({done / result.seconds:.1f} img/s): {config.output}"
        )
    if skipped:
        nothing = "" if done or failed else "nothing to do: "
        print(f"{nothing}{counted(skipped)} already finished in {config.output} (--no-skip-existing colorizes again)")
    if failed:
        print(f"{counted(failed)} failed; see the lines above", file=sys.stderr)
    if result.pages:
        plural = "s" if result.pages > 1 else ""
        print(f"{result.pages} page{plural} of grayscale / actual / predicted: {config.output / GRIDS}")
    if result.interrupted:
        reporter.warning("stopped; run the same command again to finish the rest")
        return 130
    return 1 if failed else 0


def _preview(config: PredictConfig, reporter: Reporter) -> int:
    from fusioncolor.prediction.hint_preview import preview_hints
    from fusioncolor.prediction.summary import counted

    pictures = preview_hints(config, reporter=reporter)
    print(
        f"hints of {counted(len(pictures))} drawn: {', '.join(map(str, pictures[:3]))}{', ...' * (len(pictures) > 3)}"
    )
    return 0 if pictures else 1


def _demonstration() -> list[Path]:
    if not find_spec("skimage"):
        raise InputError("the demonstration needs scikit-image, which is not installed: name `photographs`")
    folder = Path(find_spec("skimage").origin).parent / "data"
    return [folder / name for name in DEMONSTRATION]
