import pytest

from fusioncolor.data.sharing import Share


@pytest.mark.parametrize("count", [1, 2, 3])
def test_parts_make_the_batch(count):
    order = list(range(100))
    parts = [order[Share(index, count).part(slice(12, 18))] for index in range(count)]
    assert {len(part) for part in parts} == {6 // count}
    assert [place for part in parts for place in part] == order[12:18]


def test_alone_a_process_reads_the_whole_batch():
    assert Share().part(slice(3, 10)) == slice(3, 10)
