import gc
import os
import weakref

import numpy as np
import pytest

from fusioncolor.prediction.grid import Pages, Row

GRAY = np.full((20, 30, 3), 100, np.uint8)


def row(name="a.png", actual=None, predicted=(GRAY,)):
    return Row.of(name, GRAY, actual, predicted)


def test_a_row_measures_prediction_and_gray_against_an_actual_of_the_same_size():
    measured = row(actual=GRAY + 1, predicted=[GRAY + 3, GRAY + 1])
    assert measured.gray_psnr == pytest.approx(48.13, abs=0.01)  # 20 log10(255 / 1)
    assert measured.psnr[0] == pytest.approx(42.11, abs=0.01)  # 20 log10(255 / 2)
    shown = row(actual=np.zeros((10, 30, 3), np.uint8))
    assert shown.actual.shape == (10, 30, 3)
    assert shown.psnr == [None]
    assert shown.gray_psnr is None


def test_pictures_of_a_row_are_small():
    large = np.zeros((1500, 2000, 3), np.uint8)
    assert Row.of("a.png", large, large, [large]).predicted[0].shape == (384, 512, 3)


def test_a_page_holds_eight_rows_and_the_last_one_what_is_left(tmp_path):
    pages = Pages(tmp_path, ["predicted"])
    rows = [row() for _ in range(9)]
    seen = [weakref.ref(one) for one in rows]
    for one in rows:
        pages.add(one)
    del rows, one
    gc.collect()
    assert [one() is None for one in seen] == [True] * 8 + [False]  # a written page is not kept
    pages.finish()
    pages.finish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page-001.png", "page-002.png"]
    assert pages.written == 2


def test_pages_of_an_earlier_longer_grid_go(tmp_path):
    for name in ("page-002.png", "page-017.png", "page-notes.png", "mine.png"):
        (tmp_path / name).touch()
    pages = Pages(tmp_path, ["predicted"])
    pages.add(row())
    pages.finish()
    pages.remove_older()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.png", "page-001.png", "page-notes.png"]


def drawn(folder, count, key="these"):
    pages = Pages(folder, ["predicted"], key)
    for _ in range(count):
        pages.add(row())
    pages.finish()
    return pages


def test_pages_of_the_same_rows_are_recognized_until_a_file_or_the_key_changes(tmp_path):
    result, other = tmp_path / "a.png", tmp_path / "b.png"
    result.touch()
    pages = drawn(tmp_path / "grids", 9)
    other.touch()  # newer than its page
    assert pages.left_by_earlier_run([[result]] * 9) == 2
    assert pages.left_by_earlier_run([[result]] * 8) == 1
    assert pages.left_by_earlier_run([[result]] * 17) == 0  # a third page is missing
    assert pages.left_by_earlier_run([[result]] * 8 + [[result, other]]) == 0
    assert pages.left_by_earlier_run([[tmp_path / "missing.png"]] * 9) == 0
    assert Pages(tmp_path / "grids", ["predicted"], "others").left_by_earlier_run([[result]] * 9) == 0


def test_a_result_written_after_the_page_before_it_is_no_news(tmp_path):
    pages = drawn(tmp_path / "grids", 9)
    first, second = [tmp_path / "grids" / f"page-{number:03}.png" for number in (1, 2)]
    os.utime(second, ns=(first.stat().st_mtime_ns + 9,) * 2)
    last = tmp_path / "last.png"
    last.touch()
    os.utime(last, ns=(first.stat().st_mtime_ns + 5,) * 2)
    assert pages.left_by_earlier_run([[]] * 8 + [[last]]) == 2
    assert pages.left_by_earlier_run([[last]] + [[]] * 8) == 0


def test_a_damaged_page_is_not_taken_for_drawn(tmp_path):
    pages = drawn(tmp_path, 1)
    (tmp_path / "page-001.png").write_bytes(b"damaged")
    assert pages.left_by_earlier_run([[]]) == 0
    assert Pages(tmp_path, []).left_by_earlier_run([]) == 0


def test_pages_show_the_predicted_pictures_in_their_order(tmp_path, monkeypatch):
    drawn = []

    def draw(pictures, titles, captions):
        drawn.append((pictures, titles, captions))
        return type("Figure", (), {"savefig": lambda self, path, metadata: None})()

    monkeypatch.setattr("fusioncolor.plotting.grid", draw)
    pages = Pages(tmp_path, ["plain", "refined"])
    pages.add(row("one.png", GRAY + 1, [GRAY + 3, GRAY + 2]))
    pages.add(row("two.png"))
    pages._rows[1].predicted.append(GRAY)
    pages._rows[1].psnr.append(None)
    pages.finish()
    [(pictures, titles, captions)] = drawn
    assert titles == ["grayscale", "actual", "plain", "refined"]
    assert [picture[0, 0, 0] for picture in pictures[0]] == [100, 101, 103, 102]
    assert captions[0] == ["one.png", "", "42.1 dB (gray 48.1)", "48.1 dB (gray 48.1)"]
    assert pictures[1][1] is None
