"""Training losses and their equations."""

import keras
import numpy as np
from keras import ops

from fusioncolor.bins import BINS, NEIGHBORS

_FLOOR = 4.0  # squared Lab units, an error that nobody sees


class EuclideanLoss(keras.losses.Loss):
    """C = 1/2 * sum over channels and pixels of (predicted - true)^2, averaged over the batch.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016, equation 1.
    """

    def __init__(self) -> None:
        super().__init__(name="euclidean")

    def call(self, target, output):
        """Computes the loss `(B,)` from target and output, both `(B, h, w, 2)`."""
        return ops.sum(ops.square(output - target), axis=(1, 2, 3)) / 2


class HuberLoss(keras.losses.Huber):
    """Huber's loss of scaled ab: squared below 11 Lab units (0.1 of the scale), absolute above.

    Reference: Huber, "Robust Estimation of a Location Parameter", 1964.
    """

    def __init__(self) -> None:
        super().__init__(delta=0.1)


class SoftCrossEntropy(keras.losses.Loss):
    """C = mean over pixels of -v * sum_q z_q log p_q, z the soft-encoded truth, p the softmax of the logits.

    Only five entries of z are not 0, so only those are gathered. v is 1 or, with rebalancing, w[q*], where q* is the
    strongest bin of the truth. The cross-entropy differs from the KL divergence by the entropy of z, which does not
    depend on the network.

    With an error weight, adds that times 10 log10(mean |ab - true ab|^2 + 4) of each photograph, ab the mean of p: all
    photographs count in decibels, so that a little color too much in a pale one is as bad as a lot in a colorful one.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016, equations 2 and 3.
    """

    def __init__(self, rebalancing=None, error_weight: float = 0.0) -> None:
        """Creates the loss.

        Args:
            rebalancing: w, `(313,)`; None for no rebalancing.
            error_weight: weight of the error of the mean, per decibel.
        """
        super().__init__(name="soft_cross_entropy")
        self.rebalancing = rebalancing
        self.error_weight = error_weight

    def call(self, target, logits):
        """Computes the loss `(B, h, w)`.

        Args:
            target: `(B, h, w, 10)`, bins and then weights, nearest first.
            logits: `(B, h, w, 313)`.
        """
        bins = ops.cast(target[..., :NEIGHBORS], "int32")
        weights = target[..., NEIGHBORS:]
        loss = ops.logsumexp(logits, axis=-1) - ops.sum(weights * _gather(logits, bins), axis=-1)
        if self.rebalancing is not None:
            loss = loss * ops.take(ops.convert_to_tensor(self.rebalancing, "float32"), bins[..., 0])
        if self.error_weight:
            loss = loss + self.error_weight * _decibels(logits, bins, weights)
        return loss


def _decibels(logits, bins, weights):
    """Returns the error of the mean color of each photograph, in dB: `(B, 1, 1)`."""
    colors = ops.convert_to_tensor(BINS, "float32")
    truth = ops.sum(weights[..., None] * ops.take(colors, bins, axis=0), axis=-2)
    mean = ops.matmul(ops.softmax(logits), colors)
    squares = ops.mean(ops.sum(ops.square(mean - truth), axis=-1), axis=(1, 2), keepdims=True)
    return ops.log(squares + _FLOOR) * (10 / np.log(10))


def _gather(logits, bins):
    """Gathers logits `(..., Q)` at bins `(..., K)`, `(..., K)`; flat indices, whose gradient is cheaper to scatter."""
    flat = ops.reshape(logits, (-1,))
    first = ops.reshape(ops.arange(0, ops.size(flat), logits.shape[-1], dtype="int32"), (*ops.shape(bins)[:-1], 1))
    return ops.take(flat, bins + first)
