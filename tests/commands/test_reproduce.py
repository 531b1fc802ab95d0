def test_a_folder_that_is_missing_or_not_given_is_answered_in_one_line(run_command, tmp_path):
    missing = run_command("reproduce", "losses", "--data", tmp_path / "none")
    not_given = run_command("reproduce", "losses")
    for done, sentence in ((missing, "no such folder"), (not_given, "--data")):
        assert done.returncode == 2
        assert sentence in done.stderr
        assert done.stderr.count("\n") == 1
