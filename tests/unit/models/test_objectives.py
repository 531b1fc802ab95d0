import keras
import numpy as np
import pytest

from fusioncolor.errors import InputError
from fusioncolor.models.heads import make_head
from fusioncolor.models.objectives import LOSSES, find_loss


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_takes_the_targets_of_its_heads_and_is_less_for_the_truth(name):
    objective = LOSSES[name]
    ab = np.random.default_rng(0).uniform(-60, 60, (2, 4, 4, 2)).astype(np.float32)
    for kind in objective.heads:
        head = make_head({"name": kind})
        target = head.encode(ab)
        output = target
        if kind == "classification":  # logits that favor the nearest bin
            output = np.zeros((2, 4, 4, head.channels), np.float32)
            np.put_along_axis(output, target[..., :1].astype(int), 9, axis=-1)
        right, wrong = (float(keras.ops.mean(objective.loss()(target, one))) for one in (output, output[:, ::-1]))
        assert right < wrong


def test_huber_is_half_the_square_of_small_errors_and_linear_in_large_ones():
    """Of scaled ab: at 0.05, 0.05^2 / 2; at 0.3, 0.1 * (0.3 - 0.1 / 2)."""
    loss = find_loss("huber", "regression").loss()
    for error, expected in ((0.05, 0.00125), (0.3, 0.025)):
        output = np.full((1, 2, 2, 2), error, np.float32)
        assert float(loss(np.zeros_like(output), output)) == pytest.approx(expected, rel=1e-5)


def test_a_loss_for_another_head_is_refused_with_those_that_fit():
    with pytest.raises(InputError, match=r"`loss` mse is for head regression, not for classification.*cross_entropy"):
        find_loss("mse", "classification")
    with pytest.raises(InputError, match="no loss 'hubr'; did you mean 'huber'"):
        find_loss("hubr", "regression")
    with pytest.raises(InputError, match=r"`loss` mse is for head regression, not for another$"):
        find_loss("mse", "another")
