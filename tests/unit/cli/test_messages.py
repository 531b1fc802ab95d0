from dataclasses import dataclass, field

import pytest

from fusioncolor.cli.messages import TerminalReporter, with_flags


@dataclass
class Options:
    batch_size: int = 8
    folder: str = field(default="", metadata={"positional": True})


def test_options_in_messages_become_flags_and_other_names_stay():
    said = "`batch_size` must be 1 or more; see `max_megapixels` and `folder`"
    assert with_flags(said, Options) == "--batch-size must be 1 or more; see `max_megapixels` and FOLDER"


def test_messages_go_to_standard_output_and_the_rest_to_standard_error(capsys):
    reporter = TerminalReporter(Options)
    reporter.info("`batch_size` is 8")
    reporter.warning("careful")
    reporter.error("no `folder`")
    printed = capsys.readouterr()
    assert printed.out == "--batch-size is 8\n"
    assert printed.err == "warning: careful\nerror: no FOLDER\n"


@pytest.mark.parametrize("items", [[], [1, 2, 3]])
def test_what_is_tracked_comes_through(items):
    assert list(TerminalReporter(Options).track(iter(items), "counting", len(items))) == items
