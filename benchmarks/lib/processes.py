"""Measurements in a process of their own."""

import json
import os
import subprocess
import sys

from benchmarks.lib.results import PROJECT


def run_apart(module: str, *arguments: object, **environment: str):
    """Runs `python -m module` in a process of its own and returns the JSON value on its last line of output.

    Every backend starts alone this way, and none is slowed down by what another one left behind.

    Args:
        module: such as "benchmarks.programs.network".
        *arguments: command-line arguments.
        **environment: environment variables to add, such as `KERAS_BACKEND="jax"`.

    Returns:
        The value, or None if the process failed; the reason is printed to standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["killed"])[-1][:150]
        print(f"{module} left out: {reason}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])
