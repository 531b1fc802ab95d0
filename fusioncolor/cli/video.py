"""`fusioncolor video`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.config import VideoConfig, VideoOptions
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor video old.mp4 colored.mp4
  fusioncolor video old.mkv colored.mkv --keyframes 4 --vividness 1.3
  fusioncolor video tape.avi colored.mp4 --deinterlace
  fusioncolor video frames/ colored/ --steadiness 0.8
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor video") -> int:
    """Colorizes a video; returns the exit code, 130 after Ctrl-C."""
    description = "Colorize a video steadily, with its sound, every frame and its time."
    return parser.run(VideoConfig, _video, argv, prog=prog, description=description, examples=EXAMPLES)


def check_weights(config: VideoOptions) -> None:
    """Checks before Keras is imported that there are weights.

    Raises:
        InputError: there are none, or they lack what they need.
    """
    from fusioncolor.models import engines, saving

    if config.weights not in BASELINES:
        saving.find_folder(config.weights)
    elif BASELINES[config.weights].needs_reference and not config.reference:
        raise InputError(f"{config.weights} takes its colors from photographs: name some with `reference`")
    if config.engine:
        engines.read_description(config.engine)


def _video(config: VideoConfig, reporter: Reporter) -> int:
    from fusioncolor.video import plan

    plan.check(config)
    check_weights(config)

    from fusioncolor.video.colorizing import colorize_video

    result = colorize_video(config, reporter=reporter)
    new = result.frames - result.resumed
    if result.interrupted:
        reporter.warning(f"stopped after {result.frames} frames; run the same command again to go on")
        return 130
    rate = new / result.seconds
    plural = "" if result.frames == 1 else "s"
    print(f"{result.frames} frame{plural} colorized in {result.seconds:.1f} s ({rate:.1f} a second): {result.output}")
    return 0
