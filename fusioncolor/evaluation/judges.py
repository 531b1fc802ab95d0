"""Judges that run in a separate process."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from fusioncolor.errors import InputError

_loaded = {}  # the judge, in the other process


class Elsewhere:
    """A judge in a separate process, whose methods are called by name.

    Attributes:
        described: one line for the protocol.
    """

    def __init__(self, kind: type, *arguments) -> None:
        """Starts the process and loads the judge.

        Args:
            kind: class of the judge.
            *arguments: arguments of its constructor.

        Raises:
            InputError: the judge cannot be loaded.
        """
        self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.described = self._submit(_load, kind, arguments)

    def ask(self, method: str, *arguments):
        """Calls a method of the judge.

        Raises:
            InputError: its process has ended.
        """
        return self._submit(_ask, method, arguments)

    def _submit(self, function, *arguments):
        try:
            return self._pool.submit(function, *arguments).result()
        except BrokenProcessPool as error:
            raise InputError(
                "the process of LPIPS or FID ended unexpectedly; leave them out, or check the installation of PyTorch"
            ) from error


def _load(kind: type, arguments: tuple) -> str:
    _loaded["judge"] = kind(*arguments)
    return _loaded["judge"].described


def _ask(method: str, arguments: tuple):
    return getattr(_loaded["judge"], method)(*arguments)
