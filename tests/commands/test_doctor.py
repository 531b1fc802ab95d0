from fusioncolor import diagnosis
from fusioncolor.diagnosis import Finding


def test_findings_are_printed_under_their_sections(run_command, monkeypatch):
    found = [Finding("machine", "Python", "3"), Finding("formats", "tif", "gone", broken=True)]
    monkeypatch.setattr(diagnosis, "diagnose", lambda measure: found)
    done = run_command("doctor")
    assert done.returncode == 1
    assert done.stdout == "machine\n  Python: 3\n\nformats\n  BROKEN tif: gone\n\n1 broken: tif\n"


def test_nothing_broken_is_said(run_command, monkeypatch):
    monkeypatch.setattr(diagnosis, "diagnose", lambda measure: [Finding("machine", "Python", "3")])
    done = run_command("doctor", "--no-measure")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "nothing is broken")
