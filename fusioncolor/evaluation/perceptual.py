"""LPIPS and FID, as their authors' packages `lpips` and `pytorch-fid` compute them; `pip install .[judges]`.

Their weights come from a file, or are downloaded by them. They run in a process of their own, which loads no Keras:
TensorFlow and torchvision bring two copies of LLVM, and whichever comes second ends the process.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from fusioncolor.errors import InputError

_SMALLEST = 64  # pixels, of a side, that the strides of LPIPS leave something of
_FULL_RANK = 2048  # photographs that a covariance of FID's features needs


class Lpips:
    """Learned perceptual image patch similarity; 0 for equal pictures.

    Reference: Zhang, Isola, Efros, Shechtman, Wang, "The Unreasonable Effectiveness of Deep Features as a Perceptual
    Metric", 2018.
    """

    def __init__(self, backbone: str, weights: Path | None = None) -> None:
        """Loads the network.

        Args:
            backbone: "alex", "vgg" or "squeeze".
            weights: torchvision's state of the backbone; None lets `lpips` download it.

        Raises:
            InputError: the package is not installed, or the weights cannot be had.
        """
        with _explained("--lpips", "lpips", "--lpips-weights FILE (torchvision's state of the backbone)"):
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
                f"{weights} is no state of the backbone: features.{missing[0].split('.', 1)[1]} is not there"
            )
        self.network.net.load_state_dict(taken)

    def measure(self, pictures: Sequence[np.ndarray]) -> list[float]:
        """Distance of each picture `(H, W, 3)` `uint8` to the first, which is the truth; nan if they are too small."""
        if min(pictures[0].shape[:2]) < _SMALLEST:
            return [float("nan")] * len(pictures)
        tensors = [self.torch.from_numpy(one.transpose(2, 0, 1)[None] / np.float32(127.5) - 1) for one in pictures]
        with self.torch.inference_mode():
            return [float(self.network(tensor, tensors[0])) for tensor in tensors]


class Fid:
    """Frechet inception distance of all pictures of a model from all true ones; memory does not grow with them.

    Reference: Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, "GANs Trained by a Two Time-Scale Update Rule", 2017.
    """

    def __init__(self, weights: Path | None = None) -> None:
        """Loads the network.

        Args:
            weights: the InceptionV3 of `pytorch-fid`; None lets it download it.

        Raises:
            InputError: the package is not installed, or the weights cannot be had.
        """
        with _explained("--fid", "pytorch-fid", "--fid-weights FILE (pt_inception-2015-12-05-6726825d.pth)"):
            import torch
            from pytorch_fid import fid_score, inception

            if weights is None:
                self.network = inception.InceptionV3()
            else:
                state = torch.load(weights, map_location="cpu", weights_only=True)
                with patch.object(inception, "load_state_dict_from_url", lambda *_, **__: state):
                    self.network = inception.InceptionV3()
        self.network.eval()
        self.torch, self.distance = torch, fid_score.calculate_frechet_distance
        self.sums = self.products = None
        self.count = 0
        self.described = "FID of pytorch-fid, its InceptionV3, 2048 features"

    def add(self, pictures: Sequence[np.ndarray]) -> None:
        """Takes the pictures `(H, W, 3)` `uint8` of one photograph: the truth's, then every model's."""
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
        """The distance of every model; nan with fewer than two photographs, or where it cannot be computed."""
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
        except Exception:  # a matrix root that is not real, or a SciPy that its package does not know
            return float("nan")

    def remark(self) -> str:
        """What the number of photographs does to the figure."""
        few = f"; biased, as {self.count} photographs are fewer than {_FULL_RANK}" if self.count < _FULL_RANK else ""
        return self.described + few


@contextmanager
def _explained(option: str, package: str, instead: str):
    """Turns a missing package and a failed download into one sentence."""
    try:
        yield
    except ImportError as error:
        raise InputError(f"{option} needs a package that is not installed: pip install {package}") from error
    except InputError:
        raise
    except Exception as error:  # downloads fail in many ways, and so do damaged files
        reason = str(error).split("\n")[0]
        raise InputError(f"{option}: its weights could not be had ({reason}); give them with {instead}") from error
