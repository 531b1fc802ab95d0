"""Work on the machines of a Ray cluster: jobs go out, and what the workers say about them comes back.

Ray Data keeps one worker process for every few CPUs, starts others in place of those that die, and repeats their jobs.
So a job may be done more than once, and must have the same effect each time. Jobs and answers are small; files are read
and written by the workers.
"""

import itertools
import logging
import os
import pickle
import queue
import re
import socket
import threading
import warnings
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fusioncolor.errors import FusionColorError, InputError, ResourceError, not_installed
from fusioncolor.runtime.backend import stderr_silenced
from fusioncolor.version import __version__

_MOST = 64  # items in a job: what is done again if a worker dies
_ROUNDS = 4  # jobs for each worker, at least, so that none waits long for the last
_CPUS = 4  # for a worker, by default; a process that colorizes keeps several busy
_ATTEMPTS = 3  # repetitions of a job whose worker died
_PATIENCE = 5  # seconds to wait for the head of a cluster
_STARTS = 4  # of servers on this machine, each of which Ray gives half a minute
_WAITING = 256  # answers that wait for the driver
_LOOK = 0.2  # seconds after which a thread that waits looks whether it still should
_JOBS = 2048  # that Ray gets at a time, at least: until all are done, it keeps some 20 kB of each
_JOBS_EACH = 32  # for each worker, if that is more
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no telemetry
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # no lines of the C++ parts
    "RAY_ENABLE_AUTO_CONNECT": "0",  # no second cluster, started by what still runs when the first is left
}
_PASSED_ON = ("KERAS_BACKEND", "FUSIONCOLOR_")  # starts of the environment variables that workers get too

Work = Callable[[Any], Iterable]
"""Does a job; returns what is to be said about it."""


def check_installed() -> None:
    """Refuses to work on a cluster without Ray.

    Raises:
        InputError: Ray Data is not installed.
    """
    if not find_spec("ray") or not find_spec("pyarrow"):
        raise InputError(f"`cluster` ray: Ray Data is {not_installed('ray')}")


@contextmanager
def connected(address: str | None, cpus: int | None) -> Iterator["Cluster"]:
    """Connects to a Ray cluster, or starts one on this machine for the length of the block.

    Args:
        address: "host:port" of the head; None for that in the variable RAY_ADDRESS, or a cluster of this machine alone,
            which is started.
        cpus: CPUs for each worker; None for 4, or all of the largest machine if it has fewer.

    Raises:
        InputError: there is no cluster at this address, or no machine in it has so many CPUs.
    """
    check_installed()
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    address = address or os.environ.get("RAY_ADDRESS", "local")
    _check_reachable(address)
    ray = import_module("ray")
    import_module("ray.data")
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # jobs whose worker died are its errors
    try:
        with stderr_silenced():
            _init(ray, address)
    except Exception as error:  # Ray raises this very class, among others
        raise InputError(f"no Ray cluster at {address} (`cluster_address`): {' '.join(str(error).split())}") from error
    try:
        sizes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        largest = max(sizes, default=0)
        if largest < (cpus or 1):
            raise InputError(f"no machine of the cluster has {cpus or 1} CPUs (`cluster_cpus`); the largest: {largest}")
        yield Cluster(cpus or min(_CPUS, largest), sum(sizes))
    finally:
        ray.shutdown()


