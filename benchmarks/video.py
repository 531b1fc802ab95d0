"""Measures how steady, how right and how fast video is colorized, beside frame by frame and averaging over time.

    pip install .[video]
    python -m benchmarks.video PHOTOGRAPHS

Clips are rendered from photographs that no weights were trained on: pans, zooms and rotations, whose motion is known
exactly, with grain, lamp flicker, cuts and a fade. A gray video is the steadiest of all, so that gray and the truth
stand in every table, and so do true colors, blurred, that stay with the things exactly: what flickers in them is the
rounding of chroma to 8 bits. "averaged over time" is what programs do that know no motion: chroma averaged over the
frames around, nearer ones more, but not across a cut.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
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
from fusioncolor import images
from fusioncolor.video.evaluating import AVERAGED
from fusioncolor.video.metering import Step, averaged, measured

WAYS = {  # options of `fusioncolor video` by way of coloring
    "frame by frame": {"steadiness": 0.0},
    "steady": {},
    "steady, --keyframes 4": {"keyframes": 4},
}
PERFECT = "perfectly steady"
SIZES = {"480p": (480, 854), "720p": (720, 1280), "1080p": (1080, 1920)}


def ways(path: Path, folder: Path, weights: str, frames: Sequence[clips.Rendered]) -> dict[str, list[np.ndarray]]:
    """Colorizes a gray video of frames in several ways; the frames of each."""
    made = {}
    for name, options in WAYS.items():
        output = folder / f"{name}.mkv"
        VideoRun(weights).colorize(path, output, codec="ffv1", **options)
        made[name] = clips.read(output)
        if name == "frame by frame":
            made[AVERAGED] = clips.read(output, partial(averaged, numbers=[frame.shot for frame in frames]))
    return made


def steps(frames: Sequence[clips.Rendered]) -> Iterator[Step | None]:
    """How each frame follows the one before, by the exact motion; None for those of a fade."""
    known = set(clips.pairs(frames))
    for index, frame in enumerate(frames):
        if frame.fading:
            yield None
        elif index in known:
            before = frames[index - 1]
            _, mask = clips.moved(frame.rgb, before, frame)
            yield Step(False, lambda values, pair=(before, frame): clips.moved(values, *pair)[0], mask)
        else:
            yield Step(is_cut=index > 0 and not frames[index - 1].fading)


def steadiness(paths: Sequence[Path], options: argparse.Namespace) -> None:
    """Prints the table of steadiness."""
    found: list[dict[str, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(options.clips):
            chosen = [paths[(3 * number + index) % len(paths)] for index in range(3)]
            frames = clips.render(chosen, count=options.frames, seed=number)
            path = clips.write_gray(Path(name) / "gray.mkv", [frame.rgb for frame in frames])
            every = {
                "truth": [frame.rgb for frame in frames],
                "gray": clips.read(path),
                PERFECT: [
                    clips.as_written(frame.rgb, ab)
                    for frame, ab in zip(frames, clips.steady_chroma(chosen, frames), strict=True)
                ],
                **ways(path, Path(name), options.weights, frames),
            }
            found.append(measured(every, steps(frames)))
            found[-1][PERFECT]["leak over a cut (Lab)"] = float("nan")  # nobody predicted it
            print(f"clip {number + 1} of {options.clips} measured", file=sys.stderr, flush=True)
            if options.keep:
                keep(options.keep, number, every)
    titles = list(found[0]["truth"])
    record("video", [{"colors": way, **{title: float(np.mean([one[way][title] for one in found])) for title in titles}}
                     for way in found[0]])  # fmt: skip


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
        made = ways(path, Path(name), weights, frames)
        columns = [clips.read(path), made["frame by frame"], made["steady"]]
    shown = [
        Image.fromarray(np.concatenate([images.resize(column[index], (135, 240)) for column in columns], axis=1))
        for index in range(0, len(frames), 4)
    ]
    shown += shown[-2:0:-1]  # and back
    shown[0].save(target, save_all=True, append_images=shown[1:], duration=120, loop=0, quality=40, method=6)


def speed(options: argparse.Namespace) -> None:
    """Prints the tables of speed: frames per second, and processor time, which other work disturbs less."""
    scene = np.asarray(scene_renderer()(0, 0))
    rates, loads = [], []
    with tempfile.TemporaryDirectory() as name:
        run = VideoRun(options.weights)
        bare = run.network_frames_per_second()
        for label, (height, width) in SIZES.items():
            wide = images.resize(scene, (height, width + 2 * options.speed_frames))
            pictures = [wide[:, 2 * index : 2 * index + width] for index in range(options.speed_frames)]
            path = clips.write_gray(Path(name) / f"{label}.mp4", pictures, codec="libx264")
            run.colorize(path, Path(name) / "warm.mp4", keyframes=30)
            seconds: dict[str, list[float]] = {way: [] for way in WAYS}
            busy: dict[str, list[float]] = {way: [] for way in WAYS}
            for _ in range(options.repeats):
                for way, chosen in WAYS.items():
                    start = time.process_time()
                    seconds[way].append(run.colorize(path, Path(name) / "out.mp4", **chosen))
                    busy[way].append(time.process_time() - start)
            count, alone, fast = options.speed_frames, "frame by frame", "steady, --keyframes 4"
            rate = {way: count / min(found) for way, found in seconds.items()}
            load = {way: 1000 * min(found) / count for way, found in busy.items()}
            ratio = {"times frame by frame": rate[fast] / rate[alone]}
            rates.append({"frames per second": label, "bare network": bare, **rate, **ratio})
            loads.append({"processor ms per frame": label, **load, "times less": load[alone] / load[fast]})
    record("video_speed", rates)
    record("video_load", loads)


def memory(options: argparse.Namespace) -> None:
    """Prints the resident memory within one long video of small frames (on Linux)."""
    height, width = 48, 64
    total = options.memory_frames
    scene = images.resize(np.asarray(scene_renderer()(0, 0)), (height, 4 * width))
    rows = []

    def note(done: int) -> None:
        if done in (total // 10, total // 2, total):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            rows.append({"frames": done, "resident memory (MiB)": round(pages * resource.getpagesize() / 2**20)})

    with tempfile.TemporaryDirectory() as name:
        panned = (np.roll(scene, -index, axis=1)[:, :width] for index in range(total))
        path = clips.write_gray(Path(name) / "long.mp4", panned, codec="libx264")
        VideoRun(options.weights).colorize(path, Path(name) / "out.mp4", told=note, keyframes=30)
    record("video_memory", rows)


def main() -> int:
    """Prints the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, nargs="?", help="folder or list of color photographs")
    parser.add_argument("--weights", default=fusioncolor.config.DEFAULT_WEIGHTS, help="saved colorizer")
    parser.add_argument("--clips", type=int, default=8, help="number of clips, of three photographs each")
    parser.add_argument("--frames", type=int, default=30, help="frames per photograph")
    parser.add_argument("--speed-frames", type=int, default=240, help="frames of the clips for speed; 0: no speed")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each kind, of which the fastest counts")
    parser.add_argument("--memory-frames", type=int, default=10_000, help="frames of the long video; 0: no memory")
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
    if options.memory_frames:
        memory(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
