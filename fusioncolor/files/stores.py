"""Folders and files at addresses: object stores, archives, and the web, through fsspec.

Requests are repeated, with growing pauses: botocore and s3fs do that for S3, and tenacity for everything else. fsspec
and its companions are imported on first use.
"""

import datetime
import errno
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from fusioncolor.addresses import Address
from fusioncolor.errors import InputError, ResourceError, not_installed

WRITABLE = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory")  # that replace an object in one step
_S3 = ("s3", "s3a")
_WEB = ("http", "https")
_ARCHIVES = ("zip", "tar")
_ONE_READER = ("tar",)  # archives whose members are not read by several threads
_TRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0  # seconds; each is at most twice the one before
_CONNECTIONS = 32
_HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)  # of the disk that a file is copied to
_STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "CRC", "mtime", "LastModified", "last_modified", "created")

Result = TypeVar("Result")


class Entry(NamedTuple):
    """A file in a store.

    Attributes:
        name: path below the store's address, with "/" between its parts; the file's name if the address is a file.
        size: bytes; None if the store does not tell.
        stamp: changes when the file does; empty if the store does not tell.
    """

    name: str
    size: int | None
    stamp: str


@dataclass(frozen=True)
class Store:
    """An opened address, of a file or a folder.

    Attributes:
        address: the address.
    """

    address: Address
    _fs: Any
    _root: str
    _reading: AbstractContextManager

    def is_file(self) -> bool:
        """Returns whether there is a file at the address, rather than a folder.

        Raises:
            InputError: there is nothing, or it cannot be reached.
            ResourceError: the network failed.
        """
        if self.address.scheme in _WEB:
            return True
        if self.address.scheme in _S3 and "/" not in self._root.strip("/"):  # a bucket, which may not be described
            return False
        return self._asked(self._fs.info, self._root)["type"] == "file"

    def entry(self, name: str = "") -> Entry:
        """Returns a file in the folder; without a name, the file at the address.

        Raises:
            InputError: there is none, or it cannot be reached.
            ResourceError: the network failed.
        """
        facts = self._asked(self._fs.info, self._path(name), name=name)
        return Entry(name or self.address.name, facts.get("size"), _stamp(facts))

    def has_file(self, name: str) -> bool:
        """Returns whether there is a file of this name in the folder.

        Raises:
            InputError: it cannot be reached.
            ResourceError: the network failed.
        """
        return bool(self._asked(self._fs.isfile, self._path(name), name=name))

    def is_inside(self, folder: Address) -> bool:
        """Returns whether the address is a folder, or inside of it."""
        other = opened_store(folder)
        return self._is_same_as(other) and f"{self._root}/".startswith(f"{other._root.rstrip('/')}/")

    def below(self, folder: Address) -> str:
        """Returns the name that a folder has in this one; empty if it is not in it."""
        other, root = opened_store(folder), f"{self._root.rstrip('/')}/"
        inside = self._is_same_as(other) and other._root.startswith(root)
        return other._root.removeprefix(root).strip("/") if inside else ""

    def _is_same_as(self, other: "Store") -> bool:
        return type(self._fs) is type(other._fs) and self._fs == other._fs

    def entries(self) -> Iterator[Entry]:
        """Yields the files in the folder, at any depth, as they are listed: S3's keys in pages of 1,000, sorted.

        Of other stores, one folder at a time is in memory.

        Raises:
            InputError: the folder cannot be listed.
            ResourceError: the network failed.
        """
        if self.address.scheme in _S3:
            yield from self._keys()
            return
        prefix = self._root.rstrip("/")
        for found in self._walk():
            for _, facts in sorted(found.items()):
                yield Entry(facts["name"].removeprefix(prefix).lstrip("/"), facts.get("size"), _stamp(facts))

    def has_folder(self, name: str) -> bool:
        """Returns whether there is a folder of this name with something in it.

        Raises:
            InputError: it cannot be reached.
            ResourceError: the network failed.
        """
        if self.address.scheme not in _S3:
            return bool(self._asked(self._fs.isdir, self._path(name), name=name))
        inside = Store(self.address.child(name), self._fs, self._path(name), self._reading).entries()
        return next(inside, None) is not None

    def read(self, name: str = "") -> bytes:
        """Returns the content of a file in the folder; without a name, of the file at the address.

        Raises:
            InputError: it cannot be read.
            ResourceError: the network failed.
        """
        with self._reading:
            return self._asked(self._fs.cat_file, self._path(name), name=name)

    def fetch(self, name: str, file: Path) -> None:
        """Copies a file of the folder, or the file at the address if `name` is empty, to a new local file.

        Raises:
            InputError: it cannot be read.
            ResourceError: the network failed, or the disk is full.
        """
        with self._reading:
            self._asked(self._fs.get_file, self._path(name), str(file), name=name)

    def put(self, file: Path, name: str = "") -> None:
        """Copies a local file to the store, where it appears, or replaces another one, once it is complete.

        Raises:
            InputError: it must not be written.
            ResourceError: the network failed.
        """
        self._asked(self._fs.put_file, str(file), self._path(name), name=name, verb="write")

    def put_bytes(self, content: bytes, name: str) -> None:
        """Writes a small file to the store, in one step.

        Raises:
            InputError: it must not be written.
            ResourceError: the network failed.
        """
        self._asked(self._fs.pipe_file, self._path(name), content, name=name, verb="write")

    def _path(self, name: str) -> str:
        root = self._root.rstrip("/")
        return (f"{root}/{name}" if root else name) if name else self._root

    def _asked(self, call: Callable[..., Result], *arguments: Any, name: str = "", verb: str = "read") -> Result:
        """Returns the result of a call; what goes wrong becomes a sentence."""
        with _named(self.address.child(name) if name else self.address, verb):
            if self.address.scheme in _S3:
                return call(*arguments)
            return _repeated(call, *arguments)

    def _keys(self) -> Iterator[Entry]:
        bucket, _, prefix = self._root.partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        following: dict[str, str] = {}
        while True:
            with _named(self.address, "list"):
                page = self._fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **following)
            for one in page.get("Contents", ()):
                if not one["Key"].endswith("/"):  # such a key stands for an empty folder
                    yield Entry(one["Key"].removeprefix(prefix), one["Size"], _stamp(one | {"size": one["Size"]}))
            if not page.get("IsTruncated"):
                return
            following = {"ContinuationToken": page["NextContinuationToken"]}

    def _walk(self) -> Iterator[dict[str, dict]]:
        """Yields the files of each folder that is not hidden: what is known of each, by its name."""
        folders = self._fs.walk(self._root, detail=True, on_error="raise")
        while True:
            with _named(self.address, "list"):
                try:
                    found = _repeated(next, folders, None)
                except FileNotFoundError:  # a folder of a store is there once something is in it
                    return
            if found is None:
                return
            _, inside, here = found
            for name in [name for name in inside if name.startswith(".") and name != "."]:
                del inside[name]
            yield here


