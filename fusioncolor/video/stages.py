"""The stages that a frame goes through, each in a thread of its own.

decode -> find cuts, measure motion -> network -> steady colors -> chroma, encode
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import closing

import numpy as np

from fusioncolor import files, images
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError
from fusioncolor.hints import Hint
from fusioncolor.models.predictor import Chroma, Source
from fusioncolor.models.session import Session
from fusioncolor.runtime.interrupts import Interrupt
from fusioncolor.runtime.workers import ahead
from fusioncolor.video import hinting, shots
from fusioncolor.video.chroma import lightness_of
from fusioncolor.video.encoding import Codec
from fusioncolor.video.flow import Flow
from fusioncolor.video.folders import FolderWriter
from fusioncolor.video.frames import Clip, Frame, shrunk, with_small
from fusioncolor.video.segments import Work
from fusioncolor.video.steadying import Steadying
from fusioncolor.video.writing import SegmentWriter

_SEGMENT = 240  # frames after which a segment of a longer shot is closed
_WAITING = 4  # frames between two stages
_BATCH_BYTES = 300_000_000  # of frames that wait for a batch of key frames


class Stages:
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
        """Sets what a run needs.

        Args:
            config: the options.
            clip: facts of the source.
            codec: codec of the segments; None for a folder of frames.
            session: the network.
            work: the working folder.
            hints: color hints by frame, at the working size.
        """
        self._config, self._clip, self._session, self._work, self._hints = config, clip, session, work, hints
        self._codec = codec
        self._steps = config.keyframes
        self._cap = math.ceil(_SEGMENT / self._steps) * self._steps
        luma_bytes = clip.size[0] * clip.size[1] * (2 if clip.coding.bits > 8 else 1)
        luma_bytes *= 4 if config.source.is_dir() else 1  # the picture waits with its luma
        self._batch = int(min(max(_BATCH_BYTES // (luma_bytes * self._steps), 1), config.batch_size))

    def through(self, decoded: Iterable[Frame], interrupt: Interrupt) -> Iterator[Frame]:
        """Writes segments, and yields each frame after it is written; stops after a segment once that is requested."""
        moved = self._moved(self._keyed(shots.marked(with_small(ahead(decoded, _WAITING), self._clip))))
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
        seen = [lightness_of(shrunk(frame, self._clip.seen_size, self._clip))[..., None] for frame in keys]
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
