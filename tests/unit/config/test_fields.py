import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from fusioncolor.cli.parser import add_options
from fusioncolor.config import CompareConfig, EvaluateConfig, PredictConfig, TrainConfig
from fusioncolor.config.fields import Range, check_options, config_of, convert_options, is_default, option
from fusioncolor.errors import InputError


@dataclass(frozen=True)
class Config:
    count: int = option(8, "Photographs per step", minimum=1, group="data")
    rate: float | None = option(None, "Learning rate; see `count`", above=0)
    names: list[str] = option(["a"], "Names")  # noqa: RUF009


@pytest.mark.parametrize(
    ("bounds", "words", "inside", "outside"),
    [
        (Range(minimum=1), "1 or more", [1, 2.5, 1e9], [0.99, -1, math.inf, math.nan]),
        (Range(minimum=0, maximum=180), "from 0 to 180", [0, 180], [-1, 181, math.nan]),
        (Range(minimum=0, below=1), "at least 0 and below 1", [0, 0.999], [1, -1e-9, math.nan]),
        (Range(above=0, below=1), "above 0 and below 1", [0.5], [0, 1, math.nan]),
        (Range(above=0), "above 0", [1e-30, 1e30], [0, math.inf, -math.inf, math.nan]),
        (Range(maximum=3), "at most 3", [3, -9], [3.1, -math.inf]),
    ],
)
def test_a_range_holds_finite_numbers_within_its_bounds_and_says_so_in_words(bounds, words, inside, outside):
    assert str(bounds) == words
    assert [value in bounds for value in inside] == [True] * len(inside)
    assert [value in bounds for value in outside] == [False] * len(outside)


def test_numbers_out_of_range_are_refused_and_none_is_not():
    check_options(Config())
    check_options(Config(count=1, rate=0.1))
    with pytest.raises(InputError, match=r"`count` must be 1 or more\. Received: 0"):
        check_options(Config(count=0))
    with pytest.raises(InputError, match=r"`rate` must be above 0\. Received: nan"):
        check_options(Config(rate=math.nan))


def test_defaults_of_lists_are_known_too():
    assert is_default(Config(), "names")
    assert not is_default(Config(names=["b"]), "names")
    assert not is_default(Config(rate=1.0), "rate")


def test_options_stand_under_the_heading_of_their_group_and_name_others_as_flags():
    parser = argparse.ArgumentParser(prog="command")
    add_options(parser, Config)
    text = parser.format_help()
    assert text.index("\ndata:\n") < text.index("--count INT", text.index("\ndata:\n"))
    assert "Learning rate; see --count" in text


def test_fields_come_group_by_group_in_the_order_of_the_class():
    from fusioncolor.config import PredictConfig
    from fusioncolor.config.fields import ordered_fields

    groups = [entry.metadata.get("group") for entry in ordered_fields(PredictConfig)]
    assert list(dict.fromkeys(groups)) == [None, *PredictConfig.GROUPS]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)


def test_a_name_that_is_none_of_the_choices_is_refused_from_python_too():
    from fusioncolor.config import ColorizeOptions, ExportConfig, TrainConfig

    for config, options in (
        (TrainConfig, {"folder": "photographs", "schedule": "linear"}),
        (TrainConfig, {"folder": "photographs", "monitor": "val_lose"}),
        (ExportConfig, {"format": "caffe"}),
        (ColorizeOptions, {"decode": "median"}),
    ):
        with pytest.raises(InputError, match="must be one of"):
            config(**options)


@dataclass(frozen=True)
class _Call:
    folder: Path | None = option(None, "A folder")  # noqa: RUF009
    photographs: list[Path] = option([], "Photographs")  # noqa: RUF009
    models: list[str] = option([], "Models")  # noqa: RUF009
    count: int = option(1, "A number", minimum=1)

    def __post_init__(self) -> None:
        convert_options(self)
        check_options(self)


def test_a_call_gives_paths_as_strings_and_single_values_for_lists():
    made = config_of(_Call, "photographs", "scans", {"folder": "a", "models": Path("runs/best"), "count": 3})
    assert made == _Call(Path("a"), [Path("scans")], ["runs/best"], 3)
    assert config_of(_Call, "photographs", ["a", Path("b")], {}).photographs == [Path("a"), Path("b")]
    assert config_of(_Call, "folder", None, {}).folder is None
    assert config_of(_Call, "folder", made, {}) is made


def test_an_unknown_option_of_a_call_is_named_with_the_nearest_one():
    with pytest.raises(TypeError, match="no option 'modells'; did you mean 'models'"):
        config_of(_Call, "folder", "a", {"modells": 1})
    with pytest.raises(InputError, match="`count` must be 1 or more"):
        config_of(_Call, "folder", "a", {"count": 0})
    with pytest.raises(TypeError, match="'count' is given beside a _Call"):
        config_of(_Call, "folder", _Call(), {"count": 1})


def test_every_config_takes_a_string_for_a_path(tmp_path):
    (tmp_path / "photo.png").touch()
    photo = str(tmp_path / "photo.png")
    assert EvaluateConfig(photographs=photo, reference=photo).reference == [Path(photo)]
    assert PredictConfig(photographs=photo, truth=str(tmp_path), grid=True).truth == tmp_path
    assert CompareConfig([str(tmp_path)]).folders == [tmp_path]
    assert TrainConfig(str(tmp_path), run="runs/a").run == Path("runs/a")
