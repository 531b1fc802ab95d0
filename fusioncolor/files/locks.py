"""Advisory locks on files, so that two commands never write to one folder."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fusioncolor.errors import InputError

try:
    import fcntl
except ImportError:  # Windows, where two commands on one folder go unnoticed
    fcntl = None
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # from file systems without locks


@contextmanager
def locked(file: Path, sentence: str, *, shared: bool = False) -> Iterator[bool]:
    """Holds a lock on a file, which is created if need be; the lock ends with the process, however that ends.

    Args:
        file: the file.
        sentence: message for the user when another process holds the lock.
        shared: whether others may share the lock, who then exclude only those that will not share it.

    Yields:
        Whether others are kept out, as far as is known: False on a file system without locks.

    Raises:
        InputError: another process holds the lock.
        OSError: the file cannot be written to.
    """
    with open(file, "ab") as held:
        known = True
        if fcntl is not None:
            try:
                fcntl.flock(held, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(sentence) from error
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                known = False
        yield known
