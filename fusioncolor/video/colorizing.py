"""Video -> colored video: the stages that a frame goes through, each in a thread of its own.

decode -> find cuts, measure motion -> network -> steady colors -> chroma, encode
"""

import json
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fusioncolor import files, images
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError, ResourceError
from fusioncolor.hints import Hint
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import ahead, is_out_of_memory
from fusioncolor.version import __version__
from fusioncolor.video import encoding, hinting, plan, preview, segments, shots, tracks
from fusioncolor.video.chroma import lightness_of
from fusioncolor.video.coding import unit_luma
from fusioncolor.video.encoding import Codec
from fusioncolor.video.flow import Flow
from fusioncolor.video.folders import FolderReader, FolderWriter
from fusioncolor.video.frames import Clip, Frame
from fusioncolor.video.joining import join
from fusioncolor.video.reading import VideoReader, reading
from fusioncolor.video.segments import Work
from fusioncolor.video.steadying import Steadying
from fusioncolor.video.writing import SegmentWriter

_SEGMENT = 240  # frames after which a segment of a longer shot is closed
_WAITING = 4  # frames between two stages
_BATCH_BYTES = 300_000_000  # of frames that wait for a batch of key frames
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


def colorize_video(config: VideoConfig, *, session: Session | None = None, reporter: Reporter = SILENT) -> VideoResult:
    """Colorizes a video; an interrupted run is completed by the same call.

    After the first Ctrl-C, the segment in progress is finished; the second stops at once.

    Args:
        config: the options.
        session: a session of the same options, if the caller already has one, which spares loading the network.
        reporter: receives progress and warnings.

    Returns:
        What was done.

    Raises:
        InputError: the video, the weights or an option cannot be used.
        ResourceError: the disk is full or memory ran out; the same call again does the rest.
    """
    start = time.perf_counter()
    plan.check(config)
    session = session or Session([config.weights], config, engine=config.engine)
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
            run = _Run(config, clip, codec, session, work, _hints(config, reporter))
            with reporter.bar("colorizing", max(clip.count - work.resumed, 0), unit="frame") as bar:
                for _ in run.through(reader.frames(), interrupt):
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
        return hinting.followed(given, shots.marked(_small(watched, clip)), clip.size)


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


def _small(frames: Iterable[Frame], clip: Clip) -> Iterator[Frame]:
    """Fills in `small`."""
    for frame in frames:
        frame.small = _reduced(frame, clip.working_size, clip)
        yield frame


def _reduced(frame: Frame, size: tuple[int, int], clip: Clip) -> np.ndarray:
    """Returns the luma of a frame at a smaller size, `(h, w)` float32 in [0, 1]."""
    height, width = size
    codes = cv2.resize(frame.luma, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width)
    return unit_luma(codes, clip.coding)


