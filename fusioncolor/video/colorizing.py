"""Video -> colored video: what is checked and told, the record of what is finished, and the joining of segments."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from fusioncolor import files, images
from fusioncolor.config import VideoConfig
from fusioncolor.config.fields import config_of
from fusioncolor.errors import ResourceError
from fusioncolor.hints import Hint
from fusioncolor.models.session import Session
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import is_out_of_memory
from fusioncolor.version import __version__
from fusioncolor.video import encoding, hinting, plan, preview, segments, shots, tracks
from fusioncolor.video.encoding import Codec
from fusioncolor.video.folders import FolderReader
from fusioncolor.video.frames import Clip, with_small
from fusioncolor.video.joining import join
from fusioncolor.video.reading import VideoReader, reading
from fusioncolor.video.segments import Work
from fusioncolor.video.stages import Stages

_STOPPING = "finishing the current segment; press Ctrl-C again to stop immediately"


@dataclass(frozen=True)
class VideoResult:
    """Result of `colorize_video`.

    Attributes:
        output: the file or folder.
        frames: frames in it.
        resumed: how many of them are from earlier runs.
        seconds: time taken.
        interrupted: whether it was stopped before the end; there is no result then.
    """

    output: Path
    frames: int
    resumed: int
    seconds: float
    interrupted: bool


def colorize_video(
    source: str | os.PathLike | VideoConfig,
    output: str | os.PathLike | None = None,
    *,
    session: Session | None = None,
    reporter: Reporter = SILENT,
    **options,
) -> VideoResult:
    """Colorizes a video; an interrupted run is completed by the same call.

    After the first Ctrl-C, the segment in progress is finished; the second stops at once.

        result = fusioncolor.colorize_video("old.mp4", "colored.mp4", keyframes=4)

    Args:
        source: a video, or a folder of frames; or a `VideoConfig`, without further options.
        output: the file or folder to write.
        session: a session of the same options, if the caller already has one, which spares loading the network.
        reporter: receives progress and warnings.
        **options: fields of `VideoConfig`, by name; paths may be strings.

    Returns:
        What was done.

    Raises:
        InputError: the video, the weights or an option cannot be used.
        ResourceError: the disk is full or memory ran out; the same call again does the rest.
        TypeError: there is no option of that name.
    """
    given = {} if output is None else {"output": output}
    config = config_of(VideoConfig, "source", source, {**given, **options})
    start = time.perf_counter()
    plan.check(config)
    session = session or Session([config.weights], config, engine=config.engine, reporter=reporter)
    interrupt = Interrupt(lambda: reporter.warning(_STOPPING))
    with ExitStack() as held:
        reader = held.enter_context(_reader(config))
        codec = _codec(config, reader)
        clip = reader.clip
        _report_losses(config, clip, codec, reporter)
        work = held.enter_context(segments.working(config.output, _settings(config, session)))
        if config.to_folder and not work.segments:
            files.make_folder(config.output)
        held.enter_context(interrupt.listening())
        with _resources_told(work):
            stages = Stages(config, clip, codec, session, work, _hints(config, reporter))
            with reporter.bar("colorizing", max(clip.count - work.resumed, 0), unit="frame") as bar:
                for _ in stages.through(reader.frames(), interrupt):
                    bar.advance()
            if not interrupt.requested:
                _report_damage(reader, work, reporter)
                _finish(config, clip, codec, work, reporter)
    return VideoResult(config.output, work.count, work.resumed, time.perf_counter() - start, interrupt.requested)


def _codec(config: VideoConfig, reader: VideoReader | FolderReader) -> Codec | None:
    """Chooses the codec, and has luma read with the bits that it keeps; None for a folder of frames."""
    if config.to_folder:
        return None
    codec = encoding.codec_for(config.output, config.codec, reader.clip.coding.bits)
    reader.use_bits(encoding.kept_bits(codec, reader.clip.coding.bits))
    return codec


def _report_losses(config: VideoConfig, clip: Clip, codec: Codec | None, reporter: Reporter) -> None:
    """Reports what of the source the result will not hold, before time is spent on it."""
    for note in clip.notes:
        reporter.warning(f"{clip.path}: {note}")
    if codec is None:
        return
    if clip.pixel_aspect and encoding.loses_aspect(config.output, codec):
        reporter.warning(f"{config.output}: cannot say that pixels are {clip.pixel_aspect} wide; h264 can (`codec`)")
    if clip.path.is_file():
        tracks.report(clip.path, config.output, reporter)


def _report_damage(reader: VideoReader | FolderReader, work: Work, reporter: Reporter) -> None:
    path, missing = reader.clip.path, reader.clip.missing(work.segments[-1].pts[-1])
    if reader.damaged:
        reporter.warning(f"{path}: damaged; {reader.damaged} packets could not be decoded and were left out")
    if missing:
        reporter.warning(f"{path}: ends {missing:.1f} s before it should; it was cut short, or its end is damaged")


@contextmanager
def _resources_told(work: Work) -> Iterator[None]:
    """Adds to a full disk and to a lack of memory that the same call goes on."""
    hint = "frames are finished; run the same command again to go on"
    try:
        yield
    except ResourceError as error:
        raise ResourceError(f"{error}. {work.count} {hint}") from error
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        remedy = "lower `batch_size`, or close other programs"
        raise ResourceError(f"not enough memory: {remedy}. {work.count} {hint}") from error


def _finish(config: VideoConfig, clip: Clip, codec: Codec | None, work: Work, reporter: Reporter) -> None:
    """Joins the segments, and removes the working folder."""
    if codec is not None:
        join(work.segments, clip, codec, config.output)
    if config.preview:
        path = preview.write(config.source, config.output, rate=config.rate, deinterlace=config.deinterlace)
        reporter.info(f"preview: {path}")
    files.remove_folder(work.folder)


def _reader(config: VideoConfig) -> AbstractContextManager[VideoReader | FolderReader]:
    most = int(config.max_megapixels * 1e6)
    if config.source.is_dir():
        return nullcontext(FolderReader(config.source, rate=config.rate, max_pixels=most, exclude=config.output))
    return reading(config.source, deinterlace=config.deinterlace, max_pixels=most, threads=config.workers)


def _hints(config: VideoConfig, reporter: Reporter) -> dict[int, list[Hint]]:
    """Follows the hints through a first pass over the video."""
    given = hinting.parse(config.hint)
    if not given:
        return {}
    with _reader(config) as reader, closing(reader.frames()) as frames:
        clip = reader.clip
        watched = reporter.track(frames, "following hints", clip.count, unit="frame")
        return hinting.followed(given, shots.marked(with_small(watched, clip)), clip.size)


def _settings(config: VideoConfig, session: Session) -> str:
    """Returns a hash of everything that determines the result."""
    names = (
        "steadiness",
        "keyframes",
        "codec",
        "quality",
        "deinterlace",
        "hint",
        "rate",
        "output",
        "workers",
    )  # encoders divide a picture among threads
    decisive = [__version__, session.identity(), *(getattr(config, name) for name in names)]
    source = config.source.absolute()
    decisive += [str(source), files.stamp(source)]
    if source.is_dir():
        decisive += [[path.name, files.stamp(path)] for path in images.find_in(source, exclude=config.output)]
    return files.digest_of([json.dumps(decisive, default=str).encode("utf-8", "surrogateescape")])
