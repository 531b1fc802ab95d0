import itertools
import tarfile
from pathlib import Path

import numpy as np

from fusioncolor.data import shards


def test_photographs_are_grouped_by_archive_and_loose_ones_come_last(tmp_path):
    for name in ("a.tar", "b.tar"):
        with tarfile.open(tmp_path / name, "w"):
            pass
    names = ("a.tar/1.jpg", "x/2.jpg", "b.tar/3.jpg", "a.tar/deep/4.jpg")
    groups = shards.groups_of([tmp_path / name for name in names])
    assert [list(one) for one in groups] == [[0, 3], [2], [1]]
    assert shards.groups_of([Path("1.jpg"), Path("x/2.jpg")]) == []


def test_every_index_comes_once_and_only_a_few_groups_are_mixed():
    groups = np.split(np.random.default_rng(1).permutation(400), 40)
    order = shards.order(groups, np.random.default_rng([0, 1, 2]))
    assert sorted(order) == list(range(400))
    group_of = {index: number for number, group in enumerate(groups) for index in group}
    windows = [{group_of[index] for index in order[start : start + 80]} for start in range(0, 400, 80)]
    assert [len(window) for window in windows] == [shards.TOGETHER] * 5
    first = [group_of[index] for index in order[:80]]
    assert sum(a != b for a, b in itertools.pairwise(first)) > 40  # mixed, not one after the other


def test_the_order_depends_on_the_generator_alone():
    groups = np.split(np.arange(100), 20)
    same = [shards.order(groups, np.random.default_rng([0, 1, 2])) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert (shards.order(groups, np.random.default_rng([0, 1, 3])) != same[0]).any()
