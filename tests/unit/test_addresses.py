from pathlib import Path

import pytest

from fusioncolor.addresses import Address, location


@pytest.mark.parametrize("text", ["a.jpg", "/x/a.jpg", "C:/x/a.jpg", "C://x", "a:b.jpg", "x/s3://y"])
def test_text_without_a_scheme_is_a_path(text):
    assert location(text) == Path(text)


@pytest.mark.parametrize("text", ["s3://bucket/a.jpg", "HTTPS://host/a.jpg", "zip://a.jpg::s3://b/c.zip", "memory://"])
def test_text_with_a_scheme_is_an_address(text):
    assert location(text) == Address(text)
    assert str(location(location(text))) == text


def test_the_address_of_a_local_file_is_its_path():
    assert location("file:///x/a%20b.jpg") == Path("/x/a b.jpg")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://bucket/scans/old.jpg", "old.jpg"),
        ("s3://bucket/scans/", "scans"),
        ("s3://bucket", ""),
        ("memory://scans", "scans"),
        ("https://host/x/old%20one.jpg?key=a/b.c", "old one.jpg"),
        ("zip://in/old.jpg::s3://bucket/scans.zip", "old.jpg"),
        ("zip://old.jpg::scans.zip", "old.jpg"),
        ("zip://::scans.zip", ""),
    ],
)
def test_the_name_is_the_last_part_of_the_path(url, name):
    assert Address(url).name == name
    assert Address(url).suffix == Path(name).suffix
    assert Address(url).stem == Path(name).stem


def test_addresses_of_files_inside_and_beside():
    assert Address("s3://b/x").child("y/a.jpg") == Address("s3://b/x/y/a.jpg")
    assert Address("s3://b/x/").child("a.jpg") == Address("s3://b/x/a.jpg")
    assert Address("zip://::s.zip").child("a.jpg") == Address("zip://a.jpg::s.zip")
    assert Address("zip://a.jpg::s.zip").sibling("b.jpg") == Address("zip://b.jpg::s.zip")
    assert Address("s3://b/report.csv").with_stem("report-1-of-2") == Address("s3://b/report-1-of-2.csv")
