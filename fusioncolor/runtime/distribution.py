"""Several devices, in one process or in several on different hosts, that train one network together.

Every device computes its part of each batch, and all keep the same weights (data parallelism):
`keras.distribution.DataParallel` on JAX, `tf.distribute.MirroredStrategy` on TensorFlow, in one process.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module

import keras
import numpy as np

from fusioncolor.errors import InputError, ResourceError

_HEARTBEAT = 15  # seconds without a sign of life after which JAX gives a process up
_START = 300  # seconds to wait for all processes at the start
_SHUTDOWN = 10  # seconds to wait for the others at the end
_LOST = ("gloo", "connection closed by peer", "connection reset", "heartbeat", "coordination", "unavailable", "nccl")


@dataclass(frozen=True)
class Group:
    """The processes and devices of a training, from the point of view of one process.

    Attributes:
        index: number of this process, from 0; process 0 alone writes files.
        processes: number of processes.
        devices: number of devices of all processes together; 0 if the training is not distributed.
        replicas: by how many Keras divides each loss that it computes, because it adds their gradients up.
    """

    index: int = 0
    processes: int = 1
    devices: int = 0
    replicas: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.index == 0

    def any(self, flag: bool) -> bool:
        """Tells every process whether any of them has set a flag; all must call it at the same point."""
        if self.processes == 1:
            return flag
        return bool(_together().process_allgather(np.array(flag)).any())

    def wait(self, moment: str) -> None:
        """Waits until all processes have come to the same point."""
        if self.processes > 1:
            _together().sync_global_devices(moment)

    @contextmanager
    def locally(self) -> Iterator[None]:
        """Lets one process do something without the others, such as saving weights."""
        distribution = keras.distribution.distribution()
        if self.processes > 1:  # otherwise Keras compares every new variable with those of the other processes
            keras.distribution.set_distribution(None)
        try:
            yield
        finally:
            keras.distribution.set_distribution(distribution)

    def synchronize(self, network: keras.Model) -> None:
        """Lets batch normalization see the whole batch, where a device would see its own part of it."""
        if self.replicas > 1:
            for layer in network.layers:
                if isinstance(layer, keras.Model):
                    self.synchronize(layer)
                elif isinstance(layer, keras.layers.BatchNormalization):
                    layer.synchronized = True

    def check_batch(self, batch_size: int) -> None:
        """Refuses batches that cannot be cut into equal parts.

        Raises:
            InputError: the number of devices does not divide the batch.
        """
        if self.devices and batch_size % self.devices:
            raise InputError(
                f"`batch_size` {batch_size} cannot be shared by {self.devices} devices: make it a multiple of "
                f"{self.devices}"
            )


ALONE = Group()


@contextmanager
def joined(devices: int | None, hosts: Sequence[str], index: int) -> Iterator[Group]:
    """Joins the other processes, and distributes everything that Keras computes in the block.

    Args:
        devices: devices to use in each process; None for all if there are several hosts, else for no distribution.
        hosts: "address:port" of every process; processes meet at the first. Empty for one process.
        index: number of this process in `hosts`, from 0.

    Raises:
        InputError: the backend cannot do it, or there are too few devices.
        ResourceError: the processes do not find each other, or one of the others ends.
    """
    if devices is None and not hosts:
        yield ALONE
        return
    backend = keras.backend.backend()
    if backend == "tensorflow" and not hosts:
        with _on_tensorflow(devices) as group:
            yield group
        return
    if backend != "jax":
        needed = "`hosts` need the JAX backend" if backend == "tensorflow" else "`devices` and `hosts` need JAX"
        raise InputError(f"{needed}, not {backend}: set KERAS_BACKEND=jax everywhere")
    try:
        with _on_jax(devices, hosts, index) as group:
            yield group
    except Exception as error:
        if len(hosts) > 1 and any(words in str(error).lower() for words in _LOST):
            raise ResourceError("another process of this training has ended or cannot be reached") from error
        raise


@contextmanager
def _on_tensorflow(devices: int) -> Iterator[Group]:
    config, distribute = import_module("tensorflow").config, import_module("tensorflow").distribute
    kind = "GPU" if config.list_logical_devices("GPU") else "CPU"
    found = config.list_logical_devices(kind)
    _check_number(len(found), devices, kind.lower())
    with distribute.MirroredStrategy([device.name for device in found[:devices]]).scope():
        yield Group(devices=devices, replicas=devices)


@contextmanager
def _on_jax(devices: int | None, hosts: Sequence[str], index: int) -> Iterator[Group]:
    jax = import_module("jax")
    if len(hosts) > 1:
        _meet(jax, hosts, index)
    try:
        chosen = [
            device for number in range(jax.process_count()) for device in _devices_of(jax, number, devices)
        ]  # of all processes, in their order
        distribution = keras.distribution.DataParallel(
            devices=[f"{device.platform}:{device.id}" for device in chosen], auto_shard_dataset=False
        )
        with distribution.scope():
            yield Group(jax.process_index(), jax.process_count(), len(chosen))
    except KeyboardInterrupt:  # which all processes agree on
        _part(jax, hosts)
        raise
    _part(jax, hosts)


def _part(jax, hosts: Sequence[str]) -> None:
    """Takes leave of the other processes, which must do so too; after an error, JAX would end the process here."""
    if len(hosts) > 1:
        with suppress(Exception):
            jax.distributed.shutdown()


def _meet(jax, hosts: Sequence[str], index: int) -> None:
    try:
        jax.distributed.initialize(
            hosts[0],
            len(hosts),
            index,
            initialization_timeout=_START,
            heartbeat_timeout_seconds=_HEARTBEAT,
            shutdown_timeout_seconds=_SHUTDOWN,
        )
    except RuntimeError as error:
        raise ResourceError(
            f"the {len(hosts)} processes of `hosts` did not find each other at {hosts[0]} within {_START} seconds: "
            "start the same command on every host, with its own `host_index`"
        ) from error


def _devices_of(jax, process: int, wanted: int | None) -> list:
    found = [device for device in jax.devices() if device.process_index == process]
    _check_number(len(found), wanted, jax.default_backend())
    return found[:wanted]


def _check_number(found: int, wanted: int | None, kind: str) -> None:
    if wanted is not None and found < wanted:
        raise InputError(f"`devices` is {wanted}, but there {'is' if found == 1 else 'are'} only {found} ({kind})")


def _together():
    return import_module("jax.experimental.multihost_utils")
