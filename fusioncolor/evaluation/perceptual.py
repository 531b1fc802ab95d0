"""LPIPS and FID, computed by the packages `lpips` and `pytorch-fid`; `pip install .[judges]`.

Weights come from a file, or the packages download them. The judges run in a separate process that never loads Keras:
TensorFlow and torchvision each bring a copy of LLVM, and loading the second copy crashes the process.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np

from fusioncolor.errors import InputError, not_installed

_SMALLEST = 64  # pixels of the shorter side, below which the strides of LPIPS leave nothing
_FULL_RANK = 2048  # photographs needed for a full-rank covariance of FID's features


class Lpips:
    """Learned perceptual image patch similarity; 0 for identical pictures.

    Reference: Zhang, Isola, Efros, Shechtman, Wang, "The Unreasonable Effectiveness of Deep Features as a Perceptual
    Metric", 2018.
    """

    def __init__(self, backbone: str, weights: Path | None = None) -> None:
        """Loads the network.

        Args:
            backbone: "alex", "vgg" or "squeeze".
            weights: file of torchvision's state dict of the backbone; None lets `lpips` download it.

        Raises:
            InputError: the package is not installed, or the weights cannot be read or downloaded.
        """
        with _explained("lpips", "lpips", "a file of torchvision's state dict of the backbone"):
            import lpips
            import torch

            self.network = lpips.LPIPS(net=backbone, pnet_rand=weights is not None, verbose=False)
            if weights is not None:
                self._load(torch.load(weights, map_location="cpu", weights_only=True), weights)
        self.torch = torch
        self.described = f"LPIPS 0.1 on {backbone}, pictures at the size they are judged at"

    def _load(self, state: dict, weights: Path) -> None:
        own = self.network.net.state_dict()
        taken = {name: state.get("features." + name.split(".", 1)[1]) for name in own}
        missing = [name for name, value in taken.items() if value is None or value.shape != own[name].shape]
        if missing:
            raise InputError(
                f"{weights} is not a state dict of the backbone: features.{missing[0].split('.', 1)[1]} is missing or "
                "has the wrong shape"
            )
        self.network.net.load_state_dict(taken)

    def measure(self, pictures: Sequence[np.ndarray]) -> list[float]:
        """Returns the distance of each picture `(H, W, 3)` `uint8` from the first, the truth; NaN below 64 pixels."""
        if min(pictures[0].shape[:2]) < _SMALLEST:
            return [float("nan")] * len(pictures)
        tensors = [self.torch.from_numpy(one.transpose(2, 0, 1)[None] / np.float32(127.5) - 1) for one in pictures]
        with self.torch.inference_mode():
            return [float(self.network(tensor, tensors[0])) for tensor in tensors]


class Fid:
    """Frechet inception distance of a model's pictures from the true ones; memory does not grow with their number.

    Reference: Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs Trained by a Two Time-Scale Update Rule", 2017.
    """

    def __init__(self, weights: Path | None = None) -> None:
        """Loads the network.

        Args:
            weights: file with the InceptionV3 weights of `pytorch-fid`; None lets the package download it.

        Raises:
            InputError: the package is not installed, or the weights cannot be read or downloaded.
        """
        with _explained("fid", "pytorch-fid", "the file pt_inception-2015-12-05-6726825d.pth"):
            import torch
            from pytorch_fid import fid_score, inception

            if weights is None:
                self.network = inception.InceptionV3()
            else:
                state = torch.load(weights, map_location="cpu", weights_only=True)
                with _not_downloading(inception, state):
                    self.network = inception.InceptionV3()
        self.network.eval()
        self.torch = torch
        self.distance = fid_score.calculate_frechet_distance
        self.sums: np.ndarray | None = None
        self.products: np.ndarray | None = None
        self.count = 0
        self.described = "FID of pytorch-fid, its InceptionV3, 2048 features"

    def add(self, pictures: Sequence[np.ndarray]) -> None:
        """Adds the pictures `(H, W, 3)` `uint8` of one photograph: the truth, then one for each model."""
        batch = self.torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2) / np.float32(255))
        with self.torch.inference_mode():
            features = self.network(batch)[0][:, :, 0, 0].double().numpy()
        if self.sums is None:
            self.sums = np.zeros_like(features)
            self.products = np.zeros((*features.shape, features.shape[-1]))
        self.sums += features
        for product, feature in zip(self.products, features, strict=True):
            product += np.outer(feature, feature)
        self.count += 1

    def values(self, models: int) -> list[float]:
        """Returns the distance of each model; NaN with fewer than two photographs or if it cannot be computed."""
        if self.count < 2:
            return [float("nan")] * models
        means = self.sums / self.count
        spreads = [
            (product - self.count * np.outer(mean, mean)) / (self.count - 1)
            for product, mean in zip(self.products, means, strict=True)
        ]
        return [self._distance(means[0], spreads[0], means[i], spreads[i]) for i in range(1, models + 1)]

    def _distance(self, *statistics: np.ndarray) -> float:
        try:
            return float(self.distance(*statistics))
        except Exception:  # the matrix root is not real, or pytorch-fid does not support this version of SciPy
            return float("nan")

    def remark(self) -> str:
        """Returns one line for the protocol, with a warning if there were too few photographs."""
        few = f"; biased, as {self.count} photographs are fewer than {_FULL_RANK}" if self.count < _FULL_RANK else ""
        return self.described + few


@contextmanager
def _not_downloading(inception: ModuleType, state: Mapping) -> Iterator[None]:
    """Makes `pytorch_fid.inception` use a state dict that is already loaded.

    Its networks take no weights as an argument: they always call `load_state_dict_from_url`, which is replaced here
    until the block ends.
    """
    download = inception.load_state_dict_from_url
    inception.load_state_dict_from_url = lambda *_, **__: state
    try:
        yield
    finally:
        inception.load_state_dict_from_url = download


@contextmanager
def _explained(option: str, package: str, content: str) -> Iterator[None]:
    """Turns a missing package or unavailable weights into an `InputError`.

    Args:
        option: field that asks for the judge; the field `<option>_weights` names its weights.
        package: to install with pip.
        content: description of the weights file.
    """
    try:
        yield
    except ImportError as error:
        raise InputError(f"`{option}` needs {package}, which is {not_installed('judges')}") from error
    except InputError:
        raise
    except Exception as error:  # downloads fail in many ways, and so do damaged files
        reason = str(error).split("\n")[0]
        raise InputError(
            f"`{option}`: its weights cannot be read or downloaded ({reason}); give {content} as `{option}_weights`"
        ) from error
