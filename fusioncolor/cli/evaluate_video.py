"""`fusioncolor evaluate-video`."""

from collections.abc import Sequence

from fusioncolor.cli import parser
from fusioncolor.cli.video import check_weights
from fusioncolor.config import EvaluateVideoConfig
from fusioncolor.runtime.reporting import Reporter

EXAMPLES = """\
  fusioncolor evaluate-video color.mp4
  fusioncolor evaluate-video street.mp4 beach.mp4 --keyframes 4 --seconds 60
  fusioncolor evaluate-video gray.mp4 --truth color.mp4 --results by-another-program.mp4
"""


def main(argv: Sequence[str] | None = None, prog: str = "fusioncolor evaluate-video") -> int:
    """Measures how steadily videos are colorized; returns the exit code."""
    description = "Measure how steady, right, and colorful color videos come out, beside gray and simpler ways."
    return parser.run(EvaluateVideoConfig, _evaluate, argv, prog=prog, description=description, examples=EXAMPLES)


def _evaluate(config: EvaluateVideoConfig, reporter: Reporter) -> int:
    from fusioncolor.video import ffmpeg

    ffmpeg.require()
    check_weights(config)

    from fusioncolor.video.evaluating import REMARK, evaluate_video

    evaluation = evaluate_video(config, reporter=reporter)
    print(f"{evaluation.markdown()}\n\n{REMARK}")
    return 0
