"""Training losses, each with its equation."""

import keras
from keras import ops

from fusioncolor.bins import NEIGHBORS


class EuclideanLoss(keras.losses.Loss):
    """C = 1/2 * sum over channels and pixels of (predicted - true)^2, averaged over the batch.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016, equation 1.
    """

    def __init__(self) -> None:
        super().__init__(name="euclidean")

    def call(self, target, output):
        """`(B, h, w, 2)` and `(B, h, w, 2)` -> `(B,)`."""
        return ops.sum(ops.square(output - target), axis=(1, 2, 3)) / 2


class SoftCrossEntropy(keras.losses.Loss):
    """C = mean over pixels of -v * sum_q z_q log p_q, z the soft-encoded truth, p the softmax of the logits.

    z has five bins that are not 0, so only those are gathered. v is 1, or with rebalancing w[q*], q* the truth's
    strongest bin. The cross-entropy differs from the KL divergence by the entropy of z, which no weight can change.

    Reference: Zhang, Isola, Efros, "Colorful Image Colorization", 2016, equations 2 and 3.
    """

    def __init__(self, rebalancing=None) -> None:
        """Keeps w, `(313,)`, or None for no rebalancing."""
        super().__init__(name="soft_cross_entropy")
        self.rebalancing = rebalancing

    def call(self, target, logits):
        """`(B, h, w, 10)`, bins then weights, nearest first, and `(B, h, w, 313)` -> `(B, h, w)`."""
        bins = ops.cast(target[..., :NEIGHBORS], "int32")
        weights = target[..., NEIGHBORS:]
        loss = ops.logsumexp(logits, axis=-1) - ops.sum(weights * _gather(logits, bins), axis=-1)
        if self.rebalancing is None:
            return loss
        return loss * ops.take(ops.convert_to_tensor(self.rebalancing, "float32"), bins[..., 0])


def _gather(logits, bins):
    """Logits `(..., Q)` at bins `(..., K)` -> `(..., K)`; flat indices, whose gradient is cheaper to scatter."""
    flat = ops.reshape(logits, (-1,))
    first = ops.reshape(ops.arange(0, ops.size(flat), logits.shape[-1], dtype="int32"), (*ops.shape(bins)[:-1], 1))
    return ops.take(flat, bins + first)
