"""Small videos for tests, and what is in a video."""

from fractions import Fraction
from pathlib import Path

import numpy as np

RATE = 25


def pictures(count: int, size=(48, 64), *, cut: int | None = None, bits: int = 8) -> list[np.ndarray]:
    """Luma codes of frames that pan over a smooth pattern, another one from `cut` on."""
    height, width = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    shown = []
    for index in range(count):
        later = cut is not None and index >= cut
        wave = np.sin((columns + index) / 7 + (0 if later else rows / 9)) * np.cos(rows / (4 if later else 11))
        level = 0.5 + 0.35 * wave
        shown.append(np.rint((16 + 219 * level) * 2 ** (bits - 8)).astype(np.uint8 if bits == 8 else np.uint16))
    return shown


def write(
    path: Path,
    lumas: list[np.ndarray],
    *,
    codec: str = "ffv1",
    kind: str = "yuv420p",
    pts: list[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    sound: str | None = None,
    chroma: tuple[int, int] = (128, 128),
    **facts,
) -> Path:
    """Writes a video of luma planes with the same chroma everywhere, and with a tone as sound.

    Args:
        path: the file.
        lumas: `(H, W)` codes.
        codec: FFmpeg's encoder.
        kind: pixel format.
        pts: time stamps; None for 25 frames a second.
        time_base: their unit.
        sound: encoder of the sound; None for a silent video.
        chroma: codes of Cb and Cr, of 8 bits.
        facts: attributes of the codec context, such as `color_range`.
    """
    import av

    with av.open(str(path), "w") as container:
        height, width = lumas[0].shape
        stream = container.add_stream(codec, rate=RATE, options={"crf": "0"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = width, height, kind
        stream.time_base = stream.codec_context.time_base = time_base
        for name, value in facts.items():
            setattr(stream.codec_context, name, value)
        audio = container.add_stream(sound, rate=8000, layout="mono") if sound else None
        container.metadata["title"] = "A pan"
        container.set_chapters(
            [{"id": 1, "start": 0, "end": 400, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}]
        )
        for index, luma in enumerate(lumas):
            frame = av.VideoFrame(width, height, kind)
            for number, buffer in enumerate(frame.planes):
                dtype = np.uint8 if luma.dtype == np.uint8 else np.uint16
                whole = np.frombuffer(buffer, dtype).reshape(buffer.height, -1)
                bits = frame.format.components[0].bits
                whole[:, : buffer.width] = luma if number == 0 else chroma[number - 1] << (bits - 8)
            stamp = round(index / RATE / time_base) if pts is None else pts[index]
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio:
            _tone(container, audio, len(lumas) / RATE)
    return path


def _tone(container, audio, seconds: float) -> None:
    import av

    deep = audio.codec_context.name.startswith("pcm")
    size = audio.codec_context.frame_size or 1024
    for start in range(0, int(seconds * 8000), size):
        wave = 0.3 * np.sin(np.arange(start, start + size) / 3)[None]
        samples = (wave * 32767).astype(np.int16) if deep else wave.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="s16" if deep else "fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, start, Fraction(1, 8000)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def luma_of(path: Path) -> list[np.ndarray]:
    """The luma planes of a video, as decoded by FFmpeg without any of our code."""
    return [planes[0] for planes in planes_of(path)]


def planes_of(path: Path) -> list[list[np.ndarray]]:
    """All planes of all frames of a video with planar pixels."""
    import av

    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            dtype = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
            found.append(
                [
                    np.frombuffer(buffer, dtype).reshape(buffer.height, -1)[:, : buffer.width].copy()
                    for buffer in frame.planes
                ]
            )
    return found


def stamps_of(path: Path) -> list[Fraction]:
    """The time stamps of the frames of a video, in seconds."""
    import av

    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def packets_of(path: Path, kind: str) -> list[bytes]:
    """The packets of the first stream of a kind, "audio" or "subtitle"."""
    import av

    with av.open(str(path)) as container:
        stream = next(one for one in container.streams if one.type == kind)
        return [bytes(packet) for packet in container.demux(stream) if packet.size]
