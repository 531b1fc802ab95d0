import logging

from fusioncolor.runtime.reporting import SILENT


def test_from_python_messages_go_to_logging_and_nothing_is_printed(caplog, capsys):
    with caplog.at_level(logging.INFO, logger="fusioncolor"):
        SILENT.info("working")
        SILENT.warning("careful")
        SILENT.error("failed")
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("INFO", "working"),
        ("WARNING", "careful"),
        ("ERROR", "failed"),
    ]
    assert list(SILENT.track([1, 2], "counting", 2)) == [1, 2]
    with SILENT.bar("counting", 2) as bar:
        bar.advance()
        bar.note("half")
        bar.rename("still counting")
    assert capsys.readouterr() == ("", "")
