"""The only room that writes to the file system: in one step, locked, hashed, with the space checked first."""

from fusioncolor.files.atomic import (
    TEMPORARY,
    remove_unfinished,
    replacing,
    replacing_folder,
    require_space,
    write_text,
)
from fusioncolor.files.hashes import sha256
from fusioncolor.files.locks import locked

__all__ = [
    "TEMPORARY",
    "locked",
    "remove_unfinished",
    "replacing",
    "replacing_folder",
    "require_space",
    "sha256",
    "write_text",
]
