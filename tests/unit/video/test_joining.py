from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import videos

from fusioncolor.video.coding import Coding
from fusioncolor.video.encoding import CODECS
from fusioncolor.video.frames import Clip
from fusioncolor.video.joining import join
from fusioncolor.video.writing import Segment, SegmentWriter

av = pytest.importorskip("av")


def written(folder: Path, clip: Clip, parts, codec="h264") -> list[Segment]:
    """Segments of lumas, of (20, -10) ab, with time stamps every 40 ms."""
    segments, start = [], 0
    for number, lumas in enumerate(parts):
        path = folder / f"{number}.mkv"
        writer = SegmentWriter(path, clip, CODECS[codec], CODECS[codec].quality)
        for luma in lumas:
            writer.write(luma, np.full((4, 6, 2), (20, -10), np.float32))
        writer.close()
        segments.append(Segment(path, [40 * (start + index) for index in range(len(lumas))]))
        start += len(lumas)
    return segments


def clip_of(source: Path, size=(48, 64), **coding) -> Clip:
    return Clip(source, size, Coding(**coding), (2, 2), Fraction(1, 1000), Fraction(25))


@pytest.mark.parametrize(
    ("codec", "suffix"), [("h264", ".mp4"), ("h265", ".mp4"), ("vp9", ".webm"), ("av1", ".mkv"), ("prores", ".mov")]
)
def test_segments_join_to_one_file_with_every_frame_at_its_time(codec, suffix, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(2))
    clip = clip_of(source, bits=10 if codec == "prores" else 8)
    lumas = videos.pictures(14, bits=clip.coding.bits)
    segments = written(tmp_path, clip, [lumas[:6], lumas[6:7], lumas[7:]], codec)
    segments[1] = segments[1]._replace(pts=[247])  # a frame that comes late
    join(segments, clip, CODECS[codec], tmp_path / f"out{suffix}")
    stamps = videos.stamps_of(tmp_path / f"out{suffix}")
    assert [round(stamp * 1000) for stamp in stamps] == [0, 40, 80, 120, 160, 200, 247, *range(280, 560, 40)]
    result = videos.planes_of(tmp_path / f"out{suffix}")
    unit = 2 ** (clip.coding.bits - 8)
    for planes, luma in zip(result, lumas, strict=True):
        assert np.abs(planes[0].astype(int) - luma).mean() < 3 * unit  # a lossy codec
        assert planes[1].mean() > 130 * unit  # toward blue and red


def test_sound_chapters_and_metadata_are_copied(tmp_path):
    lumas = videos.pictures(20)
    source = videos.write(tmp_path / "in.mp4", lumas, codec="libx264", sound="aac")
    clip = clip_of(source)
    join(written(tmp_path, clip, [lumas]), clip, CODECS["h264"], tmp_path / "out.mp4")
    assert videos.packets_of(tmp_path / "out.mp4", "audio") == videos.packets_of(source, "audio")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["title"] == "A pan"
        assert "AI-colorized" in container.metadata["comment"]
        assert [one["metadata"]["title"] for one in container.chapters()] == ["One"]


@pytest.mark.parametrize(
    "coding",
    [
        {"matrix": 1, "primaries": 1, "transfer": 1},
        {"matrix": 6, "full": True},
        {"matrix": 9, "primaries": 9, "bits": 10},
    ],
)
def test_range_matrix_and_primaries_are_written_down(coding, tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(1))
    clip = clip_of(source, **coding)
    name = "h265" if clip.coding.bits > 8 else "h264"
    lumas = videos.pictures(3, bits=clip.coding.bits)
    segments = written(tmp_path, clip, [lumas], name)
    join(segments, clip, CODECS[name], tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (clip.coding.matrix, 2 if clip.coding.full else 1)
    assert int(frame.color_primaries) == clip.coding.primaries


def test_pixel_aspect_is_written_down(tmp_path):
    source = videos.write(tmp_path / "in.mkv", videos.pictures(1))
    clip = replace(clip_of(source), pixel_aspect=Fraction(16, 15))
    join(written(tmp_path, clip, [videos.pictures(2)]), clip, CODECS["h264"], tmp_path / "o.mp4")
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(16, 15)


@pytest.mark.parametrize("size", [(47, 63), (1, 1), (48, 63)])
def test_odd_sizes_are_written(size, tmp_path):
    lumas = videos.pictures(3, size)
    source = videos.write(tmp_path / "in.mkv", lumas)
    clip = clip_of(source, size)
    join(written(tmp_path, clip, [lumas]), clip, CODECS["h264"], tmp_path / "out.mp4")
    assert [luma.shape for luma in videos.luma_of(tmp_path / "out.mp4")] == [size] * 3
