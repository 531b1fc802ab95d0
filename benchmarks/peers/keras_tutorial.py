"""Stands for the loop of Keras colorization tutorials: `model.predict` per image, scikit-image before and after."""

import numpy as np
import skimage.color
import skimage.io
import skimage.transform


def colorize(network, path, target) -> None:
    """Colorizes one photograph, file to file."""
    rgb = skimage.io.imread(path)
    lightness = skimage.color.rgb2lab(rgb)[..., :1]
    small = skimage.color.rgb2lab(skimage.transform.resize(rgb, (256, 256)))[..., :1]
    ab = network.predict(small[None].astype(np.float32), verbose=0)[0] * 128
    ab = skimage.transform.resize(ab, (*lightness.shape[:2], 2))
    colored = skimage.color.lab2rgb(np.dstack([lightness, ab]))
    skimage.io.imsave(target, (colored * 255).astype(np.uint8), check_contrast=False)
