"""The photographs of a training: which are used, and which of them to train, validate and test on."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import numpy as np

from fusioncolor.config import TrainConfig
from fusioncolor.data import duplicates, survey
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import SILENT, Reporter
from fusioncolor.runtime.workers import default_workers

PARTS = ("train", "validation", "test")
_NAMED = 20  # photographs left out, at most


@dataclass(frozen=True)
class Split:
    """Photographs by use.

    Attributes:
        train: photographs to train on, sorted.
        validation: photographs to validate on, sorted.
        test: photographs kept for a later test, sorted.
        left_out: photographs that were found and are not used, in the order found.
    """

    train: list[Path]
    validation: list[Path]
    test: list[Path]
    left_out: list[Path] = field(default_factory=list)

    def part(self, name: str) -> list[Path]:
        """Returns the photographs of a part by its name, one of `PARTS`."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]

    def counts(self) -> dict[str, int]:
        """Returns the number of photographs in each of `PARTS`."""
        return {name: len(self.part(name)) for name in PARTS}


def split(
    paths: Sequence[Path], *, validation: float, test: float, seed: int, groups: Sequence[int] | None = None
) -> Split:
    """Splits photographs at random.

    Args:
        paths: N photographs.
        validation: share to validate on, from 0 to 1; above 0, at least one photograph.
        test: share to test on, from 0 to 1.
        seed: random seed; the same seed and list give the same split.
        groups: N group numbers. A group stays in one part: test or validation if there is room for all of it, else
            train. None: each photograph is a group of its own.

    Raises:
        InputError: no photograph would be left to train or validate on.
    """
    groups = list(range(len(paths)) if groups is None else groups)
    room = {"test": round(len(paths) * test), "validation": round(len(paths) * validation)}
    if validation and not room["validation"]:
        room["validation"] = 1
    sizes = Counter(groups)
    part_of: dict[int, str] = {}
    for index in np.random.default_rng([seed, 0]).permutation(len(paths)):
        group = groups[index]
        if group in part_of:
            continue
        part_of[group] = next((name for name, left in room.items() if sizes[group] <= left), "train")
        if part_of[group] in room:
            room[part_of[group]] -= sizes[group]
    parts: dict[str, list[Path]] = {name: [] for name in PARTS}
    for path, group in zip(paths, groups, strict=True):
        parts[part_of[group]].append(path)
    if not parts["train"] or (validation and not parts["validation"]):
        raise InputError(f"{len(paths)} color photographs are too few for this split: add more")
    return Split(sorted(parts["train"]), sorted(parts["validation"]), sorted(parts["test"]))


def choose(config: TrainConfig, run: Path, *, reporter: Reporter = SILENT) -> Split:
    """Finds the photographs of a training, reports which are left out, and splits the others.

    Args:
        config: folders, limit, shares and seed.
        run: folder that is not searched.
        reporter: told how many photographs are used, and which are not.

    Raises:
        InputError: a folder is missing, or holds too few color photographs.
    """
    paths = survey.find(config.folder, exclude=run, reporter=reporter)
    held_out = survey.find(config.validation, exclude=run) if config.validation else []
    elsewhere = {os.path.realpath(path) for path in held_out}
    paths = [path for path in paths if os.path.realpath(path) not in elsewhere]
    if not paths:
        raise _all_held_out(config)
    found = _survey(config, config.folder, _limited(config, paths), reporter)
    test_only, found = _named(config, found, reporter)
    if config.validation:
        chosen = _split_beside(config, found, held_out, reporter)
    else:
        chosen = _split(config, found, config.validation_split, reporter)
    test = sorted([*chosen.test, *test_only])
    used = {*chosen.train, *chosen.validation, *test}
    left_out = [path for path in [*paths, *held_out] if path not in used]
    return Split(chosen.train, chosen.validation, test, left_out)