def _init(ray, address: str) -> None:
    """Connects to a cluster, or starts one; a busy machine may need several attempts."""
    for attempt in range(1, _STARTS + 1):
        try:
            ray.init(address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
            return
        except Exception as error:  # Ray raises this very class
            if attempt == _STARTS or "timed out during startup" not in str(error):
                raise


def _check_reachable(address: str) -> None:
    """Refuses an address at which nobody answers, for which Ray would wait many minutes."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():  # "local"
        return
    try:
        socket.create_connection((host, int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"nobody answers at {address} (`cluster_address`): start it with ray start --head") from error


def _cause(error: Exception) -> str:
    """Returns the line of a message of Ray's that says why: the last of a traceback in it, or else the first."""
    lines = (str(error).strip() or type(error).__name__).splitlines()
    return next((line for line in reversed(lines) if re.match(r"\w+(Error|Exception): ", line)), lines[0])


@dataclass(frozen=True)
class Cluster:
    """A cluster that is connected.

    Attributes:
        cpus: CPUs for each worker.
        all_cpus: CPUs of all machines, at the time of the connection.
    """

    cpus: int
    all_cpus: int

    @property
    def workers(self) -> int:
        """The number of workers that fit, if they fill the machines."""
        return max(1, self.all_cpus // self.cpus)

    def answers(
        self, start: Callable[[], Work], jobs: Iterable[Any], *, stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Any]:
        """Does jobs on all machines; yields what is said about each, in any order.

        Nothing is said about a job whose worker died again and again. Workers are started anew after some thousand
        jobs, so that Ray forgets them.

        Args:
            start: called once in each worker; returns what does a job.
            jobs: the jobs; anything that can be pickled. They are taken in another thread, as they are needed.
            stopped: asked several times a second; once it is true, no more is yielded.

        Raises:
            FusionColorError: a job raised it.
            ResourceError: the cluster cannot run workers.
        """
        answers: queue.Queue = queue.Queue(_WAITING)
        over = threading.Event()

        def put(answer: Any) -> None:
            while not over.is_set():
                with suppress(queue.Full):
                    answers.put(answer, timeout=_LOOK)
                    return
            raise _Over

        def collect() -> None:
            with suppress(_Over):
                self._collect(start, jobs, put)

        thread = threading.Thread(target=collect, daemon=True)
        thread.start()
        try:
            while not stopped():
                try:
                    answer = answers.get(timeout=_LOOK)
                except queue.Empty:
                    continue
                if answer is None:
                    return
                if isinstance(answer, Exception):
                    raise answer
                yield answer[0]
        finally:
            over.set()
            thread.join(_PATIENCE)  # Ray crashes at times if it is left while another thread uses it

    def _collect(self, start: Callable[[], Work], jobs: Iterable[Any], put: Callable[[Any], None]) -> None:
        """Puts each answer as a tuple, then None; an exception ends it."""
        jobs, most = iter(jobs), max(_JOBS, _JOBS_EACH * self.workers)
        try:
            while rows := [{"job": _packed(job)} for job in itertools.islice(jobs, most)]:
                for batch in self._dataset(start, rows).iter_batches(batch_size=None, batch_format="numpy"):
                    for said in batch["said"]:
                        answer = pickle.loads(said)
                        put(answer if isinstance(answer, Exception) else (answer,))
            put(None)
        except Exception as error:
            put(ResourceError(f"the cluster cannot run workers of fusioncolor {__version__}: {_cause(error)}"))

    def _dataset(self, start: Callable[[], Work], rows: list[dict]):
        data = import_module("ray.data")
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1  # a job that kills its worker does not end the others
        passed_on = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
        with warnings.catch_warnings():  # Ray 2.64 will have another place for retries
            warnings.simplefilter("ignore", DeprecationWarning)
            return data.from_items(rows, override_num_blocks=len(rows)).map_batches(
                _Worker,
                fn_constructor_args=(pickle.dumps(start), self.cpus, str(Path.cwd()), passed_on, __version__),
                batch_size=None,
                compute=data.ActorPoolStrategy(min_size=1),
                num_cpus=self.cpus,
                max_task_retries=_ATTEMPTS,
            )


def rounds(
    cluster: Cluster,
    start: Callable[[], Work],
    left: Mapping[int, Any],
    *,
    batch: int = 1,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Any]:
    """Works on items in jobs of several; yields what is said about them, in any order, and perhaps twice.

    Items whose worker died several times are tried once more, each in a job of its own, so that one that kills workers
    is not the end of its neighbors. Nothing is said about those that are left then.

    Args:
        cluster: where to work.
        start: as for `Cluster.answers`; a job is a list of (number, item).
        left: items by number, from which the caller removes those that were answered; looked up as they are needed,
            also in another thread.
        batch: number of items that are not shared out to several workers.
        stopped: as for `Cluster.answers`.

    Raises:
        FusionColorError: a job raised it.
        ResourceError: the cluster cannot run workers.
    """
    fair = -(-len(left) // (_ROUNDS * cluster.workers))
    for most in (min(_MOST, max(fair, batch)), 1):
        numbers = array("q", left)
        if numbers:
            yield from cluster.answers(start, _jobs(numbers, left, most), stopped=stopped)
        if stopped():
            return


def _jobs(numbers: Sequence[int], left: Mapping[int, Any], most: int) -> Iterator[list[tuple[int, Any]]]:
    for first in range(0, len(numbers), most):
        yield [(number, left[number]) for number in numbers[first : first + most]]


def _packed(job: Any) -> bytes:
    return zlib.compress(pickle.dumps(job))


def _unpacked(job: bytes) -> Any:
    return pickle.loads(zlib.decompress(job))


class _Over(BaseException):
    """Ends the thread that collects answers, as nobody waits for them."""


class _Worker:
    """Does jobs in a process on some machine of the cluster."""

    def __init__(self, start: bytes, cpus: int, folder: str, variables: dict[str, str], version: str) -> None:
        """Makes the process like the driver's; what is missing is told in answer to a job.

        Args:
            start: pickled callable that returns what does a job.
            cpus: CPUs that the process may use.
            folder: the driver's working folder.
            variables: environment variables to set.
            version: the driver's version of this package.
        """
        os.environ |= {**variables, "OMP_NUM_THREADS": str(cpus), "TF_NUM_INTRAOP_THREADS": str(cpus)}
        self._start, self._folder, self._version = start, folder, version
        self._work: Work | None = None

    def __call__(self, batch: dict) -> Iterator[dict]:
        """Does the jobs of a batch; an exception is an answer too, because Ray would repeat what raises one."""
        for job in batch["job"]:
            try:
                self._work = self._work or self._started()
                for answer in self._work(_unpacked(job)):
                    yield {"said": [pickle.dumps(answer)]}
            except Exception as error:
                yield {"said": [pickle.dumps(_portable(error))]}

    def _started(self) -> Work:
        if self._version != __version__:
            raise InputError(
                f"a machine of the cluster has fusioncolor {__version__}, and this one {self._version}: install the "
                "same version on all"
            )
        try:
            os.chdir(self._folder)
        except OSError as error:
            raise InputError(
                f"a machine of the cluster has no folder {self._folder}: all must see the same files under the same "
                "paths"
            ) from error
        return pickle.loads(self._start)()


def _portable(error: Exception) -> Exception:
    """Returns an exception that the driver can load."""
    if isinstance(error, FusionColorError):
        return type(error)(str(error))
    import traceback

    return RuntimeError("".join(traceback.format_exception(error)))
