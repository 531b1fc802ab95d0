import numpy as np
from support import exported, require

from fusioncolor import images


def test_predict_runs_an_exported_network(trained_run, scenes, tmp_path, run_command):
    require("openvino")
    path = exported(trained_run, tmp_path, "openvino")
    one = images.find_in(scenes)[0]
    for name, options in (("keras", []), ("engine", ["--engine", path])):
        options = ["--weights", trained_run / "best", "--precision", "float32", "--output", tmp_path / name, *options]
        done = run_command("predict", one, *options)
        assert done.returncode == 0, done.stderr
    pictures = [images.read(tmp_path / name / one.name).rgb.astype(int) for name in ("keras", "engine")]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    rerun = run_command("predict", one, *options)
    assert "0 photographs colorized" in rerun.stdout
