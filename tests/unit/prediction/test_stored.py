from pathlib import Path

import pytest

from fusioncolor.prediction import stored
from fusioncolor.prediction.plan import Task
from fusioncolor.prediction.summary import Outcome

TASKS = [
    Task(Path("in/b.jpg"), Path("out/b.jpg")),
    Task(Path("in/a\udcff.gif"), Path("out/a-2.png"), Path("color/a.png"), True, (Path("in/a.hint.json"),)),
]


def test_a_plan_comes_back_in_its_order():
    with stored.store() as store:
        planned = store.tasks("planned", iter(TASKS))
        assert len(planned) == 2
        assert list(planned) == list(planned) == TASKS
        assert planned[1] == TASKS[1]
        for number in (-1, 2):
            with pytest.raises(IndexError):
                planned[number]


def test_outcomes_and_entries_come_back_by_name():
    outcome = Outcome("in/a.jpg", "out/a.jpg", "done", 1.25, 40, 30, "two pages", 7.5)
    with stored.store() as store:
        outcomes, entries = store.outcomes("outcomes"), store.entries("entries")
        outcomes[outcome.result] = outcome
        entries["a.jpg"] = {"bytes": 12, "facts": {"width": None}}
        assert dict(outcomes) == {outcome.result: outcome}
        assert entries.get("a.jpg") == {"bytes": 12, "facts": {"width": None}}
        assert entries.get("b.jpg") is None
