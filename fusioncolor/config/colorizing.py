"""Options that all commands share that colorize."""

from fusioncolor.config.fields import flag
from fusioncolor.errors import InputError
from fusioncolor.registries import BASELINES


def check_common(config, names: list[str]) -> None:
    """Checks what commands that colorize have in common.

    Args:
        config: the command's options.
        names: of its colorizers.

    Raises:
        InputError: an option is out of range.
    """
    for name in ("batch_size", "workers"):
        value = getattr(config, name)
        if value is not None and value < 1:
            raise InputError(f"{flag(name)} must be 1 or more. Received: {value}")
    if not 0 <= config.seed < 2**32:
        raise InputError(f"--seed must be from 0 to 2^32 - 1. Received: {config.seed}")
    if not 0 <= config.vividness <= 10:
        raise InputError(f"--vividness must be from 0 to 10. Received: {config.vividness}")
    if config.temperature is not None:
        if not 0.001 <= config.temperature <= 100:
            raise InputError(f"--temperature must be from 0.001 to 100. Received: {config.temperature}")
        if config.decode not in (None, "annealed_mean"):
            raise InputError(f"--temperature is of the annealed mean: leave it out with --decode {config.decode}")
    if (config.decode or config.temperature is not None) and all(name in BASELINES for name in names):
        raise InputError(f"--decode and --temperature need a classification model, which {names[0]} is not")
    for path in config.reference:
        if not path.exists():
            raise InputError(f"no such file or folder: {path} (--reference)")
