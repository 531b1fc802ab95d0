import pytest

from fusioncolor.cli import commands


@pytest.mark.slow
@pytest.mark.keras
def test_the_table_of_systems_names_each_with_parameters_size_heads_and_reference(capsys):
    assert commands.main(["models"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()[1:]}
    assert list(lines) == ["fusion", "dense", "plain", "residual", "resnet", "sift"]
    assert "regression, classification" in lines["fusion"]
    assert "256x256" in lines["fusion"]
    assert "Zhang et al. 2016" in lines["plain"]
