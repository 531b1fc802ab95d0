import time

import pytest

from fusioncolor.cli import messages
from fusioncolor.cli.messages import TerminalReporter, with_flags
from fusioncolor.config import PredictConfig, VideoConfig
from fusioncolor.runtime.backend import stderr_silenced


def test_options_in_backticks_become_flags_and_everything_else_stays():
    assert with_flags("lower `batch_size`. Received: 0", PredictConfig) == "lower --batch-size. Received: 0"
    assert with_flags("name `photographs` first", PredictConfig) == "name PHOTOGRAPHS first"
    assert with_flags("`source` is missing", VideoConfig) == "IN is missing"  # as in the help
    assert with_flags("`toned=False` or `other=False`", PredictConfig) == "--no-toned or `other=False`"
    assert with_flags("`no_option` of `a b`", PredictConfig) == "`no_option` of `a b`"


def test_messages_are_printed_and_problems_go_to_standard_error(capsys):
    reporter = TerminalReporter(PredictConfig)
    reporter.info("see `output`")
    reporter.warning("a `grid` is old")
    reporter.error("a.jpg: torn")
    assert capsys.readouterr() == ("see --output\n", "warning: a --grid is old\nerror: a.jpg: torn\n")


def test_a_bar_that_is_quickly_done_leaves_nothing_behind(capsys):
    assert list(TerminalReporter(PredictConfig).track([1, 2], "counting", 2)) == [1, 2]
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize(("total", "text"), [(7, "0/7"), (1, "colorizing: 0 s")])
@pytest.mark.parametrize(("drawn_after", "seen"), [(0.05, True), (60, False)])
def test_a_bar_or_seconds_are_drawn_before_a_first_step_that_takes_long(
    total, text, drawn_after, seen, capfd, monkeypatch
):
    monkeypatch.setattr(messages, "_DRAWN_AFTER", drawn_after)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with TerminalReporter(PredictConfig).bar("colorizing", total):
        time.sleep(0.5)
    drawn = capfd.readouterr().err
    assert (text in drawn) is seen
    assert drawn.split("\r")[-1].strip() == ""  # the line is empty again


def test_a_log_file_gets_a_line_a_minute(capsys, monkeypatch):
    clock = iter(range(0, 100_000, 25))
    monkeypatch.setattr(messages.time, "monotonic", lambda: next(clock))
    with TerminalReporter(PredictConfig).bar("colorizing", 10) as bar:
        for _ in range(10):
            bar.note("loss=0.5")
            bar.advance()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3  # in 250 seconds
    assert lines[0] == "colorizing: 3 of 10, 25.00s/img, 02:55 left, loss=0.5"


def test_what_is_loaded_before_the_first_step_is_not_in_the_rate(capsys, monkeypatch):
    clock = iter([0, 600, 610, 661])
    monkeypatch.setattr(messages.time, "monotonic", lambda: next(clock))
    with TerminalReporter(PredictConfig).bar("copying", None, unit="B") as bar:
        for _ in range(3):
            bar.advance(61_000)
    assert capsys.readouterr().err.splitlines() == ["copying: 61.0k", "copying: 183k, 2.00kB/s"]


def test_a_quiet_reporter_prints_problems_only(capsys):
    reporter = TerminalReporter(PredictConfig, quiet=True)
    reporter.info("working")
    reporter.warning("odd")
    assert list(reporter.track([1], "counting", 1)) == [1]
    assert capsys.readouterr() == ("", "warning: odd\n")


def test_seconds_are_drawn_while_standard_error_is_silenced(capfd, monkeypatch):
    monkeypatch.setattr(messages, "_DRAWN_AFTER", 0.05)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with TerminalReporter(PredictConfig).bar("loading", 1), stderr_silenced():
        time.sleep(0.5)
    assert "loading: 0 s" in capfd.readouterr().err


def test_of_two_things_at_a_time_the_inner_one_is_shown_and_a_message_clears_the_line(capfd, monkeypatch):
    monkeypatch.setattr(messages, "_DRAWN_AFTER", 0.05)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    reporter = TerminalReporter(PredictConfig)
    with reporter.bar("outer", 1):
        with reporter.bar("inner", 1):
            time.sleep(0.5)
            reporter.warning("odd")
        time.sleep(0.5)
    drawn = capfd.readouterr().err
    assert drawn.index("inner: 0 s") < drawn.index("outer: ")
    assert f"\r{' ' * len('inner: 0 s')}\rwarning: odd\n" in drawn


def test_no_seconds_are_counted_in_a_log_file_or_quietly(capfd, monkeypatch):
    monkeypatch.setattr(messages, "_DRAWN_AFTER", 0.05)
    with TerminalReporter(PredictConfig).bar("colorizing", 1):
        time.sleep(0.3)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with TerminalReporter(PredictConfig, quiet=True).bar("colorizing", 1):
        time.sleep(0.3)
    assert capfd.readouterr().err == ""
