"""The only room that changes the file system: replacing in one step, locks, digests, free space, opening user files.

What downloads files is in `fusioncolor.files.downloading`, because the modules for that are slow to import.
"""

from fusioncolor.files.archives import pack, unpack
from fusioncolor.files.atomic import (
    TEMPORARY,
    remove_temporary,
    remove_temporary_in,
    remove_temporary_of,
    remove_unfinished,
    replacing,
    replacing_folder,
)
from fusioncolor.files.changing import (
    check_writable,
    free_space,
    make_folder,
    move,
    remove,
    remove_folder,
    require_space,
    sync,
    temporary_folder,
    working_folder,
    write_bytes,
    write_lines,
    write_text,
)
from fusioncolor.files.hashes import blake2b, digest_of, facts, is_there, sha256, stamp
from fusioncolor.files.journal import Journal, journal
from fusioncolor.files.locks import locked
from fusioncolor.files.lookup import Lookup, lookup
from fusioncolor.files.reading import opened
from fusioncolor.files.stores import WRITABLE, Entry, Store, opened_store
from fusioncolor.files.tars import ARCHIVE, archive_of, members

__all__ = [
    "ARCHIVE",
    "TEMPORARY",
    "WRITABLE",
    "Entry",
    "Journal",
    "Lookup",
    "Store",
    "archive_of",
    "blake2b",
    "check_writable",
    "digest_of",
    "facts",
    "free_space",
    "is_there",
    "journal",
    "locked",
    "lookup",
    "make_folder",
    "members",
    "move",
    "opened",
    "opened_store",
    "pack",
    "remove",
    "remove_folder",
    "remove_temporary",
    "remove_temporary_in",
    "remove_temporary_of",
    "remove_unfinished",
    "replacing",
    "replacing_folder",
    "require_space",
    "sha256",
    "stamp",
    "sync",
    "temporary_folder",
    "unpack",
    "working_folder",
    "write_bytes",
    "write_lines",
    "write_text",
]
