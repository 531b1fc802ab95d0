"""Which photographs a training uses, and for what."""

import shutil

import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.config import TrainConfig
from fusioncolor.data import splits
from fusioncolor.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """40 different pictures of blots."""
    rng = np.random.default_rng(0)
    for index in range(40):
        blots = images.resize(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8), (64, 64))
        images.write(tmp_path / "photographs" / f"{index:02}.png", blots)
    return tmp_path / "photographs"


def choose(folder, **options):
    return splits.choose(TrainConfig(folder=folder, **options), folder / "run")


def test_copies_and_mirror_images_are_kept_in_one_part(folder, capsys):
    for path in images.find_in(folder):
        rgb = images.read(path).rgb
        images.write(folder / "mirrored" / path.name, rgb[:, ::-1])
        images.write(folder / "small" / path.name.replace("png", "jpg"), images.resize(rgb, (48, 48)))
    parts, left_out = choose(folder, validation_split=0.3, test_split=0.2)
    names = {part: {path.stem for path in paths} for part, paths in parts.items()}
    assert not names["train"] & names["validation"]
    assert not (names["train"] | names["validation"]) & names["test"]
    assert {name: len(part) for name, part in parts.items()} == {"train": 60, "validation": 36, "test": 24}
    assert left_out == []
    assert "80 look nearly the same" in capsys.readouterr().out


def test_shares_are_kept_also_if_everything_is_a_burst(folder):
    for path in images.find_in(folder):
        for index in range(4):
            shutil.copy(path, folder / f"{path.stem}-{index}.png")
    parts, _ = choose(folder, validation_split=0.25, test_split=0.1)
    assert {name: len(part) for name, part in parts.items()} == {"train": 130, "validation": 50, "test": 20}


def test_without_copies_the_split_is_exact(folder):
    parts, _ = choose(folder, validation_split=0.3, test_split=0.2)
    assert {name: len(part) for name, part in parts.items()} == {"train": 20, "validation": 12, "test": 8}


def test_a_folder_of_one_picture_is_split_all_the_same_with_a_warning(folder, tmp_path, capsys):
    for index in range(8):
        (tmp_path / "burst").mkdir(exist_ok=True)
        shutil.copy(images.find_in(folder)[0], tmp_path / "burst" / f"{index}.png")
    parts, _ = choose(tmp_path / "burst")
    assert len(parts["train"]) == 6
    assert "too few different photographs" in capsys.readouterr().out


def test_a_folder_of_its_own_validates(folder, tmp_path):
    paths = images.find_in(folder)
    for path in paths[:10]:
        (tmp_path / "others").mkdir(exist_ok=True)
        path.rename(tmp_path / "others" / path.name)
    parts, _ = choose(folder, validation=tmp_path / "others")
    assert parts["validation"] == images.find_in(tmp_path / "others")
    assert parts["train"] == images.find_in(folder)
    parts, _ = choose(folder, validation=tmp_path / "others", test_split=0.1)
    assert [len(parts[name]) for name in ("train", "validation", "test")] == [27, 10, 3]


def test_a_validation_folder_inside_the_folder_is_not_trained_on(folder):
    inside = folder / "validation"
    inside.mkdir()
    for path in images.find_in(folder)[:10]:
        path.rename(inside / path.name)
    parts, _ = choose(folder, validation=inside)
    assert len(parts["train"]) == 30
    assert not set(parts["train"]) & set(parts["validation"])


def test_copies_of_validation_photographs_are_not_trained_on(folder, tmp_path, capsys):
    others = tmp_path / "others"
    others.mkdir()
    for path in images.find_in(folder)[:5]:
        shutil.copy(path, others / path.name)
    parts, left_out = choose(folder, validation=others)
    assert len(parts["train"]) == 35
    assert len(left_out) == 5
    assert "5 look nearly the same" in capsys.readouterr().out
    with pytest.raises(InputError, match="give another --validation"):
        choose(others, validation=folder)


def test_the_split_is_disjoint_complete_of_the_wanted_sizes_and_seeded(tmp_path):
    paths = [tmp_path / f"{index}.jpg" for index in range(100)]
    parts = splits.split(paths, validation=0.25, test=0.1, seed=0)
    assert {name: len(part) for name, part in parts.items()} == {"train": 65, "validation": 25, "test": 10}
    assert sorted(path for part in parts.values() for path in part) == sorted(paths)
    assert parts == splits.split(paths, validation=0.25, test=0.1, seed=0)
    assert parts != splits.split(paths, validation=0.25, test=0.1, seed=1)


def test_a_split_that_leaves_nothing_to_train_on_is_refused(tmp_path):
    with pytest.raises(InputError, match="too few"):
        splits.split([tmp_path / "a.jpg"], validation=0.25, test=0, seed=0)
