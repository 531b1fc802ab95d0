"""Everything that determines the pictures of a folder run, apart from the photographs and the hints beside them.

It is known without the network, so that a run with nothing to do ends at once.
"""

import json

from fusioncolor import files, hints
from fusioncolor.config import PredictConfig
from fusioncolor.models import saving
from fusioncolor.models.identity import identity_of
from fusioncolor.version import __version__


def settings_of(config: PredictConfig) -> dict[str, object]:
    """Returns the settings, ready for JSON.

    Raises:
        InputError: the weights or the exported network are missing or damaged.
    """
    return {
        "fusioncolor": __version__,
        **identity_of(config.weights[0], config, config.engine),
        "hints": [str(hint) for hint in hints.parse_all(config.hint)],
        "format": config.format,
        "quality": config.quality,
        "mark": config.mark,
        **({"certificate": files.sha256(config.sign_cert)} if config.sign_cert else {}),
    }


def title_of(config: PredictConfig) -> str:
    """Returns a short name of the model that colorizes the files."""
    return saving.title_of(config.weights[0])


def digest(settings: dict[str, object]) -> str:
    """Returns a hash of settings, by which a manifest knows them."""
    return files.digest_of([json.dumps(settings, default=str).encode("utf-8", "surrogateescape")])
