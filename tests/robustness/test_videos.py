"""Videos of every kind, damaged ones, and runs that are killed."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import videos
from support import Recorder

from fusioncolor import images
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError, ResourceError
from fusioncolor.models.session import Session
from fusioncolor.runtime.reporting import Bar
from fusioncolor.video import segments
from fusioncolor.video.colorizing import colorize_video

av = pytest.importorskip("av")
pytestmark = pytest.mark.keras
PROJECT = Path(__file__).parents[2]


def colorize(scenes, source, output, reporter=None, **options):
    config = VideoConfig(source=source, output=output, weights="mean", reference=[images.find_in(scenes)[0]], **options)
    return colorize_video(config, reporter=reporter or Recorder())


def encode(path, frames, codec, kind, rate=25, options=None, **facts):
    """Writes `av.VideoFrame`s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, kind
        for name, value in facts.items():
            setattr(stream.codec_context, name, value)
        for index, frame in enumerate(frames):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def rgb_frames(count, size=(48, 64)):
    rng = np.random.default_rng(0)
    picture = np.kron(rng.integers(0, 256, (size[0] // 8, size[1] // 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    return [av.VideoFrame.from_ndarray(np.roll(picture, index, axis=1), format="rgb24") for index in range(count)]


def test_a_gif_is_colorized_with_its_times(scenes, tmp_path):
    frames = [frame.reformat(format="rgb8") for frame in rgb_frames(6)]
    source = encode(tmp_path / "in.gif", frames, "gif", "rgb8", rate=10)
    colorize(scenes, source, tmp_path / "out.mp4")
    assert videos.stamps_of(tmp_path / "out.mp4") == videos.stamps_of(source)


@pytest.mark.parametrize(
    ("codec", "kind", "name"), [("libx265", "yuv420p10le", "a.mp4"), ("libvpx-vp9", "yuv420p", "a.webm")]
)
def test_ten_bits_and_vp9_come_out_as_they_came_in(codec, kind, name, scenes, tmp_path):
    bits = 10 if "10" in kind else 8
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    source = tmp_path / name
    with av.open(str(source), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, kind
        for index, luma in enumerate(videos.pictures(8, bits=bits)):
            frame = av.VideoFrame(64, 48, kind)
            for buffer, codes in zip(frame.planes, (luma, 1 << (bits - 1), 1 << (bits - 1)), strict=True):
                whole = np.frombuffer(buffer, np.uint16 if bits > 8 else np.uint8).reshape(buffer.height, -1)
                whole[:, : buffer.width] = codes
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    colorize(scenes, source, tmp_path / f"out{source.suffix}")
    with av.open(str(tmp_path / f"out{source.suffix}")) as container:
        frame = next(container.decode(video=0))
        assert frame.format.components[0].bits == bits
    differences = [
        np.abs(one.astype(int) - other).mean() / 2 ** (bits - 8)
        for one, other in zip(videos.luma_of(source), videos.luma_of(tmp_path / f"out{source.suffix}"), strict=True)
    ]
    assert max(differences) < 3  # of 255, by the codec


def test_twelve_bits_are_kept_losslessly_or_told(scenes, tmp_path):
    frame = av.VideoFrame(64, 48, "gray12le")
    whole = np.frombuffer(frame.planes[0], np.uint16).reshape(48, -1)
    whole[:] = np.arange(48)[:, None] * 80 + 5
    source = encode(tmp_path / "in.mkv", [frame], "ffv1", "gray12le")
    colorize(scenes, source, tmp_path / "out.mkv", codec="ffv1")
    np.testing.assert_array_equal(videos.luma_of(tmp_path / "out.mkv")[0][:, 0], np.arange(48) * 80 + 5)
    reporter = Recorder()
    colorize(scenes, source, tmp_path / "out.mp4", reporter)
    assert "12 bits are rounded to 10" in reporter.warnings[0]


def turned(path: Path, degrees: int) -> Path:
    """Writes a rotation into the track header of an MP4 file, as telephones do."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4
    place += 4 + (4 * 5 if content[place] == 0 else 4 * 8) + 16  # version, times, layer, volume
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = [cos << 16, sin << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30]
    content[place : place + 36] = b"".join((value & 0xFFFFFFFF).to_bytes(4, "big") for value in matrix)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_video_comes_out_upright(degrees, scenes, tmp_path):
    lumas = videos.pictures(4)
    facts = {"sample_aspect_ratio": Fraction(4, 3)}
    source = turned(videos.write(tmp_path / "in.mp4", lumas, codec="libx264", **facts), degrees)
    colorize(scenes, source, tmp_path / "out.mkv", codec="h264", quality=0)  # lossless
    with av.open(str(tmp_path / "out.mkv")) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation == 0
        assert container.streams.video[0].sample_aspect_ratio == (Fraction(4, 3) if degrees == 180 else Fraction(3, 4))
    wanted = np.rot90(lumas[2], {90: -1, 180: 2, 270: 1}[degrees])  # 90: a quarter turn clockwise to be upright
    np.testing.assert_array_equal(videos.luma_of(tmp_path / "out.mkv")[2], wanted)


def test_a_pixel_aspect_that_cannot_be_written_is_missed_aloud(scenes, tmp_path):
    facts = {"sample_aspect_ratio": Fraction(4, 3)}
    source, reporter = videos.write(tmp_path / "in.mp4", videos.pictures(2), codec="libx264", **facts), Recorder()
    colorize(scenes, source, tmp_path / "out.mkv", reporter, codec="ffv1")
    assert "cannot say that pixels are 4/3 wide" in reporter.warnings[0]


def interlaced(path: Path) -> Path:
    lumas = videos.pictures(8)
    frames = []
    for first, second in zip(lumas[::2], lumas[1::2], strict=True):
        frame = av.VideoFrame(64, 48, "yuv420p")
        woven = first.copy()
        woven[1::2] = second[1::2]
        for buffer, codes in zip(frame.planes, (woven, 128, 128), strict=True):
            np.frombuffer(buffer, np.uint8).reshape(buffer.height, -1)[:, : buffer.width] = codes
        frames.append(frame)
    return encode(path, frames, "libx264", "yuv420p", options={"x264-params": "tff=1"})


def test_interlaced_video_is_refused_or_deinterlaced(scenes, tmp_path):
    source = interlaced(tmp_path / "in.mp4")
    with pytest.raises(InputError, match="is interlaced; add `deinterlace`"):
        colorize(scenes, source, tmp_path / "out.mp4")
    colorize(scenes, source, tmp_path / "out.mp4", deinterlace=True)
    assert len(videos.luma_of(tmp_path / "out.mp4")) == 4
    assert videos.stamps_of(tmp_path / "out.mp4") == videos.stamps_of(source)


def test_a_video_that_ends_early_is_colorized_as_far_as_it_goes(scenes, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(40), sound="pcm_s16le")
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    reporter = Recorder()
    result = colorize(scenes, source, tmp_path / "out.mkv", reporter)
    assert 5 < result.frames < 40
    assert len(videos.luma_of(tmp_path / "out.mkv")) == result.frames
    assert re.search(r"in\.mkv: ends 0\.\d s before it should", reporter.warnings[0])


def test_a_file_cut_short_before_its_index_is_one_sentence(scenes, tmp_path):
    source = videos.write(tmp_path / "in.mp4", videos.pictures(20), codec="libx264")
    source.write_bytes(source.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"in\.mp4: not a video that FFmpeg can read, or cut short"):
        colorize(scenes, source, tmp_path / "out.mp4")


def test_sound_alone_is_one_sentence(scenes, tmp_path):
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        videos._tone(container, container.add_stream("pcm_s16le", rate=8000, layout="mono"), 0.5)
    with pytest.raises(InputError, match="no video in this file"):
        colorize(scenes, tmp_path / "in.mkv", tmp_path / "out.mp4")


@pytest.mark.parametrize("size", [(47, 63), (1, 1), (2, 500)])
def test_odd_and_tiny_sizes_are_colorized(size, scenes, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(5, size))
    colorize(scenes, source, tmp_path / "out.mp4", keyframes=2)
    assert [luma.shape for luma in videos.luma_of(tmp_path / "out.mp4")] == [size] * 5


def subtitled(path: Path) -> Path:
    """A Matroska file with subtitles, which are written as they would stand in a file beside it."""
    text = path.with_suffix(".srt")
    text.write_text("1\n00:00:00,100 --> 00:00:00,500\nHello\n\n2\n00:00:00,600 --> 00:00:00,900\nagain\n")
    plain = videos.write(path.with_name("plain.mkv"), videos.pictures(25), codec="libx264")
    with av.open(str(plain)) as video, av.open(str(text)) as words, av.open(str(path), "w") as output:
        streams = {video: output.add_stream_from_template(video.streams.video[0])}
        streams[words] = output.add_stream_from_template(words.streams.subtitles[0])
        for source, stream in streams.items():
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    output.mux(packet)
    return path


def test_subtitles_are_copied_converted_or_missed_aloud(scenes, tmp_path):
    source, reporter = subtitled(tmp_path / "in.mkv"), Recorder()
    colorize(scenes, source, tmp_path / "out.mkv", reporter)
    assert videos.packets_of(tmp_path / "out.mkv", "subtitle") == videos.packets_of(source, "subtitle")
    colorize(scenes, source, tmp_path / "out.mp4", reporter)
    assert b"Hello" in b"".join(videos.packets_of(tmp_path / "out.mp4", "subtitle"))
    assert not reporter.warnings
    colorize(scenes, source, tmp_path / "out.ts", reporter)
    assert "hold srt subtitles, which will be missing; .mkv does" in reporter.warnings[0]


def test_too_little_memory_is_one_sentence_and_the_same_call_goes_on(scenes, tmp_path, monkeypatch):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(20, (96, 128), cut=8))
    lasting, calls = Session.predict, []

    def predict(session, prepared, **options):
        calls.append(len(prepared))
        if len(calls) == 15:
            raise MemoryError
        return lasting(session, prepared, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "predict", predict)
        with pytest.raises(
            ResourceError, match=r"not enough memory: lower `batch_size`.* frames are finished; run the"
        ):
            colorize(scenes, source, tmp_path / "out.mkv", batch_size=1)
    assert colorize(scenes, source, tmp_path / "out.mkv", batch_size=1).frames == 20


def test_a_full_disk_is_one_sentence_and_the_same_call_goes_on(scenes, tmp_path, monkeypatch):
    pictures = videos.pictures(20, (96, 128), cut=8)  # x264 is not repeatable on smaller ones, of 48x64 say
    source = videos.write(tmp_path / "in.mkv", pictures)
    colorize(scenes, source, tmp_path / "whole.mkv")
    real, synced = os.fsync, []

    def fsync(descriptor):
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        with pytest.raises(ResourceError, match=r"No space left.* 8 frames are finished; run the same command again"):
            colorize(scenes, source, tmp_path / "out.mkv")
    assert colorize(scenes, source, tmp_path / "out.mkv").resumed == 8
    assert_same(tmp_path / "out.mkv", tmp_path / "whole.mkv")


def test_a_small_disk_that_is_really_full_is_told(scenes, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        rng = np.random.default_rng(0)
        noise = [rng.integers(16, 236, (96, 128)).astype(np.uint8) for _ in range(30)]
        source = videos.write(tmp_path / "in.mkv", noise)
        with pytest.raises(ResourceError, match="No space left on device"):
            colorize(scenes, source, disk / "out.mkv", codec="ffv1")
        assert not (disk / "out.mkv").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


def assert_same(one: Path, other: Path) -> None:
    """Every plane of every frame, and every time stamp, is the same."""
    first, second = videos.planes_of(one), videos.planes_of(other)
    assert len(first) == len(second)
    for planes, wanted in zip(first, second, strict=True):
        for plane, same in zip(planes, wanted, strict=True):
            np.testing.assert_array_equal(plane, same)
    assert videos.stamps_of(one) == videos.stamps_of(other)


def start(source, output, *options) -> subprocess.Popen:
    command = [sys.executable, "-m", "fusioncolor", "video", source, output, *options]
    return subprocess.Popen(
        list(map(str, command)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for_segments(output: Path, process: subprocess.Popen, count: int) -> None:
    record = segments.folder_of(output) / "segments.jsonl"
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if record.exists() and record.read_text().count("\n") > count:
            return
        time.sleep(0.01)


def many_shots(path: Path, shots: int, length: int) -> Path:
    lumas = []
    for shot in range(shots):
        lumas += [
            np.roll(one[::-1] if shot % 2 else one, 9 * shot, axis=1) for one in videos.pictures(length, (96, 128))
        ]
    return videos.write(path, lumas, codec="libx264", sound="aac")


@pytest.mark.long
def test_killed_and_started_again_the_result_is_that_of_an_uninterrupted_run(weights, tmp_path):
    """With a network, over cuts and within a long shot, which goes on from its saved memory."""
    source = many_shots(tmp_path / "in.mp4", 2, 250)
    options = ["--weights", weights, "--keyframes", 3]
    assert start(source, tmp_path / "whole.mp4", *options).wait() == 0
    output = tmp_path / "out.mp4"
    for closed in (1, 3):
        process = start(source, output, *options)
        wait_for_segments(output, process, closed)
        process.kill()
        process.communicate()
        assert not output.exists()
    last = start(source, output, *options)
    printed, _ = last.communicate()
    assert last.returncode == 0, printed
    assert_same(output, tmp_path / "whole.mp4")
    assert videos.packets_of(output, "audio") == videos.packets_of(source, "audio")
    assert not segments.folder_of(output).exists()


@pytest.mark.slow
def test_ctrl_c_finishes_the_segment_and_the_same_command_goes_on(scenes, tmp_path):
    source = many_shots(tmp_path / "in.mp4", 40, 10)
    output = tmp_path / "out.mp4"
    options = ["--weights", "mean", "--reference", images.find_in(scenes)[0]]
    process = start(source, output, *options)
    wait_for_segments(output, process, 2)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130, printed
    assert "run the same command again to go on" in printed
    assert "Traceback" not in printed
    assert not output.exists()
    result = colorize(scenes, source, output)
    assert result.resumed >= 20
    colorize(scenes, source, tmp_path / "whole.mp4")
    assert_same(output, tmp_path / "whole.mp4")


class MemoryMeter(Recorder, Bar):
    """Notes the resident memory, in MiB, when so many frames are finished."""

    def __init__(self, *frames: int) -> None:
        super().__init__()
        self.done, self.found = 0, dict.fromkeys(frames, 0.0)

    @contextmanager
    def bar(self, label, total, *, unit="img"):
        yield self

    def advance(self, count=1):
        self.done += count
        if self.done in self.found:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.found[self.done] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_memory_does_not_grow_over_ten_thousand_frames(scenes, tmp_path):
    pan = videos.pictures(2500)
    lumas = [luma[::-1] if shot % 2 else luma for shot in range(4) for luma in pan]
    source = videos.write(tmp_path / "in.mp4", lumas, codec="libx264", sound="aac")
    meter = MemoryMeter(1_000, 5_000, 10_000)
    result = colorize(scenes, source, tmp_path / "out.mp4", reporter=meter)
    assert result.frames == 10_000
    early, _, late = meter.found.values()
    assert early > 50
    assert late < early + 10, meter.found  # one time stamp of a frame, and allocators that do not give back
