"""Tracks beside the picture, from kind of file to kind of file."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import videos
from support import Recorder

from fusioncolor.video import tracks
from fusioncolor.video.tracks import Tracks, format_of

av = pytest.importorskip("av")


def carried(source: Path, target: Path, start=Fraction(0)) -> None:
    """Writes the tracks of a file to another one, without the picture."""
    with av.open(str(source)) as read, av.open(str(target), "w", format=format_of(target)) as written:
        kept = Tracks(read, written)
        for _, packet in kept.packets(start=start):
            written.mux(packet)


def sound_of(path: Path) -> np.ndarray:
    """The samples of the first sound track, of the first channel, in [-1, 1]."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", 8000)
        frames = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def words_of(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        shown = [one for packet in container.demux(subtitles=0) for one in packet.decode()]
    return [re.sub(r"\{.*?\}", "", one.dialogue.decode()) for one in shown]  # without italics


def sounding(path: Path, codec: str, rate: int = 8000, layout: str = "mono", attached: bytes | None = None) -> Path:
    """Writes a second of a tone."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if attached is not None:
            container.add_attachment("font.ttf", "font/ttf", attached)
        channels = stream.codec_context.channels
        size = stream.codec_context.frame_size or 1024
        for start in range(0, rate, size):
            wave = 0.3 * np.sin(2 * np.pi * 300 * np.arange(start, start + size) / rate)
            frame = av.AudioFrame.from_ndarray(np.tile(wave, (channels, 1)).astype(np.float32), "fltp", layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def subtitled(path: Path, encoder: str) -> Path:
    text = path.with_suffix(".srt")
    text.write_text("1\n00:00:00,100 --> 00:00:00,500\nHello\n\n2\n00:00:00,600 --> 00:00:00,900\n<i>again</i>\n")
    with av.open(str(text)) as read, av.open(str(path), "w") as written:
        stream = read.streams.subtitles[0]
        stream.codec_context.open(strict=False)
        new = written.add_stream(encoder)
        new.codec_context.subtitle_header = stream.codec_context.subtitle_header
        new.time_base = new.codec_context.time_base = stream.time_base
        for packet in read.demux(stream):
            subtitles = stream.decode2(packet)
            if subtitles:
                encoded = new.codec_context.encode_subtitle(subtitles)
                encoded.pts = encoded.dts = packet.pts
                encoded.duration, encoded.time_base, encoded.stream = packet.duration, packet.time_base, new
                written.mux(encoded)
    return path


@pytest.mark.parametrize(
    ("source", "codec", "target", "copied"),
    [
        ("in.mkv", "pcm_s16le", "out.mkv", True),
        ("in.mp4", "aac", "out.mp4", True),
        ("in.mp4", "aac", "out.mkv", False),  # but for the beginning that MP4 hides
        ("in.mp4", "aac", "out.mov", True),
        ("in.mp4", "aac", "out.ts", False),  # as before, and framed anew
        ("in.avi", "pcm_s16le", "out.mp4", False),
        ("in.avi", "pcm_s16le", "out.mov", True),
        ("in.mp4", "aac", "out.webm", False),
        ("in.webm", "libopus", "out.webm", True),
        ("in.webm", "libopus", "out.mp4", True),
        ("in.webm", "libopus", "out.mov", False),
        ("in.mkv", "pcm_s16le", "out.ts", False),
        ("in.mkv", "flac", "out.mp4", True),
        ("in.mkv", "flac", "out.webm", False),
    ],
)
def test_sound_is_copied_where_it_fits_and_is_the_same_sound_elsewhere(source, codec, target, copied, tmp_path):
    rate = 48000 if codec == "libopus" else 44100
    path = sounding(tmp_path / source, codec, rate, "stereo")
    carried(path, tmp_path / target)
    before, after = sound_of(path), sound_of(tmp_path / target)
    assert (videos.packets_of(path, "audio") == videos.packets_of(tmp_path / target, "audio")) == copied
    assert abs(len(before) - len(after)) < 0.1 * 8000  # encoders fill their last block
    middle = slice(2000, 6000)
    assert np.abs(after[middle]).max() == pytest.approx(np.abs(before[middle]).max(), rel=0.1)  # lossy codecs


@pytest.mark.parametrize(
    ("source", "encoder", "target"),
    [
        ("in.mkv", "subrip", "out.mp4"),
        ("in.mkv", "ass", "out.mov"),
        ("in.mp4", "mov_text", "out.mkv"),
        ("in.mkv", "subrip", "out.webm"),
        ("in.webm", "webvtt", "out.mp4"),
    ],
)
def test_subtitles_that_are_text_are_converted(source, encoder, target, tmp_path):
    path = subtitled(tmp_path / source, encoder)
    carried(path, tmp_path / target)
    assert words_of(tmp_path / target) == words_of(path) == ["Hello", "again"]


def test_attached_files_are_copied(tmp_path):
    carried(sounding(tmp_path / "in.mkv", "pcm_s16le", attached=b"a font"), tmp_path / "out.mkv")
    with av.open(str(tmp_path / "out.mkv")) as container:
        [attached] = [one for one in container.streams if one.type == "attachment"]
        assert (attached.name, attached.data) == ("font.ttf", b"a font")


def test_what_is_not_copied_is_told_beforehand(tmp_path):
    reporter = Recorder()
    tracks.report(sounding(tmp_path / "in.mp4", "aac"), tmp_path / "out.webm", reporter)
    assert reporter.infos == [f"{tmp_path}/in.mp4: .webm files do not hold aac sound, which will be encoded as opus"]
    tracks.report(subtitled(tmp_path / "in.mkv", "subrip"), tmp_path / "out.ts", reporter)
    assert "do not hold srt subtitles, which will be missing; .mkv does" in reporter.warnings[0]
    with av.open(str(tmp_path / "two.mkv"), "w") as container:
        streams = [container.add_stream("mpeg4", rate=25, width=64, height=48) for _ in range(2)]
        for stream in streams:
            container.mux([*stream.encode(av.VideoFrame(64, 48)), *stream.encode(None)])
    tracks.report(tmp_path / "two.mkv", tmp_path / "out.mkv", reporter)
    assert "has 2 video tracks" in reporter.warnings[1]
