"""Choice of the photographs of a training run, and their split."""

import shutil

import numpy as np
import pytest
from support import PRINTING

from fusioncolor import images
from fusioncolor.config import TrainConfig
from fusioncolor.data import splits
from fusioncolor.errors import InputError
from fusioncolor.runtime.workers import default_workers


@pytest.fixture
def folder(tmp_path):
    """40 different pictures of blots."""
    rng = np.random.default_rng(0)
    for index in range(40):
        blots = images.resize(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8), (64, 64))
        images.write(tmp_path / "photographs" / f"{index:02}.png", blots)
    return tmp_path / "photographs"


def choose(folder, **options) -> splits.Split:
    return splits.choose(TrainConfig(folder=folder, **options), folder / "run", reporter=PRINTING)


def test_copies_and_mirror_images_are_kept_in_one_part(folder, capsys):
    for path in images.find_in(folder):
        rgb = images.read(path).rgb
        images.write(folder / "mirrored" / path.name, rgb[:, ::-1])
        images.write(folder / "small" / path.name.replace("png", "jpg"), images.resize(rgb, (48, 48)))
    chosen = choose(folder, validation_split=0.3, test_split=0.2)
    names = {part: {path.stem for path in chosen.part(part)} for part in splits.PARTS}
    assert not names["train"] & names["validation"]
    assert not (names["train"] | names["validation"]) & names["test"]
    assert chosen.counts() == {"train": 60, "validation": 36, "test": 24}
    assert chosen.left_out == []
    assert "80 are near duplicates" in capsys.readouterr().out


def test_shares_are_kept_also_if_everything_is_a_burst(folder):
    for path in images.find_in(folder):
        for index in range(4):
            shutil.copy(path, folder / f"{path.stem}-{index}.png")
    chosen = choose(folder, validation_split=0.25, test_split=0.1)
    assert chosen.counts() == {"train": 130, "validation": 50, "test": 20}


def test_without_copies_the_split_is_exact(folder):
    chosen = choose(folder, validation_split=0.3, test_split=0.2)
    assert chosen.counts() == {"train": 20, "validation": 12, "test": 8}


def test_a_folder_of_one_picture_is_split_all_the_same_with_a_warning(folder, tmp_path, capsys):
    for index in range(8):
        (tmp_path / "burst").mkdir(exist_ok=True)
        shutil.copy(images.find_in(folder)[0], tmp_path / "burst" / f"{index}.png")
    chosen = choose(tmp_path / "burst")
    assert len(chosen.train) == 6
    assert "too few different photographs" in capsys.readouterr().err


def test_a_folder_of_its_own_validates(folder, tmp_path):
    paths = images.find_in(folder)
    for path in paths[:10]:
        (tmp_path / "others").mkdir(exist_ok=True)
        path.rename(tmp_path / "others" / path.name)
    chosen = choose(folder, validation=tmp_path / "others")
    assert chosen.validation == images.find_in(tmp_path / "others")
    assert chosen.train == images.find_in(folder)
    chosen = choose(folder, validation=tmp_path / "others", test_split=0.1)
    assert chosen.counts() == {"train": 27, "validation": 10, "test": 3}


def test_a_validation_folder_inside_the_folder_is_not_trained_on(folder):
    inside = folder / "validation"
    inside.mkdir()
    for path in images.find_in(folder)[:10]:
        path.rename(inside / path.name)
    chosen = choose(folder, validation=inside)
    assert len(chosen.train) == 30
    assert not set(chosen.train) & set(chosen.validation)


def test_copies_of_validation_photographs_are_not_trained_on(folder, tmp_path, capsys):
    others = tmp_path / "others"
    others.mkdir()
    for path in images.find_in(folder)[:5]:
        shutil.copy(path, others / path.name)
    chosen = choose(folder, validation=others)
    assert len(chosen.train) == 35
    assert len(chosen.left_out) == 5
    assert "5 are near duplicates" in capsys.readouterr().out
    with pytest.raises(InputError, match="choose another `validation` folder"):
        choose(others, validation=folder)


def test_collections_are_set_aside_by_name_with_their_near_duplicates(folder, capsys):
    paths = images.find_in(folder)
    for path in paths[:6]:
        path.rename(path.with_name(f"fog_{path.name}"))
    shutil.copy(folder / f"fog_{paths[0].name}", folder / "copy.png")
    chosen = choose(folder, test_names=["fog_*"])
    assert {path.name for path in chosen.test} == {f"fog_{path.name}" for path in paths[:6]}
    assert folder / "copy.png" in chosen.left_out
    assert len(chosen.train) + len(chosen.validation) == len(paths) - 6
    assert "6 are set aside by their names, and 1 near duplicates" in capsys.readouterr().out
    for patterns, word in ((["rain_*"], "no"), (["*"], "all")):
        with pytest.raises(InputError, match=f"{word} photographs in .* match `test_names`"):
            choose(folder, test_names=patterns)


def test_the_split_is_disjoint_complete_of_the_wanted_sizes_and_seeded(tmp_path):
    paths = [tmp_path / f"{index}.jpg" for index in range(100)]
    parts = splits.split(paths, validation=0.25, test=0.1, seed=0)
    assert parts.counts() == {"train": 65, "validation": 25, "test": 10}
    assert sorted(path for name in splits.PARTS for path in parts.part(name)) == sorted(paths)
    assert parts == splits.split(paths, validation=0.25, test=0.1, seed=0)
    assert parts != splits.split(paths, validation=0.25, test=0.1, seed=1)


def test_a_split_that_leaves_nothing_to_train_on_is_refused(tmp_path):
    with pytest.raises(InputError, match="too few"):
        splits.split([tmp_path / "a.jpg"], validation=0.25, test=0, seed=0)


def test_of_what_is_left_out_the_first_few_are_named(folder, capsys, monkeypatch):
    monkeypatch.setattr(splits, "_NAMED", 2)
    for count, more in ((1, ""), (2, ""), (3, "and 1 more")):
        images.write(folder / f"gray {count}.png", np.full((64, 64, 3), 80, np.uint8))
        choose(folder)
        printed = capsys.readouterr().out
        assert f"40 color photographs; left out: {count} gray or toned, 0 unreadable" in printed
        assert printed.count(": no color, or one hue") == min(count, 2)
        assert [line.strip()[:10] for line in printed.splitlines() if " more. " in line] == ([more] if more else [])


def test_a_limit_draws_photographs_by_the_seed(folder):
    drawn = [choose(folder, limit=10, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    for chosen in drawn:
        used = [*chosen.train, *chosen.validation]
        assert (len(used), len(set(used)), len(chosen.left_out)) == (10, 10, 30)
    assert len(choose(folder, limit=40).left_out) == 0


def test_as_many_threads_look_at_photographs_as_were_chosen(folder, monkeypatch):
    look, seen = splits.survey.survey, []
    monkeypatch.setattr(
        splits.survey, "survey", lambda *paths, **rest: seen.append(rest["workers"]) or look(*paths, **rest)
    )
    choose(folder, workers=3)
    choose(folder)
    assert seen == [3, default_workers()]
