"""Color videos -> how steady, right and colorful their colorizations are, beside gray and simpler ways."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from fusioncolor import files
from fusioncolor.config import EvaluateVideoConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import InputError
from fusioncolor.models.session import Session
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.video import pictures, shots
from fusioncolor.video.coding import unit_luma
from fusioncolor.video.colorizing import colorize_video
from fusioncolor.video.encoding import CODECS
from fusioncolor.video.flow import Flow, warped
from fusioncolor.video.frames import Clip, Frame, with_small
from fusioncolor.video.metering import Step, averaged, measured
from fusioncolor.video.reading import reading
from fusioncolor.video.writing import SegmentWriter

AVERAGED = "averaged over time, without motion"
REMARK = (
    "Gray does not flicker because it has no color to change: flicker, warping error, and CDC say something only "
    "beside PSNR and colorfulness."
)
_COLORLESS = 1.0  # colorfulness below which a clip is gray
_TRUSTED = 0.5  # trust in the motion below which a pixel is not measured


@dataclass(frozen=True)
class ClipEvaluation:
    """Figures of one clip.

    Attributes:
        path: the clip.
        frames: frames that were measured.
        shots: shots among them.
        rows: figures by title, by way of coloring; NaN where there is none.
    """

    path: Path
    frames: int
    shots: int
    rows: dict[str, dict[str, float]]


@dataclass(frozen=True)
class VideoEvaluation:
    """Result of `evaluate_video`.

    Attributes:
        clips: the figures of each clip.
    """

    clips: tuple[ClipEvaluation, ...]

    @property
    def rows(self) -> dict[str, dict[str, float]]:
        """Mean figures over the clips, by title, by way of coloring; NaN where no clip has one."""
        first = self.clips[0].rows
        return {
            way: {title: _mean([clip.rows[way][title] for clip in self.clips]) for title in figures}
            for way, figures in first.items()
        }

    def markdown(self) -> str:
        """Returns a table of each clip and, if there are several, one of their means."""
        parts = [
            f"{clip.path}: {_counted(clip.frames, 'frame')}, {_counted(clip.shots, 'shot')}\n\n{_table(clip.rows)}"
            for clip in self.clips
        ]
        if len(self.clips) > 1:
            parts.append(f"Mean of {len(self.clips)} clips\n\n{_table(self.rows)}")
        return "\n\n".join(parts)


def evaluate_video(
    clips: Sequence[str | os.PathLike] | EvaluateVideoConfig,
    *,
    session: Session | None = None,
    reporter: Reporter = SILENT,
    **options,
) -> VideoEvaluation:
    """Colorizes the luma of color videos in several ways, and measures the results.

    Motion, which is not known, is measured in luma by dense inverse search flow, there and back, at the size of the
    measurement; pixels where the two disagree are left out.

        result = fusioncolor.evaluate_video("color.mp4", keyframes=4)
        print(result.markdown())

    Args:
        clips: files, and folders of frames; or an `EvaluateVideoConfig`, without further options.
        session: a session of the same options, if the caller already has one, which spares loading the network.
        reporter: receives progress and warnings.
        **options: fields of `EvaluateVideoConfig`, by name; paths may be strings.

    Raises:
        InputError: a video, the weights or an option cannot be used.
        KeyboardInterrupt: Ctrl-C was pressed.
        ResourceError: the disk is full or memory ran out.
        TypeError: there is no option of that name.
    """
    config = config_of(EvaluateVideoConfig, "clips", clips, options)
    for path in filter(None, (*config.clips, config.truth, *config.results)):
        with _opened(path, config, deinterlace=config.deinterlace and path not in config.results):
            pass  # so that what cannot be read is told before others take their time
    session = session or Session([config.weights], config, engine=config.engine, reporter=reporter)
    return VideoEvaluation(tuple(_evaluated(path, config, session, reporter) for path in config.clips))


def _evaluated(path: Path, config: EvaluateVideoConfig, session: Session, reporter: Reporter) -> ClipEvaluation:
    with files.temporary_folder() as folder, ExitStack() as held:
        gray = folder / "gray.mkv"
        clip, count = _write_gray(path, gray, config, reporter)
        alone = _colorized(gray, folder / "alone.mkv", config, session, reporter, steadiness=0.0, keyframes=1)
        steady = _colorized(gray, folder / "steady.mkv", config, session, reporter)
        numbers = _shot_numbers(gray)

        def shown(video: Path, **more) -> Iterator[np.ndarray]:
            return held.enter_context(_shown(video, clip.size, count, config, **more))

        ways = {
            "truth": shown(config.truth or path, deinterlace=config.deinterlace),
            "gray": shown(gray),
            "frame by frame": shown(alone),
            AVERAGED: shown(alone, through=partial(averaged, numbers=numbers)),
            "steady": shown(steady),
        }
        names = [*ways, *(result.name for result in config.results)]
        ways |= {
            result.name if names.count(result.name) == 1 else str(result): shown(result) for result in config.results
        }
        rows = measured(ways, reporter.track(_steps(gray), f"measuring {path.name}", count, unit="frame"))
    if rows["truth"]["colorfulness"] < _COLORLESS:
        remedy = "" if config.truth else "; name a color video, or the true colors with `truth`"
        reporter.warning(f"{config.truth or path}: has no color, so that there is nothing to compare with{remedy}")
    return ClipEvaluation(path, count, 1 + numbers[-1], rows)


def _colorized(
    gray: Path, output: Path, config: EvaluateVideoConfig, session: Session, reporter: Reporter, **changed
) -> Path:
    """Colorizes a gray video without loss, with some options changed."""
    wanted = config.colorizing(gray, output, codec="ffv1", **changed)
    if colorize_video(wanted, session=session, reporter=reporter).interrupted:
        raise KeyboardInterrupt
    return output


def _write_gray(source: Path, path: Path, config: EvaluateVideoConfig, reporter: Reporter) -> tuple[Clip, int]:
    """Writes the luma of the beginning of a clip, small, without loss; returns its facts, and its frames."""
    with _opened(source, config, deinterlace=config.deinterlace) as (clip, frames):
        scale = min(config.size / max(clip.size), 1)
        size = tuple(max(round(side * scale), 1) for side in clip.size)
        coding = replace(clip.coding, full=False, bits=8)
        gray = Clip(path, size, coding, (2, 2), 1 / clip.rate, clip.rate)
        black, span = coding.black_and_span
        writer, count = SegmentWriter(path, gray, CODECS["ffv1"], 0), 0
        most = max(round(config.seconds * clip.rate), 1)
        expected = min(clip.count or most, most)
        for frame in reporter.track(islice(frames, most), f"reading {source.name}", expected, unit="frame"):
            luma = unit_luma(pictures.resized(frame.luma, size), clip.coding)
            writer.write(np.rint(black + span * luma).astype(coding.dtype), np.zeros((1, 1, 2), np.float32))
            count += 1
        writer.close()
    return gray, count


def _steps(path: Path) -> Iterator[Step]:
    """Yields how each frame of a gray video follows the one before, by its cuts and its measured motion."""
    flow, before = Flow(), None
    with reading(path) as reader:
        for frame in shots.marked(with_small(reader.frames(), reader.clip)):
            luma = unit_luma(frame.luma, reader.clip.coding)
            if frame.first:
                yield Step(is_cut=frame.index > 0)
            else:
                motion = flow.between(before, luma)
                yield Step(False, lambda values, step=motion.back: warped(values, step), motion.back_trust > _TRUSTED)
            before = luma


def _shot_numbers(path: Path) -> list[int]:
    """Returns the number of the shot of each frame of a gray video, from 0."""
    with reading(path) as reader:
        firsts = [frame.first for frame in shots.marked(with_small(reader.frames(), reader.clip))]
    return (np.cumsum(firsts) - 1).tolist()


def _opened(
    path: Path, config: EvaluateVideoConfig, *, deinterlace: bool
) -> AbstractContextManager[tuple[Clip, Iterator[Frame]]]:
    most = round(config.max_megapixels * 1e6)
    return pictures.opened(path, rate=config.rate, deinterlace=deinterlace, max_pixels=most)


@contextmanager
def _shown(
    path: Path,
    size: tuple[int, int],
    count: int,
    config: EvaluateVideoConfig,
    *,
    deinterlace: bool = False,
    through: Callable[[Iterable[Frame]], Iterator[Frame]] = iter,
) -> Iterator[Iterator[np.ndarray]]:
    """Opens a video; yields its first frames, after they went through something, as RGB pictures.

    Raises:
        InputError: there are fewer.
    """
    with _opened(path, config, deinterlace=deinterlace) as (clip, frames):

        def shown() -> Iterator[np.ndarray]:
            found = 0
            for frame in through(islice(frames, count)):
                found += 1
                yield pictures.in_color(frame, clip.coding, size)
            if found < count:
                raise InputError(f"{path}: has {found} frames, but {count} are to be measured; lower `seconds`")

        yield shown()


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _table(rows: dict[str, dict[str, float]]) -> str:
    titles = list(next(iter(rows.values())))
    lines = [f"| colors | {' | '.join(titles)} |", f"|{'---|' * (1 + len(titles))}"]
    for way, figures in rows.items():
        cells = [f"{round(value, 4):.3g}" if math.isfinite(value) else "" for value in figures.values()]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(lines)
