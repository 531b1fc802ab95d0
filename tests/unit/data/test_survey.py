import numpy as np
import pytest

from fusioncolor import images
from fusioncolor.data import survey
from fusioncolor.errors import InputError
from fusioncolor.runtime.reporting import Reporter


def test_of_the_kaggle_folder_as_unpacked_only_color_is_used(tmp_path, caplog):
    for name in ["landscape Images/color/0.jpg", "landscape Images/gray/0.jpg", "else/gray/1.jpg"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def found(folder):
        return [path.relative_to(tmp_path).as_posix() for path in survey.find(folder)]

    assert found(tmp_path / "landscape Images") == ["landscape Images/color/0.jpg"]
    assert found(tmp_path) == ["else/gray/1.jpg", "landscape Images/color/0.jpg"]
    assert found(tmp_path / "landscape Images" / "gray") == ["landscape Images/gray/0.jpg"]
    with caplog.at_level("INFO"):
        survey.find(tmp_path, reporter=Reporter())
    assert caplog.messages == ["left out: 1 in folders of gray copies beside color/"]


def test_a_missing_and_an_empty_folder_are_named(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        survey.find(tmp_path / "none")
    with pytest.raises(InputError, match="no image in folder"):
        survey.find(tmp_path)


def test_the_survey_sorts_out_gray_and_unreadable_files(tmp_path, scenes):
    scene = images.find_in(scenes)[0]
    gray = np.repeat(images.read(scene).rgb[..., :1], 3, axis=-1)
    images.write(tmp_path / "gray.jpg", gray)
    (tmp_path / "bad.jpg").write_text("no picture")
    found = survey.survey([scene, tmp_path / "gray.jpg", tmp_path / "bad.jpg"], workers=2)
    assert found.in_color == [scene]
    assert found.gray == [tmp_path / "gray.jpg"]
    assert len(found.unreadable) == 1
    assert "bad.jpg" in found.unreadable[0]
