"""Stands for the published formulation of the fusion network in PyTorch: torchvision, scikit-image, single images."""

import numpy as np
import skimage.color
import skimage.io
import skimage.transform
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import inception_v3


def block(channels: int, filters: int, stride: int = 1, slope: float = 0.0) -> nn.Sequential:
    """3x3 convolution, batch normalization, (leaky) ReLU."""
    convolution = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(filters), nn.LeakyReLU(slope))


class Fusion(nn.Module):
    """The network of `fusioncolor.models.networks.fusion`, the embedding replicated over the grid as in the paper."""

    def __init__(self) -> None:
        super().__init__()
        self.inception = inception_v3(weights=None, init_weights=False).eval().requires_grad_(False)
        self.level0 = block(1, 32, slope=0.1)
        self.level1 = nn.Sequential(block(32, 64, 2, slope=0.1), block(64, 64, slope=0.1))
        self.level2 = nn.Sequential(block(64, 128, 2, slope=0.1), block(128, 128, slope=0.1))
        self.level3 = nn.Sequential(block(128, 256, 2, slope=0.1), block(256, 256, slope=0.1))
        self.fusion = nn.Conv2d(256 + 1 + 1000, 256, 1)
        self.decoder3 = nn.Sequential(block(256, 256), block(256, 128))
        self.decoder2 = nn.Sequential(block(256, 128), block(128, 64))
        self.decoder1 = nn.Sequential(block(128, 64), block(64, 32))
        self.decoder0 = nn.Sequential(block(64, 32), nn.Conv2d(32, 2, 3, padding=1), nn.Tanh())

    def train(self, mode: bool = True) -> "Fusion":
        """Sets the mode of everything but InceptionV3, which stays in inference mode."""
        super().train(mode)
        self.inception.eval()
        return self

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """`(B, 1, H, W)` in [-1, 1] -> `(B, 2, H, W)`."""
        with torch.no_grad():
            larger = functional.interpolate(lightness, (299, 299), mode="bilinear").repeat(1, 3, 1, 1)
            embedding = self.inception(larger)
        level0 = self.level0(lightness)
        level1 = self.level1(level0)
        level2 = self.level2(level1)
        x = self.level3(level2)
        replicated = embedding[:, :, None, None].expand(-1, -1, *x.shape[2:])
        x = torch.cat([x, functional.avg_pool2d(lightness, 8), replicated], dim=1)
        x = self.decoder3(functional.relu(self.fusion(x)))
        for decoder, skip in ((self.decoder2, level2), (self.decoder1, level1), (self.decoder0, level0)):
            x = decoder(torch.cat([functional.interpolate(x, scale_factor=2), skip], dim=1))
        return x


def read(path) -> tuple[np.ndarray, np.ndarray]:
    """Lightness `(H, W)` at full size, and Lab `(256, 256, 3)`."""
    rgb = skimage.io.imread(path)
    small = skimage.transform.resize(rgb, (256, 256), anti_aliasing=True)
    return skimage.color.rgb2lab(rgb)[..., 0], skimage.color.rgb2lab(small)


def colorize(network: Fusion, path, target) -> None:
    """Colorizes one photograph, file to file."""
    lightness, small = read(path)
    with torch.no_grad():
        ab = network(torch.tensor(small[None, None, ..., 0] / 50 - 1, dtype=torch.float32))
    ab = skimage.transform.resize(ab[0].numpy().transpose(1, 2, 0) * 128, lightness.shape)
    rgb = skimage.color.lab2rgb(np.dstack([lightness, ab]))
    skimage.io.imsave(target, (rgb * 255).astype(np.uint8), check_contrast=False)


class Photographs(torch.utils.data.Dataset):
    """Training samples: lightness and scaled ab, flipped at random."""

    def __init__(self, paths) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        lab = read(self.paths[index])[1].astype(np.float32)
        lab = np.ascontiguousarray(lab[:, ::-1] if torch.rand(()) < 0.5 else lab).transpose(2, 0, 1)
        return torch.tensor(lab[:1] / 50 - 1), torch.tensor(lab[1:] / 128)


def training_steps(network: Fusion, paths, batch_size: int):
    """Yields after every step of Adam on the mean squared error."""
    optimizer = torch.optim.Adam(filter(lambda weights: weights.requires_grad, network.parameters()), lr=1e-3)
    for lightness, target in torch.utils.data.DataLoader(Photographs(paths), batch_size, shuffle=True, num_workers=2):
        optimizer.zero_grad()
        functional.mse_loss(network(lightness), target).backward()
        optimizer.step()
        yield
