import numpy as np
import pytest

from fusioncolor.models.networks.inception import inception_v3, set_trainable

RNG = np.random.default_rng(0)


def lightness(count: int = 2, size: tuple[int, int] = (32, 32)) -> np.ndarray:
    return RNG.uniform(0, 100, (count, *size, 1)).astype(np.float32)


@pytest.mark.slow
def test_inception_has_its_1000_classes_before_the_softmax():
    extractor = inception_v3()
    light = lightness(2, (48, 48))
    logits = np.asarray(extractor.predict_on_batch(light))
    assert logits.shape == (2, 1000)
    assert logits.min() < 0  # a softmax has no negative values


@pytest.mark.slow
@pytest.mark.parametrize("trainable", [False, True])
def test_the_statistics_of_inception_stay_untouched_by_training(trainable):
    extractor = inception_v3()
    set_trainable(extractor, trainable)
    before = {variable.path: np.asarray(variable) for variable in extractor.variables}
    extractor.compile("sgd", "mse", jit_compile=False)
    extractor.train_on_batch(lightness(2, (48, 48)), np.ones((2, 1000), np.float32))
    changed = {v.path for v in extractor.variables if not np.array_equal(np.asarray(v), before[v.path])}
    assert bool(changed) == trainable
    assert not any("normalization" in path for path in changed)
