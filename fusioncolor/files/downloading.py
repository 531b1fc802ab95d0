"""Downloading files: resumed after an interruption, and in place only once size and SHA-256 are right."""

import contextlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from fusioncolor.errors import InputError
from fusioncolor.files.changing import make_folder, require_space
from fusioncolor.files.hashes import sha256
from fusioncolor.files.locks import locked

_TRIES = 4  # in a row that bring nothing new
_WAIT = 1.0  # seconds before the second try; doubled for each further one
_TIMEOUT = 30.0  # seconds without an answer
_BLOCK = 1 << 18  # bytes


def download(
    url: str, path: Path, *, size: int, digest: str, advance: Callable[[int], None] = lambda count: None
) -> None:
    """Downloads a file, unless it is there.

    What an interrupted download has brought is kept beside `path` in a file that ends in `.part`, and the next call
    asks the server for the rest only.

    Args:
        url: address, http or https.
        path: the file to write; its folder is created.
        size: expected number of bytes; nothing beyond it is read.
        digest: expected SHA-256 in hexadecimal digits.
        advance: called with the number of new bytes.

    Raises:
        InputError: the server cannot be reached or does not have the file, or the file is not the expected one, or
            another command is downloading it.
        ResourceError: the disk is too full.
    """
    if path.is_file():
        return
    if not url.startswith(("https://", "http://")):
        raise InputError(f"cannot download {url}: an address starts with https:// or http://")
    make_folder(path.parent)
    part = path.with_name(f"{path.name}.part")
    with locked(path.with_name(f"{path.name}.lock"), f"another command is downloading {url}: wait for it"):
        part.touch()
        present = min(part.stat().st_size, size)
        require_space(path.parent, size - present)
        advance(present)
        _retried(url, part, size, advance)
        if part.stat().st_size != size or sha256(part) != digest:
            part.unlink()
            raise InputError(f"{url}: not the expected file (size or SHA-256 differ); nothing was kept, try again")
        part.replace(path)


def _retried(url: str, part: Path, size: int, advance: Callable[[int], None]) -> None:
    """Continues until the file has its size; gives up after several tries without a new byte."""
    failed = 0
    while part.stat().st_size < size:
        before = part.stat().st_size
        try:
            _continue(url, part, size, advance)
            if part.stat().st_size < size:
                raise http.client.IncompleteRead(b"")
        except (OSError, http.client.HTTPException) as error:
            failed = 0 if part.stat().st_size > before else failed + 1
            if failed >= _TRIES:
                reason = getattr(error, "reason", None) or error
                raise InputError(f"cannot download {url}: {reason or type(error).__name__}; try again later") from error
            time.sleep(_WAIT * 2**failed)


def _continue(url: str, part: Path, size: int, advance: Callable[[int], None]) -> None:
    """Appends to a file what it lacks; starts over if the server only sends whole files."""
    start = part.stat().st_size
    request = urllib.request.Request(url, headers={"User-Agent": "fusioncolor", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:  # the file is shorter than what is there
                part.write_bytes(b"")
                raise http.client.HTTPException("the file has changed") from error
            if error.code < 500 and error.code not in (408, 429):
                raise InputError(f"cannot download {url}: {error.code} {error.reason}") from error
            raise
    with answer, open(part, "r+b") as file:
        if answer.status != 206:
            start = 0
        file.seek(start)
        file.truncate()
        while start < size and (block := answer.read(min(_BLOCK, size - start))):
            file.write(block)
            start += len(block)
            advance(len(block))


def fetch_text(source: str, *, largest: int = 1 << 16) -> str:
    """Reads a small text from an address, http or https.

    Raises:
        InputError: it cannot be reached, is larger than `largest` bytes, or is no text.
    """
    try:
        with contextlib.closing(urllib.request.urlopen(source, timeout=_TIMEOUT)) as answer:
            content = answer.read(largest + 1)
        if len(content) > largest:
            raise ValueError(f"more than {largest} bytes")
        return content.decode("utf-8")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise InputError(f"cannot read {source}: {getattr(error, 'reason', None) or error}") from error
