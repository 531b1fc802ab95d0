from fusioncolor.prediction.captions import captions


def test_a_photograph_has_the_name_of_its_file():
    assert captions(["/scans/1958/a.png", "/scans/1961/b.png"]) == {
        "/scans/1958/a.png": "a.png",
        "/scans/1961/b.png": "b.png",
    }


def test_as_many_folders_as_it_takes_tell_those_of_the_same_name_apart():
    sources = ["/x/1958/box/a.png", "/x/1961/box/a.png", "/x/1961/album/a.png", "/x/other/b.png"]
    named = captions(sources)
    assert [named[source] for source in sources] == ["1958/box/a.png", "1961/box/a.png", "album/a.png", "b.png"]


def test_a_path_that_ends_another_is_named_whole():
    assert captions(["a.png", "box/a.png"]) == {"a.png": "a.png", "box/a.png": "box/a.png"}
