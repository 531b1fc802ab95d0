import shutil
import subprocess

import pytest

from fusioncolor.cli import commands
from fusioncolor.cli.commands import COMMANDS
from fusioncolor.models import presets


def completed(run_command, tmp_path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    script = tmp_path / "completion.bash"
    script.write_text(run_command("completion", "bash").stdout)
    quoted = " ".join(f"'{word}'" for word in words)
    code = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _fusioncolor"
    code += '; printf "%s\\n" "${COMPREPLY[@]}"'
    return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_options_values_and_files(run_command, tmp_path):
    (tmp_path / "photo.jpg").touch()
    assert set(completed(run_command, tmp_path, "fusioncolor", "")) >= set(COMMANDS)
    assert completed(run_command, tmp_path, "fusioncolor", "pred") == ["predict"]
    assert completed(run_command, tmp_path, "fusioncolor", "predict", "--vividn") == ["--vividness"]
    assert completed(run_command, tmp_path, "fusioncolor", "predict", "--decode", "mo") == ["mode"]
    assert set(presets.PRESETS) <= set(completed(run_command, tmp_path, "fusioncolor", "predict", "--weights", ""))
    assert completed(run_command, tmp_path, "fusioncolor", "predict", "ph") == ["photo.jpg"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_name_every_command_and_are_valid(run_command, tmp_path, shell):
    script = run_command("completion", shell)
    assert script.returncode == 0
    assert all(name in script.stdout for name in COMMANDS)
    assert "vividness" in script.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} to check the syntax")
    (tmp_path / "script").write_text(script.stdout)
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        commands.main(["completion", "ksh"])
    assert stopped.value.code == 2
    assert "shell: no choice 'ksh'" in capsys.readouterr().err
