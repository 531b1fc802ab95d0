import pytest

from fusioncolor.errors import InputError
from fusioncolor.quiz import answers
from fusioncolor.quiz.answers import Answer


def given(person: int, fooled: bool, weights: str = "photographs") -> Answer:
    return Answer(person, "a, b.jpg", weights, "left", "right" if fooled else "left", 1.5)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [  # by hand: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n), z = 1.96
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe, 1998, table I
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(count, total, low, high):
    assert answers.wilson(count, total) == pytest.approx((low, high), abs=1e-4)


def test_answers_come_back_as_they_were(tmp_path):
    every = [given(1, True), given(2, False)]
    answers.write(tmp_path, every)
    assert answers.read(tmp_path) == every
    assert answers.read(tmp_path / "new") == []


def test_the_table_counts_by_weights():
    every = [given(1, True), given(1, False), given(2, False), given(2, False), given(2, True, "landscapes")]
    table = answers.table(every)
    assert "| photographs | 2 | 4 | 1 | 25.0 % | 4.6 to 69.9 % |" in table
    assert "| landscapes | 1 | 1 | 1 | 100.0 % | 20.7 to 100.0 % |" in table


@pytest.mark.parametrize("content", ["person\nx\n", "a,b\n1,2\n", "person,photograph\n1,2,3,4\n"])
def test_another_file_is_not_taken_for_answers(tmp_path, content):
    (tmp_path / answers.ANSWERS).write_text(content)
    with pytest.raises(InputError, match="not a file of answers"):
        answers.read(tmp_path)
