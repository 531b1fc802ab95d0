"""Which photographs a training uses, and for what."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fusioncolor import duplicates, photographs
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.progress import bar

_NAMED = 20  # photographs left out, at most


def choose(config: TrainConfig, run: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """Finds the photographs of a training, says which are left out, and splits the others.

    Args:
        config: names folder, split and seed.
        run: a folder in which none are looked for.

    Returns:
        Photographs by part ("train", "validation", "test"), and those of the folder that come to none.

    Raises:
        InputError: a folder is missing, or holds too few photographs in color.
    """
    paths = photographs.find(config.folder, exclude=run)
    beside = photographs.find(config.validation, exclude=run) if config.validation else []
    apart = {os.path.realpath(path) for path in beside}
    paths = [path for path in paths if os.path.realpath(path) not in apart]
    if not paths:
        raise InputError(
            f"all photographs of {config.folder} are in {config.validation} too; give another --validation"
        )
    used = paths
    if config.limit and config.limit < len(paths):
        chosen = np.random.default_rng([config.seed, 3]).choice(len(paths), config.limit, replace=False)
        used = [paths[index] for index in sorted(chosen)]
    found = _survey(config, config.folder, used)
    if config.validation:
        parts = _validated_apart(config, found, run)
    else:
        parts = _split(config, found, validation=config.validation_split)
    taken = {path for part in parts.values() for path in part}
    return parts, [path for path in [*paths, *beside] if path not in taken]


def _survey(config: TrainConfig, folder: Path, paths: Sequence[Path]) -> photographs.Survey:
    """Looks at photographs, and says what is left out."""
    workers = config.workers or photographs.default_workers()
    found = photographs.survey(paths, workers=workers, progress=bar("looking at photographs", len(paths)))
    print(f"{folder}: {len(found.in_color)} photographs in color", end="")
    print(f"; left out: {len(found.gray)} gray, {len(found.unreadable)} unreadable")
    for sentence in [*(f"{path}: no color" for path in found.gray), *found.unreadable][:_NAMED]:
        print(f"  left out: {sentence}")
    if len(found.gray) + len(found.unreadable) > _NAMED:
        print("  and so on; gray twins of color photographs belong into a folder gray/ beside color/")
    if not found.in_color:
        raise InputError(f"no photograph in color in {folder}; training needs color photographs")
    return found


def _split(config: TrainConfig, found: photographs.Survey, *, validation: float) -> dict[str, list[Path]]:
    """Splits at random; what is nearly the same picture stays together."""
    options = {"validation": validation, "test": config.test_split, "seed": config.seed}
    groups = duplicates.group(found.hashes, progress=bar("comparing photographs", len(found.hashes)))
    together = len(groups) - len(set(groups))
    try:
        parts = photographs.split(found.in_color, groups=groups, **options)
    except InputError:
        parts = photographs.split(found.in_color, **options)
        print("warning: too few different photographs; nearly the same ones are trained on and validated with")
        return parts
    if together:
        print(f"  {together} look nearly the same as another one: such are kept in the same part of the split")
    return parts


def _validated_apart(config: TrainConfig, found: photographs.Survey, run: Path) -> dict[str, list[Path]]:
    """Validates on the photographs of another folder; what is nearly one of those is not trained on."""
    validating = _survey(config, config.validation, photographs.find(config.validation, exclude=run))
    same_as = duplicates.near_any(found.hashes, validating.hashes)
    if same_as.any():
        print(f"  {same_as.sum()} look nearly the same as one of {config.validation}: not trained on")
    kept = photographs.Survey(
        [path for path, near in zip(found.in_color, same_as, strict=True) if not near], found.hashes[~same_as], [], []
    )
    if not kept.in_color:
        raise InputError(
            f"all photographs of {config.folder} are in {config.validation} too; give another --validation"
        )
    parts = _split(config, kept, validation=0) if config.test_split else {"train": sorted(kept.in_color), "test": []}
    return {**parts, "validation": sorted(validating.in_color)}
