"""Options of everything that colorizes video, and of `fusioncolor video`."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fusioncolor.config.choices import DEFAULT_WEIGHTS, VIDEO_CODECS, VIVIDNESS
from fusioncolor.config.colorizing import COLORS, MACHINE, ColorizeOptions
from fusioncolor.config.fields import convert_options, option
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES

STEADY, SOURCE, _RESULT = "steady colors", "source", "result"


@dataclass(frozen=True)
class VideoOptions(ColorizeOptions):
    """Options of everything that colorizes video."""

    steadiness: float = option(
        0.9,
        "Weight of what is remembered of a shot against what the network newly predicts; 0: frame by frame, 1: the "
        "mean of the whole shot",
        group=STEADY,
        minimum=0,
        maximum=1,
    )
    keyframes: int = option(
        1,
        "Let the network see only every so many frames, and carry the colors along the motion to those between: 4 is "
        "two to three times as fast",
        group=STEADY,
        minimum=1,
        maximum=30,
        metavar="N",
    )
    weights: str = option(
        DEFAULT_WEIGHTS,
        f"Saved colorizer, or a baseline by name ({', '.join(name for name in BASELINES if name != 'oracle_mean')})",
        group=COLORS,
        metavar="FOLDER",
    )
    vivid: bool = option(
        False,
        f"Short for `vividness` {VIVIDNESS:g}: about as colorful as real photographs, and more often wrong",
        group=COLORS,
    )
    rate: float = option(25.0, "Frames per second of a folder of frames", group=SOURCE, above=0, maximum=240)
    deinterlace: bool = option(False, "Make whole frames of interlaced ones, as old television has them", group=SOURCE)
    batch_size: int = option(8, "Key frames per step of the network; fewer for large frames", group=MACHINE, minimum=1)
    workers: int | None = option(
        None, "Threads of the decoder and the encoder (default: as FFmpeg likes)", group=MACHINE, minimum=1
    )
    max_megapixels: float = option(90.0, "Reject larger frames", group=MACHINE, above=0)
    engine: Path | None = option(
        None,
        "Exported network (see fusioncolor export) to run in place of the Keras network",
        group=MACHINE,
        metavar="FILE",
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without opening a video or loading a network.

        Raises:
            InputError: an option is out of range, or two contradict each other.
        """
        if self.vivid:
            if self.vividness not in (1.0, VIVIDNESS):
                raise InputError(f"`vivid` is short for `vividness` {VIVIDNESS:g}: use only one")
            object.__setattr__(self, "vividness", VIVIDNESS)
        super().__post_init__()
        self.check_models([self.weights])
        if self.weights == "oracle_mean":
            raise InputError("oracle_mean needs the true colors, which a video to colorize does not have")
        if self.engine and self.weights in BASELINES:
            raise InputError("`engine` replaces a network: name a saved colorizer with `weights`")


@dataclass(frozen=True)
class VideoConfig(VideoOptions):
    """Options of `fusioncolor video`."""

    GROUPS: ClassVar = (STEADY, COLORS, SOURCE, _RESULT, MACHINE)

    source: Path | None = option(
        None,
        "Video file of any kind that FFmpeg reads, or a folder of frames",
        positional=True,
        required=True,
        metavar="IN",
    )
    output: Path | None = option(
        None,
        "Video file to write, its kind known by its suffix: .mp4, .mkv, .mov, .webm and others; without a suffix, a "
        "folder of frames",
        positional=True,
        required=True,
        metavar="OUT",
    )
    hint: list[str] = option(
        [],
        'Color hints, which follow the motion through their shot: "FRAME:x,y,#rrggbb" or "FRAME:x,y,brown", frames '
        "counted from 0, or a .json or .png file after FRAME: as for predict.py",
        group=COLORS,
        metavar="HINT",
    )
    codec: str | None = option(
        None,
        "Codec of the result (default: h264; h265 for more than 8 bits; vp9 for .webm)",
        group=_RESULT,
        choices=VIDEO_CODECS,
    )
    quality: int | None = option(
        None,
        "Quality: the CRF of h264 (default: 17), h265 (19), vp9 and av1 (24), or the scale of prores (9); lower is "
        "better and larger; ffv1 is lossless",
        group=_RESULT,
        minimum=0,
        maximum=63,
    )
    overwrite: bool = option(False, "Replace a file that is already there", group=_RESULT)
    preview: bool = option(
        False,
        "Also write OUT.preview.mp4: up to ten seconds of gray, colored and, if the source has color, actual side by "
        "side",
        group=_RESULT,
    )

    def __post_init__(self) -> None:
        """Checks everything that can be checked without opening the video or loading a network.

        Raises:
            InputError: an option is out of range, two contradict each other, or a path cannot be used.
        """
        convert_options(self)
        super().__post_init__()
        for name in ("source", "output"):
            if getattr(self, name) is None:
                raise InputError(f"`{name}` is missing: name a video to colorize and a file to write")
        if not self.source.exists():
            raise InputError(f"no such file or folder: {self.source}")
        if self.output.exists() and self.source.samefile(self.output):
            raise InputError(f"{self.output} is the source itself: give the result another name")
        if self.to_folder and (self.codec or self.quality is not None):
            raise InputError(f"`codec` and `quality` are for video files, but {self.output} is a folder of frames")

    @property
    def to_folder(self) -> bool:
        """Whether the result is a folder of frames."""
        return not self.output.suffix or self.output.is_dir()
