"""Adam as training uses it."""

import keras

from fusioncolor.config import TrainConfig
from fusioncolor.models.colorizer import Colorizer
from fusioncolor.models.editing import has_extractor
from fusioncolor.models.networks import inception


class Adam(keras.optimizers.Adam):
    """Adam, or AdamW, that can be slower on some variables and keeps a moving average of the weights to itself.

    With `use_ema` Keras would overwrite the weights with their average whenever `fit` ends; here they stay as trained,
    so that a training can go on, and `averages` are put into the network to validate and save it.

    Reference: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015; Loshchilov and Hutter, "Decoupled
    Weight Decay Regularization", 2019.
    """

    def __init__(self, learning_rate, *, slow: list[keras.Variable] = (), factor: float = 1.0, **options) -> None:
        """Takes Keras's options; the learning rate is multiplied by `factor` for the variables in `slow`."""
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
        """Does nothing; see the class."""

    @property
    def averages(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Every trained variable with the moving average of its values."""
        return list(zip(self._trainable_variables, self._model_variables_moving_average, strict=True))


def create_optimizer(config: TrainConfig, colorizer: Colorizer, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Adam or AdamW with the options' learning rate over all epochs, slower on the extractor, averaging if wanted."""
    rate = config.learning_rate
    if config.schedule == "cosine":
        steps = config.epochs * steps_per_epoch
        warmup = min(round(config.warmup_epochs * steps_per_epoch), steps - 1)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else config.learning_rate,
            steps - warmup,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    options = {"weight_decay": config.weight_decay or None, "global_clipnorm": config.clip_norm}
    if config.ema:
        options |= {"use_ema": True, "ema_momentum": config.ema}
    if config.extractor_rate() and has_extractor(colorizer):
        options["slow"] = colorizer.network.get_layer(inception.NAME).trainable_variables
        options["factor"] = config.extractor_rate() / config.learning_rate
    optimizer = Adam(rate, **options)
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(list(options.get("slow", [])), ["bias", "gamma", "beta"])
    return optimizer
