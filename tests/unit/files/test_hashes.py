import hashlib
import os

from fusioncolor import files


def test_digests_of_files_are_those_of_their_bytes(tmp_path):
    content = b"content" * 1000
    (tmp_path / "a").write_bytes(content)
    assert files.sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()
    assert files.blake2b(tmp_path / "a") == hashlib.blake2b(content).hexdigest()[:32]
    assert files.digest_of([b"con", b"tent"]) == hashlib.sha256(b"content").hexdigest()[:16]


def test_a_stamp_changes_with_size_and_time_and_is_empty_for_no_file(tmp_path):
    path = tmp_path / "a"
    assert files.stamp(path) == ""
    path.write_bytes(b"a")
    os.utime(path, ns=(0, 10))
    assert files.stamp(path) == "1-10"
    os.utime(path, ns=(0, 11))
    assert files.stamp(path) == "1-11"
