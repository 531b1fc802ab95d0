"""Advisory locks on files, so that two commands never write to one folder."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fusioncolor.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: two commands on one folder are not noticed there
    fcntl = None
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # what file systems without locks answer


@contextmanager
def locked(file: Path, sentence: str) -> Iterator[None]:
    """Holds a lock on a file, which is made if need be; the lock goes with the process, however it ends.

    Raises:
        InputError: another process holds it; says `sentence`.
        OSError: the file cannot be written to.
    """
    with open(file, "ab") as held:
        if fcntl is not None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(sentence) from error
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
        yield
