import os
import shutil

from fusioncolor.data.fingerprints import Fingerprint


def test_a_copy_of_another_time_fits_and_other_content_does_not(tmp_path):
    file, copy, edited = (tmp_path / name for name in ("a", "copy", "edited"))
    file.write_bytes(b"content")
    taken = Fingerprint.of(file)
    assert taken.fits(file)
    shutil.copyfile(file, copy)
    os.utime(copy, ns=(0, 0))
    assert taken.fits(copy)
    edited.write_bytes(b"CONTENT")
    os.utime(edited, ns=(0, 0))
    assert not taken.fits(edited)
    edited.write_bytes(b"content and more")
    assert not taken.fits(edited)
