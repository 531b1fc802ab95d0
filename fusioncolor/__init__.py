"""fusioncolor: colorize grayscale photographs.

    import fusioncolor
    rgb = fusioncolor.load("photographs").colorize("old.jpg")

Names are imported on first use, so that `import fusioncolor` is instant and does not import Keras.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from fusioncolor.errors import FusionColorError, InputError, ResourceError
from fusioncolor.version import __version__

if TYPE_CHECKING:
    from fusioncolor.config import (
        ColorizeOptions,
        CompareConfig,
        EvaluateConfig,
        EvaluateVideoConfig,
        ExportConfig,
        PredictConfig,
        ResumeConfig,
        TrainConfig,
        VideoConfig,
    )
    from fusioncolor.evaluation.evaluate import Evaluation, evaluate
    from fusioncolor.exporting import export
    from fusioncolor.hints import Hint, parse_hints
    from fusioncolor.images import decode, read, save
    from fusioncolor.models.colorizer import Colorizer
    from fusioncolor.models.factory import create
    from fusioncolor.models.runtimes import load
    from fusioncolor.models.session import Session
    from fusioncolor.plugins import (
        register_baseline,
        register_format,
        register_head,
        register_loss,
        register_metric,
        register_model,
        register_preset,
        register_refinement,
    )
    from fusioncolor.prediction.folder import colorize_folder
    from fusioncolor.prediction.gallery import compare
    from fusioncolor.prediction.hint_preview import preview_hints
    from fusioncolor.prediction.summary import FolderResult
    from fusioncolor.runtime.reporting import Reporter
    from fusioncolor.training.loop import resume, train
    from fusioncolor.video.colorizing import VideoResult, colorize_video
    from fusioncolor.video.evaluating import VideoEvaluation, evaluate_video

_LIGHT = {  # names that need no Keras
    "colorize_folder": "fusioncolor.prediction.folder",
    "colorize_video": "fusioncolor.video.colorizing",
    "ColorizeOptions": "fusioncolor.config",
    "Colorizer": "fusioncolor.models.colorizer",
    "compare": "fusioncolor.prediction.gallery",
    "CompareConfig": "fusioncolor.config",
    "decode": "fusioncolor.images",
    "evaluate": "fusioncolor.evaluation.evaluate",
    "evaluate_video": "fusioncolor.video.evaluating",
    "EvaluateConfig": "fusioncolor.config",
    "EvaluateVideoConfig": "fusioncolor.config",
    "Evaluation": "fusioncolor.evaluation.evaluate",
    "ExportConfig": "fusioncolor.config",
    "FolderResult": "fusioncolor.prediction.summary",
    "Hint": "fusioncolor.hints",
    "load": "fusioncolor.models.runtimes",
    "parse_hints": "fusioncolor.hints",
    "PredictConfig": "fusioncolor.config",
    "preview_hints": "fusioncolor.prediction.hint_preview",
    "read": "fusioncolor.images",
    "Reporter": "fusioncolor.runtime.reporting",
    "ResumeConfig": "fusioncolor.config",
    "save": "fusioncolor.images",
    "Session": "fusioncolor.models.session",
    "TrainConfig": "fusioncolor.config",
    "VideoConfig": "fusioncolor.config",
    "VideoEvaluation": "fusioncolor.video.evaluating",
    "VideoResult": "fusioncolor.video.colorizing",
    "register_baseline": "fusioncolor.plugins",
    "register_format": "fusioncolor.plugins",
    "register_head": "fusioncolor.plugins",
    "register_loss": "fusioncolor.plugins",
    "register_metric": "fusioncolor.plugins",
    "register_model": "fusioncolor.plugins",
    "register_preset": "fusioncolor.plugins",
    "register_refinement": "fusioncolor.plugins",
}
_HEAVY = {  # names whose modules import Keras
    "create": "fusioncolor.models.factory",
    "export": "fusioncolor.exporting",
    "resume": "fusioncolor.training.loop",
    "train": "fusioncolor.training.loop",
}

__all__ = [
    "ColorizeOptions",
    "Colorizer",
    "CompareConfig",
    "EvaluateConfig",
    "EvaluateVideoConfig",
    "Evaluation",
    "ExportConfig",
    "FolderResult",
    "FusionColorError",
    "Hint",
    "InputError",
    "PredictConfig",
    "Reporter",
    "ResourceError",
    "ResumeConfig",
    "Session",
    "TrainConfig",
    "VideoConfig",
    "VideoEvaluation",
    "VideoResult",
    "__version__",
    "colorize_folder",
    "colorize_video",
    "compare",
    "create",
    "decode",
    "evaluate",
    "evaluate_video",
    "export",
    "load",
    "parse_hints",
    "preview_hints",
    "read",
    "register_baseline",
    "register_format",
    "register_head",
    "register_loss",
    "register_metric",
    "register_model",
    "register_preset",
    "register_refinement",
    "resume",
    "save",
    "train",
]


def __getattr__(name: str):
    if name in _HEAVY:
        from fusioncolor.runtime.backend import import_quietly

        import_quietly()
        return getattr(import_module(_HEAVY[name]), name)
    if name in _LIGHT:
        return getattr(import_module(_LIGHT[name]), name)
    raise AttributeError(f"module 'fusioncolor' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__})
