from fusioncolor.prediction import manifest


def test_files_that_another_command_writes_in_a_folder_below_stay(tmp_path):
    mine, others = tmp_path / "out" / "a", tmp_path / "out" / "b"
    for folder in (mine, others):
        folder.mkdir(parents=True)
        (folder / ".fusioncolor-01234567.png").touch()
    (others / manifest.FILE).touch()
    with manifest.opened(tmp_path / "out", "settings"):
        pass
    assert not list(mine.iterdir())
    assert (others / ".fusioncolor-01234567.png").exists()
