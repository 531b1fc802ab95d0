"""The options of all commands and their defaults: frozen dataclasses whose fields become flags.

Nothing heavy is imported here, so that help texts and messages about wrong options appear at once; and each command's
options are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from fusioncolor.config.choices import (
    DECODERS,
    DEFAULT_WEIGHTS,
    FROZEN,
    MONITORS,
    PLATES,
    PRECISIONS,
    PUBLISHED_WEIGHTS,
    REPRODUCTIONS,
    SCHEDULES,
    VIDEO_CODECS,
    VIVIDNESS,
)
from fusioncolor.config.fields import flag

if TYPE_CHECKING:
    from fusioncolor.config.app import AppConfig, QuizConfig
    from fusioncolor.config.colorizing import ColorizeOptions
    from fusioncolor.config.compare import CompareConfig
    from fusioncolor.config.completion import CompletionConfig
    from fusioncolor.config.doctor import DoctorConfig
    from fusioncolor.config.evaluate import EvaluateConfig
    from fusioncolor.config.evaluate_video import EvaluateVideoConfig
    from fusioncolor.config.export import ExportConfig
    from fusioncolor.config.merge import MergeConfig
    from fusioncolor.config.predict import PredictConfig
    from fusioncolor.config.presets import PresetsConfig
    from fusioncolor.config.reproduce import ReproduceConfig
    from fusioncolor.config.resume import ResumeConfig
    from fusioncolor.config.train import TrainConfig
    from fusioncolor.config.video import VideoConfig, VideoOptions

_PLACES = {
    "AppConfig": "app",
    "ColorizeOptions": "colorizing",
    "CompareConfig": "compare",
    "CompletionConfig": "completion",
    "DoctorConfig": "doctor",
    "EvaluateConfig": "evaluate",
    "EvaluateVideoConfig": "evaluate_video",
    "ExportConfig": "export",
    "MergeConfig": "merge",
    "PredictConfig": "predict",
    "PresetsConfig": "presets",
    "QuizConfig": "app",
    "ReproduceConfig": "reproduce",
    "ResumeConfig": "resume",
    "TrainConfig": "train",
    "VideoConfig": "video",
    "VideoOptions": "video",
}

__all__ = [
    "DECODERS",
    "DEFAULT_WEIGHTS",
    "FROZEN",
    "MONITORS",
    "PLATES",
    "PRECISIONS",
    "PUBLISHED_WEIGHTS",
    "REPRODUCTIONS",
    "SCHEDULES",
    "VIDEO_CODECS",
    "VIVIDNESS",
    "AppConfig",
    "ColorizeOptions",
    "CompareConfig",
    "CompletionConfig",
    "DoctorConfig",
    "EvaluateConfig",
    "EvaluateVideoConfig",
    "ExportConfig",
    "MergeConfig",
    "PredictConfig",
    "PresetsConfig",
    "QuizConfig",
    "ReproduceConfig",
    "ResumeConfig",
    "TrainConfig",
    "VideoConfig",
    "VideoOptions",
    "flag",
]


def __getattr__(name: str):
    if name in _PLACES:
        return getattr(import_module(f"fusioncolor.config.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'fusioncolor.config' has no attribute {name!r}")
