import pytest

from fusioncolor import files


def test_it_is_a_dictionary(tmp_path):
    with files.lookup(tmp_path / "x") as found:
        found["b"], found["a"], found["\udcff"] = "1", "2", "\udcfe"
        found["b"] = "3"
        assert dict(found) == {"a": "2", "b": "3", "\udcff": "\udcfe"}
        assert len(found) == 3
        assert "c" not in found
        del found["a"]
        assert "a" not in found
        with pytest.raises(KeyError):
            del found["a"]


def test_names_come_sorted_in_any_number(tmp_path):
    with files.lookup(tmp_path / "x") as found:
        for number in reversed(range(2500)):
            found[f"{number:04}"] = str(number)
        assert list(found) == [f"{number:04}" for number in range(2500)]
        assert list(found.texts()) == [str(number) for number in range(2500)]
