import weakref
from pathlib import Path

import numpy as np

from fusioncolor import color, images
from fusioncolor.config import EvaluateConfig
from fusioncolor.errors import InputError
from fusioncolor.evaluation import evaluator, measuring


def test_a_model_given_twice_is_one():
    assert measuring._distinct(["weights/x", "weights/x/", "gray", "./weights/x", "gray"]) == ["weights/x", "gray"]


def test_a_plate_is_what_one_channel_saw_and_is_judged_by_the_whole_photograph(scenes, monkeypatch):
    paths = images.find_in(scenes)[:2]
    config = EvaluateConfig(photographs=[scenes], models=["gray"], plates="blue", image_size=64)
    judge = evaluator.Evaluator(config, paths)
    seen = []
    monkeypatch.setattr(judge.measurer.session, "prepare", lambda source: seen.append(source) or [])
    judged = judge.measurer._read(paths[0])
    blue = images.read_resized(paths[0], (64, 64))[..., 2:].repeat(3, axis=-1)
    np.testing.assert_allclose(seen[0].lightness, color.rgb_to_lightness(blue), atol=1e-3)
    np.testing.assert_allclose(judged.lightness, color.rgb_to_lightness(judged.rgb), atol=1e-4)  # rounded otherwise
    assert judge._protocol(2, 0)["colorized from"] == "the blue channel alone"


def measured(seed: int) -> measuring.Measured:
    rng = np.random.default_rng(seed)
    return measuring.Measured(
        values=rng.random((2, 3), np.float32),
        truth={"colorfulness": float(seed)},
        errors=rng.integers(0, 9, (2, 152)),
        densities=rng.integers(0, 9, (3, 110, 110)),
        pictures=[np.zeros((4, 4, 3), np.uint8)],
    )


def test_a_tally_keeps_figures_of_photographs_and_sums_of_pixels():
    tally, results = measuring.Tally(), {Path("a"): measured(1), Path("b"): measured(2)}
    for path, result in results.items():
        tally.add(path, result)
    tally.add(Path("c"), InputError("c: not an image"))
    np.testing.assert_array_equal(tally.values[Path("b")], results[Path("b")].values)
    assert tally.truth == {Path("a"): {"colorfulness": 1.0}, Path("b"): {"colorfulness": 2.0}}
    np.testing.assert_array_equal(tally.densities, sum(result.densities for result in results.values()))
    np.testing.assert_array_equal(tally.errors, sum(result.errors for result in results.values()))
    assert tally.problems == {Path("c"): "c: not an image"}
    assert len(tally) == 3
    apart = [measuring.Tally(), measuring.Tally(), measuring.Tally()]
    for part, (path, result) in zip(apart, results.items(), strict=False):
        part.add(path, result)
    apart[2].add(Path("c"), InputError("c: not an image"))
    joined = measuring.Tally()
    for part in apart:
        joined.join(part)
    np.testing.assert_array_equal(joined.densities, tally.densities)
    np.testing.assert_array_equal(joined.errors, tally.errors)
    assert joined.values.keys() == tally.values.keys()
    assert (joined.truth, joined.problems) == (tally.truth, tally.problems)
    apart.clear()
    del part
    held = [weakref.ref(each) for result in results.values() for each in (result.densities, result.pictures[0])]
    results.clear()
    del result
    assert not any(reference() is not None for reference in held)
