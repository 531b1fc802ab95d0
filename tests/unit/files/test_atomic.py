from fusioncolor import files


def test_temporary_files_of_killed_processes_are_removed_but_not_those_of_skipped_folders(tmp_path):
    left = [tmp_path / folder / ".fusioncolor-0123abcd.png" for folder in ("", "a", "other")]
    kept = [tmp_path / "a" / ".fusioncolor.jsonl", tmp_path / "a" / "fusioncolor-0123abcd.png"]
    for path in [*left, *kept]:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    files.remove_temporary(tmp_path, skip=lambda folder: folder.name == "other")
    assert [path.exists() for path in left] == [False, False, True]
    assert all(path.exists() for path in kept)
