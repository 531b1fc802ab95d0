"""Adam with two learning rates, its schedule, and moving averages of the weights."""

import keras

from fusioncolor.config import TrainConfig
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.editing import has_extractor
from fusioncolor.models.networks import inception
from fusioncolor.training.model_options import extractor_rate


class Adam(keras.optimizers.Adam):
    """Adam, or AdamW, that can be slower on some variables, and keeps moving averages apart from the weights.

    With `use_ema` Keras overwrites the weights with their averages whenever `fit` ends; here they stay as trained, so
    that training can continue, and `averages` are put into the network while it is validated and saved.

    Reference: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015; Loshchilov and Hutter, "Decoupled
    Weight Decay Regularization", 2019.
    """

    def __init__(self, learning_rate, *, slow: list[keras.Variable] = (), factor: float = 1.0, **options) -> None:
        """Takes the options of Keras's Adam; the learning rate of the variables in `slow` is multiplied by `factor`."""
        super().__init__(learning_rate, **options)
        self._slow_ids = {id(variable) for variable in slow}
        self._slow_factor = factor

    def build(self, variables):  # noqa: D102
        super().build(variables)
        self._factors = [self._slow_factor if id(variable) in self._slow_ids else 1.0 for variable in variables]

    def update_step(self, gradient, variable, learning_rate):  # noqa: D102
        factor = self._factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate if factor == 1 else learning_rate * factor)

    def finalize_variable_values(self, var_list):
        """Does nothing, where Keras would overwrite the weights with their averages."""

    @property
    def averages(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Pairs of a trained variable and the moving average of its values."""
        return list(zip(self._trainable_variables, self._model_variables_moving_average, strict=True))


def create_optimizer(config: TrainConfig, colorizer: Colorizer, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Creates Adam or AdamW as the options say, slower on the extractor.

    Args:
        config: options of the training.
        colorizer: colorizer to train.
        steps_per_epoch: training steps in an epoch, for the schedule.
    """
    slow: list[keras.Variable] = []
    if extractor_rate(config) and has_extractor(colorizer):
        slow = colorizer.network.get_layer(inception.NAME).trainable_variables
    optimizer = Adam(
        _learning_rate(config, steps_per_epoch),
        slow=slow,
        factor=extractor_rate(config) / config.learning_rate,
        weight_decay=config.weight_decay or None,
        global_clipnorm=config.clip_norm,
        use_ema=config.ema > 0,
        ema_momentum=config.ema,
    )
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(list(slow), ["bias", "gamma", "beta"])
    return optimizer


def _learning_rate(
    config: TrainConfig, steps_per_epoch: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Returns the initial rate, which a callback reduces on plateau, or cosine decay over all steps after a warmup."""
    if config.schedule != "cosine":
        return config.learning_rate
    steps = config.total_epochs * steps_per_epoch
    warmup = min(round(config.warmup_epochs * steps_per_epoch), steps - 1)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else config.learning_rate,
        steps - warmup,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