def opened_store(address: Address) -> Store:
    """Opens an address, without asking whether there is anything.

    Raises:
        InputError: nothing is known about this kind of address, or a package for it is not installed.
    """
    try:
        import fsspec
        import tenacity  # noqa: F401 - as needed as the other
    except ModuleNotFoundError as error:
        raise InputError(f"{address}: the package {error.name} is {not_installed('cloud')}") from error
    options = {}
    if address.scheme in _S3:
        settings = {"max_pool_connections": _CONNECTIONS, "retries": {"mode": "standard", "total_max_attempts": _TRIES}}
        options = {"config_kwargs": settings}
    with _named(address, "open"):
        fs, root = fsspec.url_to_fs(address.url, use_listings_cache=False, **options)
        if address.scheme in _ARCHIVES:
            root = _in_archive(fs, root)
    return Store(address, fs, root, Lock() if address.scheme in _ONE_READER else nullcontext())


def _in_archive(fs: Any, root: str) -> str:
    """Returns the name of a member as the archive has it: `tar -C folder .` puts "./" before all names."""
    if not root:
        return "." if fs.ls("", detail=False) == ["."] else ""
    return f"./{root}" if fs.exists(f"./{root}") and not fs.exists(root) else root


def _stamp(facts: dict) -> str:
    found = next((facts[name] for name in _STAMPS if facts.get(name)), "")
    found = found.timestamp() if isinstance(found, datetime.datetime) else found  # some tell both, to the same file
    return f"{facts.get('size')}-{found}".replace('"', "") if found else ""


def _repeated(call: Callable[..., Result], *arguments: Any) -> Result:
    """Calls again after a failure that may pass."""
    import tenacity

    again = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_TRIES),
        wait=tenacity.wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        retry=tenacity.retry_if_exception(_may_pass),
        reraise=True,
    )
    return again(call, *arguments)


def _may_pass(error: BaseException) -> bool:
    """Returns whether an error is one of the network or of a busy server."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status in (408, 429) or status >= 500
    module = type(error).__module__.partition(".")[0]
    return isinstance(error, ConnectionError | TimeoutError) or module == "aiohttp"


@contextmanager
def _named(address: Address, verb: str) -> Iterator[None]:
    """Turns whatever goes wrong at an address into one sentence."""
    try:
        yield
    except (InputError, ResourceError):
        raise
    except ImportError as error:
        raise _missing(address, error) from error
    except FileNotFoundError as error:
        gone = "no such bucket" if "specified bucket" in str(error).lower() else "no such file or folder"
        raise InputError(f"{address}: {gone}") from error
    except PermissionError as error:
        raise InputError(f"cannot {verb} {address}: access denied ({_reason(error)}); check the credentials") from error
    except Exception as error:
        raise _sentence(address, verb, error) from error


def _missing(address: Address, error: ImportError) -> InputError:
    if address.scheme in (*_S3, *_WEB):
        return InputError(f"{address}: the package for this kind of address is {not_installed('cloud')}")
    return InputError(f"{address}: a package for this kind of address is missing ({_reason(error)})")


def _sentence(address: Address, verb: str, error: Exception) -> InputError | ResourceError:
    kind, status = type(error).__name__, getattr(error, "status", None)
    if kind in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"):
        return InputError(
            f"cannot {verb} {address}: no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE, or for a public bucket FSSPEC_S3_ANON=true"
        )
    if isinstance(error, ValueError) and "rotocol not known" in str(error):
        return InputError(f"{address}: nothing is known about addresses that begin with {address.scheme}://")
    if status is not None and not _may_pass(error):
        return InputError(f"cannot {verb} {address}: {status} {getattr(error, 'message', '')}".rstrip())
    if _may_pass(error) or type(error).__module__.startswith(("botocore", "aiobotocore")):
        # one host of a list may be gone; without its only store, a run cannot go on
        told = InputError if address.scheme in _WEB else ResourceError
        return told(f"cannot {verb} {address}: {_reason(error)}, after several tries")
    if isinstance(error, OSError) and error.errno in _HOPELESS:
        return ResourceError(f"cannot {verb} {address}: {error.strerror}")
    return InputError(f"cannot {verb} {address}: {_reason(error)}")


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
