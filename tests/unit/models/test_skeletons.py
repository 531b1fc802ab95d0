import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.models import skeletons
from fusioncolor.models.skeletons import Constant, Normalization, Stored

RNG = np.random.default_rng(0)
KERNEL = RNG.normal(size=(3, 3, 4, 8)).astype(np.float16)
VECTORS = RNG.uniform(0.5, 2, (4, 8)).astype(np.float32)  # beta, mean, variance, gamma


@pytest.fixture
def weights(tmp_path):
    """A file with a kernel and the vectors of a normalization, and the constants they give."""
    path = tmp_path / "weights"
    path.write_bytes(b"head" + KERNEL.tobytes() + VECTORS.tobytes())
    kernel = Stored(0, 4, "float16", KERNEL.shape)
    after = 4 + KERNEL.nbytes
    beta, mean, variance, gamma = (Stored(0, after + 32 * index, "float32", (8,)) for index in range(4))
    norm = Normalization(beta, mean, variance, gamma, 1e-3)
    return skeletons.sources([path]), Constant(kernel, norm), Constant(None, norm)


def test_folding_gives_the_formula_of_batch_normalization(weights):
    sources, kernel, bias = weights
    beta, mean, variance, gamma = VECTORS.astype(np.float64)
    scale = gamma / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(kernel.values(sources), KERNEL * scale, rtol=1e-6)
    np.testing.assert_allclose(bias.values(sources), beta - mean * scale, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (3, 2, 0, 1), (3, 0, 1, 2)])
def test_a_file_is_complete_again_without_having_held_the_weights(weights, tmp_path, axes):
    sources, kernel, _ = weights
    values = kernel.values(sources)
    content = b"before" + np.ascontiguousarray(values.transpose(axes)).tobytes() + b"after"
    skeleton = skeletons.split(content, [(kernel, values)])
    assert skeleton.rest == b"beforeafter"
    skeletons.write(tmp_path / "network.onnx.zip", {"network.onnx": skeleton})
    read = skeletons.read(tmp_path / "network.onnx.zip")["network.onnx"]
    assert read == skeleton
    assert read.filled(sources).getvalue() == content


def test_what_is_not_in_the_weights_stays_in_the_skeleton(weights):
    sources, kernel, _ = weights
    content = RNG.bytes(5000)
    skeleton = skeletons.split(content, [(kernel, kernel.values(sources))])
    assert skeleton.rest == content
    assert not skeleton.holes


def test_a_damaged_archive_is_refused(weights, tmp_path):
    path = tmp_path / "network.onnx.zip"
    skeletons.write(path, {"network.onnx": skeletons.split(RNG.bytes(1000), [])})
    content = bytearray(path.read_bytes())
    content[-200] ^= 255
    for damaged in (bytes(content), content[:100], b""):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="damaged"):
            skeletons.read(path)


def test_a_format_names_no_other_file(tmp_path):
    with pytest.raises(ValueError, match="expected a format"):
        skeletons.path_in(tmp_path, "../other")
