"""How a dataclass field becomes a flag, and the choices that several commands have."""

from dataclasses import field

from fusioncolor.errors import InputError

DEFAULT_WEIGHTS = "weights/fusion.landscapes"
VIVID_WEIGHTS = "weights/fusion-vivid.landscapes"
BASELINES = ("gray", "mean", "random", "welsh", "oracle_mean")
REFINEMENTS = ("segment", "chrominance", "peaks")
NETWORKS = ("fusion", "plain", "residual", "resnet")  # that see whole photographs
DECODERS = ("annealed_mean", "mean", "mode", "sample")
REPRODUCTIONS = ("losses", "fusion", "ablations", "residual", "refinements", "monitor")
FORMATS = ("jpg", "png", "tif", "webp", "bmp")
SCHEDULES = ("plateau", "cosine")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
ENGINES = ("onnx", "openvino", "litert")
FROZEN = ("extractor", "encoder", "none")
MONITORS = {"val_loss": "min", "val_auc": "max", "val_rmse": "min"}


def option(default, text: str, *, models: tuple[str, ...] = (), build: bool = False, **argparse_options):
    """A dataclass field that becomes a flag.

    Args:
        default: of the field.
        text: of the help.
        models: the only ones it is for; none: for all.
        build: whether the model's builder takes it.
        **argparse_options: whatever `add_argument` shall get besides.
    """
    if models and models != NETWORKS:
        text = f"{text} [{', '.join(models)}]"
    metadata = {"help": text, "models": models, "build": build, **argparse_options}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


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


def flag(name: str) -> str:
    """The command-line flag of a field."""
    return "--" + name.replace("_", "-")
