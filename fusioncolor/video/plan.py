"""What is checked before a network is loaded."""

from fusioncolor import files
from fusioncolor.config import VideoConfig
from fusioncolor.errors import InputError
from fusioncolor.video import encoding, ffmpeg, hinting, segments


def check(config: VideoConfig) -> None:
    """Checks what can be checked before a network is loaded.

    Raises:
        InputError: the result is already there, cannot be written, or is of an unknown kind, or a hint is wrong.
    """
    hinting.parse(config.hint)
    if not (config.to_folder and config.source.is_dir()):
        ffmpeg.require()
    if not config.to_folder:
        encoding.codec_for(config.output, config.codec)
    there = any(config.output.iterdir()) if config.output.is_dir() else config.output.exists()
    if there and not config.overwrite and not segments.is_unfinished(config.output):
        raise InputError(f"{config.output} is already there: give another name, or add `overwrite`")
    files.check_writable(config.output.absolute().parent)
