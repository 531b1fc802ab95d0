"""Options of work that is shared out to the machines of a cluster."""

import re
from dataclasses import dataclass

from fusioncolor.config.fields import option
from fusioncolor.errors import InputError

_ADDRESS = re.compile(r"[^:/\s]+:\d{1,5}")
CLUSTER = "cluster"  # group in the help


@dataclass(frozen=True)
class ClusterOptions:
    """Where to work; each option is described by the help text of its field."""

    cluster: str | None = option(
        None,
        "Share the photographs out to the machines of a cluster. ray: a Ray cluster, or the workers of "
        "this machine alone. All machines must have this program and see the same files under the same paths",
        group=CLUSTER,
        choices=("ray",),
    )
    cluster_address: str | None = option(
        None,
        "Address of the cluster's head, such as 10.0.0.5:6379 (default: the variable RAY_ADDRESS, or a cluster of this "
        "machine alone, which is started)",
        group=CLUSTER,
        metavar="HOST:PORT",
    )
    cluster_cpus: int | None = option(
        None,
        "CPUs for each worker, of which there are as many as fit (default: 4, or those of the largest machine if it "
        "has fewer)",
        group=CLUSTER,
        minimum=1,
    )

    def check_cluster(self) -> None:
        """Refuses options of a cluster where none is used, and addresses of another form.

        Raises:
            InputError: an option has no effect, or the address is none.
        """
        for name in ("cluster_address", "cluster_cpus"):
            if getattr(self, name) is not None and not self.cluster:
                raise InputError(f"`{name}` is for `cluster`: add `cluster` ray, or leave out `{name}`")
        if self.cluster_address is not None and not _ADDRESS.fullmatch(self.cluster_address):
            raise InputError(
                "`cluster_address` must be a host and a port, such as 10.0.0.5:6379, and this command must run on a "
                f"machine of the cluster. Received: {self.cluster_address}"
            )
