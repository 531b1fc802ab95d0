"""How a dataclass field becomes an option."""

from dataclasses import field

from fusioncolor.config.choices import NETWORKS


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


def flag(name: str) -> str:
    """The command-line flag of a field."""
    return "--" + name.replace("_", "-")
