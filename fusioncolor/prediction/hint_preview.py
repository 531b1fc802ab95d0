"""Pictures of where the hints of a folder run land; the network is not needed."""

import os
from collections.abc import Sequence
from pathlib import Path

from fusioncolor import hints, images
from fusioncolor.config import PredictConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import InputError
from fusioncolor.hints import drawing
from fusioncolor.prediction import checks, plan
from fusioncolor.prediction.plan import HINTS
from fusioncolor.runtime.reporting import SILENT, Reporter


def preview_hints(
    photographs: str | os.PathLike | Sequence[str | os.PathLike] | PredictConfig,
    *,
    reporter: Reporter = SILENT,
    **options,
) -> list[Path]:
    """Writes, for each photograph with hints, a picture of them to the folder `hints` of the output folder.

    Args:
        photographs: files, folders and .txt lists; or a `PredictConfig`, without further options.
        reporter: receives progress, and photographs that cannot be read.
        **options: fields of `PredictConfig`, by name, as for `colorize_folder`; paths may be strings.

    Returns:
        The pictures.

    Raises:
        InputError: no photograph has hints, or a hint lies outside its photograph.
        TypeError: there is no option of that name.
    """
    config = config_of(PredictConfig, "photographs", photographs, options)
    checks.check(config, reporter)
    planned = plan.tasks(config)
    checks.check_hints(config, planned)
    given = hints.parse_all(config.hint)
    hinted = [task for task in planned if given or task.hints]
    if not hinted:
        raise InputError("no photograph has hints: give `hint`, or put them beside a photograph, as <name>.hint.json")
    written = []
    for task in reporter.track(hinted, "drawing hints", len(hinted)):
        path = config.output / HINTS / task.target.relative_to(config.output).with_suffix(".png")
        try:
            rgb = images.to_bytes(images.read(task.source, max_pixels=int(config.max_megapixels * 1e6)).rgb)
        except InputError as error:
            reporter.error(str(error))
            continue
        images.write(path, drawing.preview(rgb, [*given, *hints.parse_all(task.hints)]))
        written.append(path)
    return written