class _Run:
    """The stages between decoding and closed segments."""

    def __init__(
        self,
        config: VideoConfig,
        clip: Clip,
        codec: Codec | None,
        session: Session,
        work: Work,
        hints: dict[int, list[Hint]],
    ) -> None:
        self._config, self._clip, self._session, self._work, self._hints = config, clip, session, work, hints
        self._codec = codec
        self._steps = config.keyframes
        self._cap = math.ceil(_SEGMENT / self._steps) * self._steps
        luma_bytes = clip.size[0] * clip.size[1] * (2 if clip.coding.bits > 8 else 1)
        luma_bytes *= 4 if config.source.is_dir() else 1  # the picture waits with its luma
        self._batch = int(min(max(_BATCH_BYTES // (luma_bytes * self._steps), 1), config.batch_size))

    def through(self, decoded: Iterable[Frame], interrupt: Interrupt) -> Iterator[Frame]:
        """Writes segments, and yields each frame after it is written; stops after a segment once that is requested."""
        moved = self._moved(self._keyed(shots.marked(_small(ahead(decoded, _WAITING), self._clip))))
        steadying = Steadying(self._config.steadiness)
        steadying.memory = self._work.memory()
        predicted = self._predicted(ahead(moved, _WAITING))
        write = self._segment if self._codec else self._pictures
        with closing(ahead(steadying.through(ahead(predicted, _WAITING)), _WAITING)) as finished:
            while not interrupt.requested:
                frame = next(finished, None)
                if frame is None:
                    return
                yield from write(frame, finished)

    def _segment(self, frame: Frame, following: Iterator[Frame]) -> Iterator[Frame]:
        """Writes a segment that begins with a frame."""
        pts = []
        quality = self._codec.quality if self._config.quality is None else self._config.quality
        with files.replacing(self._work.next_path()) as temporary:
            writer = SegmentWriter(temporary, self._clip, self._codec, quality, threads=self._config.workers)
            complete = False
            try:
                while True:
                    writer.write(frame.luma, frame.ab)
                    pts.append(frame.pts)
                    if frame.ends_segment:
                        break
                    yield frame
                    frame = next(following)
                complete = True
            finally:
                writer.close(complete=complete)
        self._work.close(pts, frame.memory)
        yield frame

    def _pictures(self, frame: Frame, following: Iterator[Frame]) -> Iterator[Frame]:
        """Writes the pictures of a segment that begins with a frame."""
        writer, pts = FolderWriter(self._config.output, self._clip, self._session), []
        while True:
            writer.write(frame)
            pts.append(frame.pts)
            if frame.ends_segment:
                break
            yield frame
            frame = next(following)
        self._work.close(pts, frame.memory, with_file=False)
        yield frame

    def _keyed(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Fills in `is_key` and `ends_segment`."""
        for frame in frames:
            frame.is_key = frame.first or frame.last or frame.position % self._steps == 0
            frame.ends_segment = frame.last or (frame.position > 0 and frame.position % self._cap == 0)
            yield frame

    def _moved(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Fills in `motion`, and leaves out the frames that are finished."""
        flow, before = Flow(), None
        wanted = self._config.steadiness > 0 or self._steps > 1
        for frame in frames:
            if frame.index >= self._work.resumed:
                if wanted and not frame.first:
                    frame.motion = flow.between(before, frame.small)
                yield frame
            before = frame.small

    def _predicted(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Fills in `predicted` of key frames, batch by batch; padded, so that the limits of batches change nothing."""
        waiting: list[Frame] = []
        for frame in frames:
            waiting.append(frame)
            if sum(one.is_key for one in waiting) == self._batch:
                self._predict([one for one in waiting if one.is_key])
                yield from waiting
                waiting = []
        self._predict([one for one in waiting if one.is_key])
        yield from waiting

    def _predict(self, keys: list[Frame]) -> None:
        if not keys:
            return
        seen = [lightness_of(_reduced(frame, self._clip.seen_size, self._clip))[..., None] for frame in keys]
        prepared = [self._session.prepare(Source(lightness)) for lightness in seen]
        answers = self._session.predict(prepared, batch_size=self._batch)
        for frame, [chroma] in zip(keys, answers, strict=True):
            lightness = lightness_of(frame.small)[..., None]
            refined = hinting.applied(lightness, self._refined(lightness, chroma), self._hints.get(frame.index, ()))
            frame.predicted = np.ascontiguousarray(refined, np.float32)

    def _refined(self, lightness: np.ndarray, chroma: Chroma) -> np.ndarray:
        """Brings chroma to the working size, and applies the chosen refinements."""
        if not np.isfinite(chroma.ab).all():
            raise InputError("the network predicts NaN or infinity: its weights are damaged, or an option is extreme")
        size = lightness.shape[:2]
        ab, confidence = images.resize(chroma.ab, size), chroma.confidence
        if self._session.refine and confidence is not None:
            confidence = images.resize(confidence, size, bilinear=True)
        for refinement in self._session.refine:
            ab = refinement(lightness, ab, confidence)
        return ab
