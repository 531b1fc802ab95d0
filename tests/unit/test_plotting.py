import io

import numpy as np
import pytest
from PIL import Image

from fusioncolor import plotting


def drawn(figure) -> np.ndarray:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return np.asarray(Image.open(file).convert("RGB"))


def colored(color, height=20, width=30):
    return np.broadcast_to(np.array(color, np.uint8), (height, width, 3))


def test_a_grid_shows_every_picture_under_its_title():
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    figure = plotting.grid([[colored(c) for c in colors]], ["grayscale", "actual", "predicted"])
    picture = drawn(figure).astype(int)
    columns = [np.nonzero((np.abs(picture - color).max(-1) < 40).any(axis=0))[0].mean() for color in colors]
    assert columns == sorted(columns)
    assert [axis.get_title() for axis in figure.axes] == ["grayscale", "actual", "predicted"]


def test_an_empty_cell_is_left_blank_and_captions_are_written():
    rows = [[colored((9, 9, 9)), None]]
    figure = plotting.grid(rows, ["a", "b"], [["a$_$.png", "two"]])  # a file name, no formula
    assert [axis.get_xlabel() for axis in figure.axes] == ["a$_$.png", "two"]
    assert drawn(figure).std() > 0
    assert [np.mean(axis.get_images()[0].get_array()) for axis in figure.axes] == [9, 255]


def test_flat_and_tall_pictures_get_rows_of_their_height():
    flat, tall = colored((9, 9, 9), 10, 100), colored((9, 9, 9), 150, 100)
    height_of_flat, height_of_tall = (drawn(plotting.grid([[picture]], ["a"])).shape[0] for picture in (flat, tall))
    assert height_of_tall > 2 * height_of_flat


@pytest.mark.parametrize("count", [1, 12])
def test_learning_curves_show_both_losses_from_the_first_epoch_on(count):
    log = {"epoch": range(1, count + 1), "loss": np.geomspace(1, 0.1, count), "val_loss": np.geomspace(1, 0.2, count)}
    figure = plotting.learning_curves({**log, "learning_rate": [1e-3] * count})
    lines = {line.get_label(): line for axis in figure.axes for line in axis.get_lines()}
    assert set(lines) == {"training", "validation", "learning rate"}
    np.testing.assert_allclose(lines["training"].get_ydata(), log["loss"])
    np.testing.assert_array_equal(lines["training"].get_xdata(), np.arange(1, count + 1))
    assert drawn(figure).std() > 0


def test_cumulative_histograms_rise_to_all_pixels_and_photographs():
    figure = plotting.cumulative_histograms({"a": np.array([1, 2, 1, 0])}, {"a": np.array([3.0, np.nan, 1.0])})
    pixels, photographs = (axis.lines[0] for axis in figure.axes)
    np.testing.assert_allclose(pixels.get_ydata(), [25, 75, 100])
    np.testing.assert_allclose(photographs.get_xdata(), [1, 3])
    np.testing.assert_allclose(photographs.get_ydata(), [50, 100])


def test_chroma_is_drawn_with_a_to_the_right_and_b_upwards():
    density = np.zeros((4, 4))
    density[3, 0] = 10  # a high, b low
    figure = plotting.chroma_distributions({"truth": density, "mine": density}, 110)
    shown = figure.axes[0].images[0].get_array()
    assert np.argwhere(np.isfinite(np.asarray(shown))).tolist() == [[0, 3]]
    assert [axis.get_title() for axis in figure.axes[:2]] == ["truth", "mine"]


def test_the_prior_is_drawn_at_its_bins():
    figure = plotting.prior_map(np.array([[0, 0], [10, 20]]), np.array([0.1, 0.001]))
    drawn_bins = figure.axes[0].collections[0]
    np.testing.assert_allclose(drawn_bins.get_offsets(), [[0, 0], [10, 20]])
    np.testing.assert_allclose(drawn_bins.get_array(), [-1, -3])


def test_runs_are_compared_in_what_they_logged():
    logs = {
        "a": {"epoch": [1, 2], "loss": [2, 1], "val_loss": [3, 2]},
        "b": {"epoch": [1], "loss": [4], "val_loss": [5], "val_auc": [90]},
    }
    figure = plotting.compare_runs(logs)
    assert [axis.get_ylabel() for axis in figure.axes] == ["training loss", "validation loss", "AuC (%)"]
    np.testing.assert_allclose(figure.axes[1].lines[0].get_xydata(), [[1, 3], [2, 2]])
    assert [line.get_label() for line in figure.axes[2].lines] == ["b"]
