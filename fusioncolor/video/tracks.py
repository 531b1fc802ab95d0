"""The tracks beside the picture: sound, subtitles, and attached files.

A track is copied as it is. Where the new kind of file cannot hold it, sound is encoded anew as AAC or Opus, and
subtitles are converted if they are text; what remains is left out with a warning.
"""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from fusioncolor.runtime.reporting import Reporter
from fusioncolor.video import ffmpeg

_SOUND_ENCODERS = {"webm": "libopus"}  # by kind of file; AAC in the others
_TEXT_ENCODERS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
_TEXT = {"srt", "subrip", "ssa", "ass", "mov_text", "webvtt", "text"}  # subtitles that are not pictures
_IN_TRANSPORT_STREAMS = {"aac", "ac3", "eac3", "mp2", "mp3", "dca", "opus"}  # FFmpeg writes others as private data
_AAC_RATES = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000}
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}  # by channels
_BITS_PER_CHANNEL = 96_000  # a second, of sound that is encoded anew


def format_of(path: Path) -> str:
    """Returns FFmpeg's name of the kind of file that a suffix stands for."""
    suffix = path.suffix.lower()
    return {".mkv": "matroska", ".m4v": "mp4", ".ts": "mpegts"}.get(suffix, suffix[1:])


def report(path: Path, target: Path, reporter: Reporter) -> None:
    """Says which tracks of a file will not be copied as they are, before time is spent on the picture."""
    suffix = target.suffix.lower()
    with ffmpeg.opened(path) as source:
        pictures = [one for one in source.streams.video if not ffmpeg.is_cover(one)]
        if len(pictures) > 1:
            reporter.warning(f"{path}: has {len(pictures)} video tracks; only the first is colorized and kept")
        for stream in source.streams:
            if stream.type not in ("audio", "subtitle") or _fits(stream, format_of(target)):
                continue
            kind = {"audio": "sound", "subtitle": "subtitles"}[stream.type]
            fact = f"{path}: {suffix} files do not hold {_codec_of(stream) or 'unknown'} {kind}"
            encoder = _encoder_of(stream, format_of(target))
            if encoder:
                reporter.info(f"{fact}, which will be encoded as {encoder.removeprefix('lib')}")
            else:
                reporter.warning(
                    f"{fact}, which will be missing" + ("; .mkv does" if _fits(stream, "matroska") else "")
                )


class Tracks:
    """The tracks of a source on their way into a new file."""

    def __init__(self, source, output) -> None:
        """Adds them to the new file.

        Args:
            source: PyAV's container, open for reading.
            output: PyAV's container, open for writing.
        """
        self._source = source
        self._hides = output.format.name in ("mp4", "mov")  # what lies before 0, with a list of edits
        self._added = {}
        for stream in source.streams:
            new = _added(output, stream)
            if new is not None:
                self._added[stream.index] = (stream, new)

    def packets(self, *, start: Fraction) -> Iterator[tuple[Fraction, object]]:
        """Yields the packets of all tracks, and the seconds at which each is due.

        Args:
            start: seconds at which the picture begins.
        """
        av = ffmpeg.library()
        due = Fraction(0)
        packets = self._source.demux([stream for stream, _ in self._added.values()]) if self._added else iter(())
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:  # cut short
                break
            if packet is None:
                break
            for passed in self._passed(packet, min(start, Fraction(0))):
                if passed.dts is not None:  # encoders leave it out where the time of the sound is unknown
                    due = max(due, passed.dts * passed.time_base)
                yield due, passed
        for _, new in self._added.values():
            if new.type == "audio" and _is_encoded(new):
                yield from ((due, packet) for packet in new.encode(None))

    def _passed(self, packet, start: Fraction) -> Iterator:
        """Yields what becomes of a packet: itself, or what an encoder makes of it; nothing if it ends before `start`.

        Players do not show what lies before 0 in an MP4 file; other files cannot hide it, and would begin with it.
        """
        stream, new = self._added[packet.stream.index]
        if not _is_encoded(new):
            late = self._hides or packet.pts is None or (packet.pts + (packet.duration or 0)) * packet.time_base > start
            if packet.dts is not None and late:
                packet.stream = new
                yield packet
            return
        av = ffmpeg.library()
        try:
            if stream.type == "subtitle":
                yield from _converted(packet, stream, new)
            else:
                for sound in packet.decode():
                    yield from new.encode(sound)
        except av.error.FFmpegError:  # damaged
            return


def _added(output, stream):
    """Adds a track to a new file; None if it is left out."""
    form = output.format.name
    encoder = None if _fits(stream, form) else _encoder_of(stream, form)
    if _fits(stream, form):
        new = output.add_stream_from_template(stream, opaque=True)
    elif encoder is None:
        return None
    elif stream.type == "audio":
        layout = _LAYOUTS.get(stream.channels, "stereo")
        rate = stream.rate if encoder == "aac" and stream.rate in _AAC_RATES else 48000
        new = output.add_stream(encoder, rate=rate, layout=layout, bit_rate=_BITS_PER_CHANNEL * stream.channels)
    else:
        stream.codec_context.open(strict=False)  # the decoder then knows the header, which the encoder needs
        new = output.add_stream(encoder)
        new.codec_context.subtitle_header = stream.codec_context.subtitle_header
        new.time_base = new.codec_context.time_base = stream.time_base
    new.metadata.update(stream.metadata)
    new.disposition = stream.disposition.value
    return new


def _is_encoded(new) -> bool:
    return new.codec_context is not None and new.codec_context.is_encoder


def _converted(packet, stream, new) -> Iterator:
    """Yields subtitles as the encoder of a new track writes them."""
    subtitles = stream.decode2(packet)
    if not subtitles:
        return
    written = new.codec_context.encode_subtitle(subtitles)
    written.pts = written.dts = packet.pts
    written.duration, written.time_base, written.stream = packet.duration, packet.time_base, new
    yield written


def _codec_of(stream) -> str | None:
    return stream.codec_context.codec.name if stream.codec_context is not None else None


def _fits(stream, form: str) -> bool:
    """Tells whether a track can be copied to a kind of file, by writing the head of such a file to memory."""
    name = _codec_of(stream) or ""
    if stream.type not in ("audio", "subtitle", "attachment"):
        return False
    if form == "mp4" and name.startswith("pcm_"):  # allowed, but few players know it, and older ones play noise
        return False
    if form == "mpegts" and name not in _IN_TRANSPORT_STREAMS:
        return False
    av = ffmpeg.library()
    try:
        with av.open(io.BytesIO(), "w", format=form) as scratch:
            scratch.add_stream_from_template(stream, opaque=True)
            scratch.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _encoder_of(stream, form: str) -> str | None:
    """Returns FFmpeg's name of the encoder for a track that cannot be copied; None if it cannot be encoded either."""
    if stream.type == "audio" and _codec_of(stream):
        return _SOUND_ENCODERS.get(form, "aac")
    return _TEXT_ENCODERS.get(form) if stream.type == "subtitle" and _codec_of(stream) in _TEXT else None
