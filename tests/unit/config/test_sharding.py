import pytest

from fusioncolor.config.sharding import Shard
from fusioncolor.errors import InputError


def test_a_part_and_the_number_of_parts_are_read():
    assert Shard.parse("3/16") == Shard(3, 16)
    assert Shard.parse("1/1") == (1, 1)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "3", "3/", "-1/4", "1/4/2", "a/b", ""])
def test_anything_else_is_refused(text):
    with pytest.raises(InputError, match="`shard` must be a part and the number of parts"):
        Shard.parse(text)


def test_labels_sort_by_number():
    labels = [Shard(number, 16).label for number in range(1, 17)]
    assert labels == sorted(labels)
    assert labels[2] == "03-of-16"
