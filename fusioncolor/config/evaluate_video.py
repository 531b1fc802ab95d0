"""Options of `fusioncolor evaluate-video`."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fusioncolor.config.colorizing import COLORS, MACHINE
from fusioncolor.config.fields import convert_options, option
from fusioncolor.config.video import SOURCE, STEADY, VideoConfig, VideoOptions
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class EvaluateVideoConfig(VideoOptions):
    """Options of `fusioncolor evaluate-video`."""

    GROUPS: ClassVar = (STEADY, COLORS, SOURCE, MACHINE)

    clips: list[Path] = option(
        [],
        "Color videos, or folders of color frames; their luma is colorized, and their colors are the truth",
        positional=True,
        required=True,
        metavar="CLIP",
    )
    truth: Path | None = option(
        None, "Video with the true colors, frame by frame, in place of those of CLIP", group=SOURCE, metavar="FILE"
    )
    results: list[Path] = option(
        [], "Also measure these videos, colorized from CLIP by other programs", group=SOURCE, metavar="FILE"
    )
    seconds: float = option(20.0, "Measure only the beginning, so long", group=SOURCE, above=0)
    size: int = option(480, "Longer side, in pixels, at which everything is measured", group=SOURCE, minimum=32)

    def __post_init__(self) -> None:
        """Checks everything that can be checked without opening a video or loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path cannot be used.
        """
        convert_options(self)
        super().__post_init__()
        if not self.clips:
            raise InputError("`clips` is missing: name a color video")
        for path in (*self.clips, self.truth, *self.results):
            if path is not None and not path.exists():
                raise InputError(f"no such file or folder: {path}")
        if len(self.clips) > 1 and (self.truth or self.results):
            raise InputError("`truth` and `results` belong to one video: name a single `clips` with them")

    def colorizing(self, source: Path, output: Path, **changed) -> VideoConfig:
        """Returns the options of `fusioncolor video` that colorize a video as these say, some of them changed."""
        shared = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(VideoOptions)}
        return VideoConfig(source=source, output=output, **{**shared, "deinterlace": False, **changed})
