"""fusioncolor: put color into grayscale photographs.

    import fusioncolor
    rgb = fusioncolor.load("weights/fusion.landscapes").colorize("old.jpg")

Names are imported on first use, so that `import fusioncolor` does not wait for Keras.
"""

from importlib import import_module

from fusioncolor.runtime.backend import choose_backend, import_quietly
from fusioncolor.version import __version__

_PUBLIC = {
    "Colorizer": "fusioncolor.models.colorizer",
    "InputError": "fusioncolor.errors",
    "create": "fusioncolor.models.registry",
    "load": "fusioncolor.models.registry",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'fusioncolor' has no attribute {name!r}")
    choose_backend()
    import_quietly()
    return getattr(import_module(_PUBLIC[name]), name)
