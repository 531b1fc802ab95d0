"""Photographs a training uses, and for what."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fusioncolor.config import TrainConfig
from fusioncolor.data import duplicates, survey
from fusioncolor.errors import InputError
from fusioncolor.runtime.progress import bar
from fusioncolor.runtime.workers import default_workers


def split(
    paths: Sequence[Path], *, validation: float, test: float, seed: int, groups: Sequence[int] | None = None
) -> dict[str, list[Path]]:
    """Splits photographs at random into sorted lists "train", "validation" and "test".

    Args:
        paths: of photographs.
        validation: share from 0 to 1.
        test: share from 0 to 1.
        seed: the same seed and list give the same split.
        groups: a number for each; those of one number come to the same part, as far as there is room for all of them,
            else to train.

    Raises:
        InputError: nothing would be left to train or validate on.
    """
    groups = list(range(len(paths)) if groups is None else groups)
    order = np.random.default_rng([seed, 0]).permutation(len(paths))
    counts = {"validation": round(len(paths) * validation), "test": round(len(paths) * test)}
    if validation and not counts["validation"]:
        counts["validation"] = 1
    sizes = Counter(groups)
    part_of: dict[int, str] = {}
    for index in order:
        group = groups[index]
        if group not in part_of:
            part_of[group] = next((name for name in ("test", "validation") if sizes[group] <= counts[name]), "train")
            counts[part_of[group]] = counts.get(part_of[group], 0) - sizes[group]
    parts = {
        wanted: sorted(path for path, group in zip(paths, groups, strict=True) if part_of[group] == wanted)
        for wanted in ("train", "validation", "test")
    }
    if not parts["train"] or (validation and not parts["validation"]):
        raise InputError(f"{len(paths)} photographs in color are too few for this split; add more")
    return parts


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
    paths = survey.find(config.folder, exclude=run)
    beside = survey.find(config.validation, exclude=run) if config.validation else []
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


def _survey(config: TrainConfig, folder: Path, paths: Sequence[Path]) -> survey.Survey:
    """Looks at photographs, and says what is left out."""
    workers = config.workers or default_workers()
    found = survey.survey(paths, workers=workers, progress=bar("looking at photographs", len(paths)))
    print(f"{folder}: {len(found.in_color)} photographs in color", end="")
    print(f"; left out: {len(found.gray)} gray, {len(found.unreadable)} unreadable")
    for sentence in [*(f"{path}: no color" for path in found.gray), *found.unreadable][:_NAMED]:
        print(f"  left out: {sentence}")
    if len(found.gray) + len(found.unreadable) > _NAMED:
        print("  and so on; gray twins of color photographs belong into a folder gray/ beside color/")
    if not found.in_color:
        raise InputError(f"no photograph in color in {folder}; training needs color photographs")
    return found


def _split(config: TrainConfig, found: survey.Survey, *, validation: float) -> dict[str, list[Path]]:
    """Splits at random; what is nearly the same picture stays together."""
    options = {"validation": validation, "test": config.test_split, "seed": config.seed}
    groups = duplicates.group(found.hashes, progress=bar("comparing photographs", len(found.hashes)))
    together = len(groups) - len(set(groups))
    try:
        parts = split(found.in_color, groups=groups, **options)
    except InputError:
        parts = split(found.in_color, **options)
        print("warning: too few different photographs; nearly the same ones are trained on and validated with")
        return parts
    if together:
        print(f"  {together} look nearly the same as another one: such are kept in the same part of the split")
    return parts


def _validated_apart(config: TrainConfig, found: survey.Survey, run: Path) -> dict[str, list[Path]]:
    """Validates on the photographs of another folder; what is nearly one of those is not trained on."""
    validating = _survey(config, config.validation, survey.find(config.validation, exclude=run))
    same_as = duplicates.near_any(found.hashes, validating.hashes)
    if same_as.any():
        print(f"  {same_as.sum()} look nearly the same as one of {config.validation}: not trained on")
    kept = survey.Survey(
        [path for path, near in zip(found.in_color, same_as, strict=True) if not near], found.hashes[~same_as], [], []
    )
    if not kept.in_color:
        raise InputError(
            f"all photographs of {config.folder} are in {config.validation} too; give another --validation"
        )
    parts = _split(config, kept, validation=0) if config.test_split else {"train": sorted(kept.in_color), "test": []}
    return {**parts, "validation": sorted(validating.in_color)}