def _named(config: TrainConfig, found: survey.Survey, reporter: Reporter) -> tuple[list[Path], survey.Survey]:
    """Takes out the photographs that `test_names` sets aside, and near duplicates of those."""
    if not config.test_names:
        return [], found
    named = np.array([any(fnmatch(path.name, one) for one in config.test_names) for path in found.in_color], bool)
    if not named.any() or named.all():
        which = "all" if named.any() else "no"
        raise InputError(f"{which} photographs in {config.folder} match `test_names` {' '.join(config.test_names)}")
    duplicated = ~named & duplicates.near_any(found.hashes, found.hashes[named])
    reporter.info(
        f"  {named.sum()} are set aside by their names"
        + (f", and {duplicated.sum()} near duplicates of these are not used" if duplicated.any() else "")
    )
    kept = ~named & ~duplicated
    paths = np.array(found.in_color, object)
    return list(paths[named]), survey.Survey(list(paths[kept]), found.hashes[kept], [], [])


def _limited(config: TrainConfig, paths: list[Path]) -> list[Path]:
    """Draws `config.limit` of the photographs, if there are more."""
    if not config.limit or config.limit >= len(paths):
        return paths
    chosen = np.random.default_rng([config.seed, 3]).choice(len(paths), config.limit, replace=False)
    return [paths[index] for index in sorted(chosen)]


def _survey(config: TrainConfig, folder: Path, paths: Sequence[Path], reporter: Reporter) -> survey.Survey:
    """Looks at photographs, and reports which are left out."""
    progress = partial(reporter.track, label="looking at photographs", total=len(paths))
    found = survey.survey(paths, workers=config.workers or default_workers(), progress=progress)
    reporter.info(
        f"{folder}: {len(found.in_color)} color photographs; left out: {len(found.gray)} gray or toned, "
        f"{len(found.unreadable)} unreadable"
    )
    left_out = [*(f"{path}: no color, or one hue as of a sepia print" for path in found.gray), *found.unreadable]
    for sentence in left_out[:_NAMED]:
        reporter.info(f"  left out: {sentence}")
    if len(left_out) > _NAMED:
        reporter.info(
            f"  and {len(left_out) - _NAMED} more. Put gray copies of color photographs in a folder gray/ beside "
            "color/, where they are ignored"
        )
    if not found.in_color:
        raise InputError(f"no color photograph in {folder}; training needs color photographs")
    return found


def _split(config: TrainConfig, found: survey.Survey, validation: float, reporter: Reporter) -> Split:
    """Splits at random, near duplicates staying together."""
    progress = partial(reporter.track, label="comparing photographs", total=len(found.hashes))
    groups = duplicates.group(found.hashes, progress=progress)
    duplicated = len(groups) - len(set(groups))
    paths, test, seed = found.in_color, config.test_split, config.seed
    try:
        chosen = split(paths, validation=validation, test=test, seed=seed, groups=groups)
    except InputError:
        chosen = split(paths, validation=validation, test=test, seed=seed)
        reporter.warning("too few different photographs: near duplicates are in both training and validation")
        return chosen
    if duplicated:
        reporter.info(f"  {duplicated} are near duplicates of another one; duplicates stay in the same part")
    return chosen


def _split_beside(config: TrainConfig, found: survey.Survey, held_out: list[Path], reporter: Reporter) -> Split:
    """Validates on the photographs of another folder; near duplicates of those are not trained on."""
    validating = _survey(config, config.validation, held_out, reporter)
    duplicated = duplicates.near_any(found.hashes, validating.hashes)
    if duplicated.any():
        reporter.info(f"  {duplicated.sum()} are near duplicates of one in {config.validation}: not trained on")
    kept = survey.Survey(
        in_color=[path for path, is_copy in zip(found.in_color, duplicated, strict=True) if not is_copy],
        hashes=found.hashes[~duplicated],
        gray=[],
        unreadable=[],
    )
    if not kept.in_color:
        raise _all_held_out(config)
    validation = sorted(validating.in_color)
    if not config.test_split:
        return Split(sorted(kept.in_color), validation, [])
    parts = _split(config, kept, 0, reporter)
    return Split(parts.train, validation, parts.test)


def _all_held_out(config: TrainConfig) -> InputError:
    return InputError(
        f"all photographs of {config.folder} are in {config.validation} too: choose another `validation` folder"
    )
