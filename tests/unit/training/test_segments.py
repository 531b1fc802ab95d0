import pytest

from fusioncolor.config import TrainConfig
from fusioncolor.training.segments import Segment, segments_from

TWO_SIZES = {"image_size": "32:2,64:3"}


@pytest.mark.parametrize(
    ("options", "epoch", "step", "expected"),
    [
        ({"epochs": 5}, 0, 0, [Segment(None, 0, 5, 0, True)]),
        ({"epochs": 5}, 2, 0, [Segment(None, 2, 5, 0, False)]),
        ({"epochs": 5}, 2, 7, [Segment(None, 2, 3, 7, False), Segment(None, 3, 5, 0, False)]),
        ({"epochs": 5}, 4, 7, [Segment(None, 4, 5, 7, False)]),
        ({"epochs": 5}, 5, 0, []),
        (TWO_SIZES, 0, 0, [Segment(32, 0, 2, 0, True), Segment(64, 2, 5, 0, True)]),
        (TWO_SIZES, 0, 7, [Segment(32, 0, 1, 7, False), Segment(32, 1, 2, 0, False), Segment(64, 2, 5, 0, True)]),
        (TWO_SIZES, 1, 0, [Segment(32, 1, 2, 0, False), Segment(64, 2, 5, 0, True)]),
        (TWO_SIZES, 2, 0, [Segment(64, 2, 5, 0, True)]),
        (TWO_SIZES, 2, 7, [Segment(64, 2, 3, 7, False), Segment(64, 3, 5, 0, False)]),
    ],
)
def test_what_is_left_begins_where_the_training_stopped(options, epoch, step, expected):
    assert list(segments_from(TrainConfig(folder=".", **options), epoch, step)) == expected
