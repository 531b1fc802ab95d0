import logging

from fusioncolor.runtime.reporting import SILENT, Bar, Reporter


def test_messages_go_to_the_log_at_their_level_and_nothing_is_printed(caplog, capsys):
    caplog.set_level(logging.INFO, "fusioncolor")
    SILENT.info("three photographs")
    SILENT.warning("one is gray")
    SILENT.error("one is torn")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("INFO", "three photographs"),
        ("WARNING", "one is gray"),
        ("ERROR", "one is torn"),
    ]
    assert capsys.readouterr() == ("", "")


def test_a_tracked_iterable_is_passed_through_one_step_per_item():
    steps = []

    class Counting(Bar):
        def advance(self, count=1):
            steps.append(count)

    class Drawing(Reporter):
        def bar(self, label, total, *, unit="img"):
            steps.append((label, total, unit))
            return super().bar(label, total, unit=unit)

    reporter = Drawing()
    assert list(reporter.track(iter("abc"), "letters", 3)) == ["a", "b", "c"]
    assert steps == [("letters", 3, "img")]
