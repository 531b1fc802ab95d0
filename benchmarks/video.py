"""Measures how steady, how right and how fast video is colorized, beside frame by frame and averaging over time.

    pip install .[video]
    python -m benchmarks.video PHOTOGRAPHS

Clips are rendered from photographs that no weights were trained on: pans, zooms and rotations, whose motion is known
exactly, with grain, lamp flicker, cuts and a fade. A gray video is the steadiest of all, so that gray and the truth
stand in every table. "averaged over time" is what programs do that know no motion: chroma averaged over the frames
around, nearer ones more, but not across a cut.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

import fusioncolor
from benchmarks.lib import clips
from benchmarks.lib.internals import VideoRun
from benchmarks.lib.results import record
from benchmarks.lib.samples import listed
from benchmarks.lib.scenes import scene_renderer
from benchmarks.lib.timing import BATCH, photographs_per_second
from fusioncolor import color, images, metrics
from fusioncolor.video import measures

AROUND = 4  # frames before and after that are averaged
SIZES = {"480p": (480, 854), "720p": (720, 1280), "1080p": (1080, 1920)}


def ways(path: Path, folder: Path, weights: str) -> dict[str, list[np.ndarray]]:
    """Colorizes a gray video in several ways; the frames of each."""
    made = {}
    for name, options in {
        "frame by frame": {"steadiness": 0.0},
        "steady": {},
        "steady, --keyframes 4": {"keyframes": 4},
    }.items():
        output = folder / f"{len(made)}.mkv"
        VideoRun(weights).colorize(path, output, codec="ffv1", **options)
        made[name] = clips.read(output)
    return made


def averaged(pictures: Sequence[np.ndarray], shots: Sequence[int]) -> list[np.ndarray]:
    """Averages chroma over the frames around, weighted by nearness, within a shot and without motion."""
    labs = [color.rgb_to_lab(rgb) for rgb in pictures]
    result = []
    for index, lab in enumerate(labs):
        near = [
            (AROUND + 1 - abs(other - index), labs[other][..., 1:])
            for other in range(max(index - AROUND, 0), min(index + AROUND + 1, len(labs)))
            if shots[other] == shots[index]
        ]
        ab = sum(weight * one for weight, one in near) / sum(weight for weight, _ in near)
        result.append(color.join_in_gamut(lab[..., :1], ab.astype(np.float32)))
    return result


def measured(pictures: Sequence[np.ndarray], frames: Sequence[clips.Rendered]) -> dict[str, float]:
    """The figures of one clip."""
    labs = [color.rgb_to_lab(rgb) for rgb in pictures]
    flicker, error = [], []
    for index in clips.pairs(frames):
        ab, mask = clips.moved(labs[index - 1][..., 1:], frames[index - 1], frames[index])
        flicker.append(measures.flicker(labs[index][..., 1:], ab, mask))
        before, mask = clips.moved(pictures[index - 1].astype(np.float32), frames[index - 1], frames[index])
        error.append(measures.warping_error(pictures[index] / 255, before / 255, mask))
    steady = [index for index, frame in enumerate(frames) if not frame.fading]
    shots = [[pictures[index] for index in steady if frames[index].shot == shot] for shot in {f.shot for f in frames}]
    return {
        "flicker (Lab)": float(np.mean(flicker)),
        "warping error x1000": 1000 * float(np.mean(error)),
        "CDC x1000": 1000 * float(np.mean([measures.color_distribution_consistency(shot) for shot in shots])),
        "PSNR (dB)": float(np.mean([metrics.psnr(pictures[index], frames[index].rgb) for index in steady])),
        "colorfulness": float(np.mean([metrics.colorfulness(pictures[index]) for index in steady])),
    }


def leak(pictures: Sequence[np.ndarray], alone: Sequence[np.ndarray], frames: Sequence[clips.Rendered]) -> float:
    """How far the first frame after a cut is from the same frame colorized alone, in Lab."""
    cuts = [
        index
        for index in range(1, len(frames))
        if frames[index].shot != frames[index - 1].shot and not frames[index].fading
    ]
    differences = [
        np.abs(color.rgb_to_lab(pictures[index])[..., 1:] - color.rgb_to_lab(alone[index])[..., 1:]).mean()
        for index in cuts
    ]
    return float(np.mean(differences))


def steadiness(paths: Sequence[Path], options: argparse.Namespace) -> None:
    """Prints the table of steadiness."""
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for number in range(options.clips):
            chosen = [paths[(3 * number + index) % len(paths)] for index in range(3)]
            frames = clips.render(chosen, count=options.frames, seed=number)
            path = clips.write_gray(Path(name) / "gray.mkv", [frame.rgb for frame in frames])
            made = ways(path, Path(name), options.weights)
            alone = made["frame by frame"]
            every = {
                "truth": [frame.rgb for frame in frames],
                "gray": clips.read(path),
                "frame by frame": alone,
                "averaged over time": averaged(alone, [frame.shot for frame in frames]),
                **made,
            }
            for way, pictures in every.items():
                row = measured(pictures, frames)
                row["leak over a cut (Lab)"] = 0.0 if way in ("truth", "gray") else leak(pictures, alone, frames)
                rows.setdefault(way, []).append(row)
            print(f"clip {number + 1} of {options.clips} measured", file=sys.stderr, flush=True)
            if options.keep:
                keep(options.keep, number, every)
    record("video", [{"colors": way, **{key: np.mean([one[key] for one in them]).item() for key in them[0]}}
                     for way, them in rows.items()])  # fmt: skip


def keep(folder: Path, number: int, every: dict[str, list[np.ndarray]]) -> None:
    """Writes a strip of frames of each way as a picture, to look at."""
    count = len(next(iter(every.values())))
    some = np.linspace(0, count - 1, 6).astype(int)
    strips = [np.concatenate([pictures[index] for index in some], axis=1) for pictures in every.values()]
    images.write(folder / f"clip-{number}.jpg", images.shrink(np.concatenate(strips), 2400))


def example(target: Path, weights: str) -> None:
    """Writes a looping picture, gray | frame by frame | steady, of a pan over china.jpg, which may be published."""
    found = find_spec("sklearn")
    if found is None:
        sys.exit("scikit-learn is not installed: pip install scikit-learn")
    frames = clips.render([Path(found.origin).parent / "datasets" / "images" / "china.jpg"], count=48, fade=0)
    with tempfile.TemporaryDirectory() as name:
        path = clips.write_gray(Path(name) / "gray.mkv", [frame.rgb for frame in frames])
        made = ways(path, Path(name), weights)
        columns = [clips.read(path), made["frame by frame"], made["steady"]]
    shown = [
        Image.fromarray(np.concatenate([images.resize(column[index], (135, 240)) for column in columns], axis=1))
        for index in range(0, len(frames), 4)
    ]
    shown += shown[-2:0:-1]  # and back
    shown[0].save(target, save_all=True, append_images=shown[1:], duration=120, loop=0, quality=40, method=6)


def speed(options: argparse.Namespace) -> None:
    """Prints the table of speed."""
    scene = np.asarray(scene_renderer()(0, 0))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        run = VideoRun(options.weights)
        lightness = np.random.default_rng(0).uniform(0, 100, (BATCH, *run.network_size, 1)).astype(np.float32)
        bare = photographs_per_second(lambda _: run.network.predict_on_batch(lightness), steps=8)
        for label, (height, width) in SIZES.items():
            wide = images.resize(scene, (height, width + 2 * options.speed_frames))
            pictures = [wide[:, 2 * index : 2 * index + width] for index in range(options.speed_frames)]
            path = clips.write_gray(Path(name) / f"{label}.mp4", pictures, codec="libx264")
            run.colorize(path, Path(name) / "warm.mp4", keyframes=30)
            rates = {}
            for column, chosen in {
                "frame by frame": {"steadiness": 0.0},
                "steady": {},
                "steady, --keyframes 4": {"keyframes": 4},
            }.items():
                rates[column] = options.speed_frames / run.colorize(path, Path(name) / "out.mp4", **chosen)
            ratio = rates["steady, --keyframes 4"] / rates["frame by frame"]
            rows.append({"frames per second": label, "bare network": bare, **rates, "times frame by frame": ratio})
    record("video_speed", rows)


def main() -> int:
    """Prints both tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, nargs="?", help="folder or list of color photographs")
    parser.add_argument("--weights", default=fusioncolor.config.DEFAULT_WEIGHTS, help="saved colorizer")
    parser.add_argument("--clips", type=int, default=8, help="number of clips, of three photographs each")
    parser.add_argument("--frames", type=int, default=30, help="frames per photograph")
    parser.add_argument("--speed-frames", type=int, default=240, help="frames of the clips for speed; 0: no speed")
    parser.add_argument("--example", type=Path, help="only write a looping example to this .webp file")
    parser.add_argument("--keep", type=Path, help="folder for pictures of the frames")
    options = parser.parse_args()
    if options.example:
        example(options.example, options.weights)
        return 0
    if options.clips and options.photographs is None:
        parser.error("name a folder or a list of color photographs")
    if options.clips:
        steadiness(listed(options.photographs), options)
    if options.speed_frames:
        speed(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
