from fusioncolor.cli.messages import TerminalReporter, with_flags
from fusioncolor.config import PredictConfig


def test_options_in_backticks_become_flags_and_everything_else_stays():
    assert with_flags("lower `batch_size`. Received: 0", PredictConfig) == "lower --batch-size. Received: 0"
    assert with_flags("name `photographs` first", PredictConfig) == "name PHOTOGRAPHS first"
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
