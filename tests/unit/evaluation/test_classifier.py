"""A classifier that judges whether colorized photographs still show what they show."""

from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import keras
import numpy as np
import pytest
from keras import layers, ops

from fusioncolor.errors import InputError
from fusioncolor.evaluation.classifier import Classifier

RED, BLUE = (np.full((80, 80, 3), value, np.uint8) for value in ((200, 20, 20), (20, 20, 200)))


@pytest.fixture
def classifier(tmp_path) -> Path:
    """Tells whether the first or the last channel is larger."""
    pictures = keras.Input((8, 8, 3))
    means = layers.GlobalAveragePooling2D()(pictures)
    dense = layers.Dense(2, use_bias=False)
    network = keras.Model(pictures, dense(means))
    dense.kernel.assign([[0, 1], [0, 0], [1, 0]])
    network.save(tmp_path / "colors.keras")
    (tmp_path / "colors.classes.txt").write_text("blue things\nred things\n")
    return tmp_path / "colors.keras"


def test_a_picture_is_right_if_it_is_taken_for_its_folder(classifier):
    paths = [Path("in/red things/1.jpg"), Path("in/blue things/2.jpg")]
    judge = Classifier(str(classifier), paths)
    assert judge.measure(paths[0], [RED, BLUE]) == [100, 0]
    assert judge.measure(paths[1], [RED, BLUE]) == [0, 100]


def test_without_a_list_the_classes_are_the_sorted_folders(classifier):
    (classifier.parent / "colors.classes.txt").unlink()
    judge = Classifier(str(classifier), [Path("b red/1.jpg"), Path("a blue/2.jpg")])
    assert judge.classes == ["a blue", "b red"]


def test_a_folder_that_is_no_class_is_refused(classifier):
    Classifier(str(classifier), [Path("red things/1.jpg")])
    with pytest.raises(InputError, match="knows no class 'green'"):
        Classifier(str(classifier), [Path("green/1.jpg")])


def test_a_number_of_classes_that_does_not_fit_is_refused(classifier):
    (classifier.parent / "colors.classes.txt").write_text("one\ntwo\nthree\n")
    with pytest.raises(InputError, match="has 2 classes, but 3 are named"):
        Classifier(str(classifier), [Path("one/1.jpg")])


def test_a_file_that_is_no_classifier_is_refused(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(InputError, match="cannot be loaded as a Keras classifier"):
        Classifier(str(tmp_path / "text.keras"), [])
    inputs = keras.Input((4,))
    keras.Model(inputs, layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(InputError, match="not a classifier of pictures"):
        Classifier(str(tmp_path / "other.keras"), [])


def test_code_in_a_classifier_is_not_run(tmp_path):
    pictures = keras.Input((8, 8, 3))
    network = keras.Model(pictures, layers.Lambda(lambda x: ops.mean(x, axis=(1, 2)), output_shape=(3,))(pictures))
    network.save(tmp_path / "lambda.keras")
    with pytest.raises(InputError, match="cannot be loaded as a Keras classifier"):
        Classifier(str(tmp_path / "lambda.keras"), [])


@pytest.mark.parametrize("name", ["resnet", "nowhere.keras", "imagenet_utils"])
def test_an_unknown_classifier_is_refused_with_those_there_are(name):
    with pytest.raises(InputError, match="ResNet50"):
        Classifier(name, [])


def test_weights_that_cannot_be_downloaded_are_explained():
    def offline(*_, **__):
        raise OSError("URL fetch failure")

    with (
        patch.object(keras.applications.mobilenet_v2, "MobileNetV2", offline),
        patch.object(keras.applications, "MobileNetV2", offline),
        pytest.raises(InputError, match=r"cannot be downloaded \(URL fetch failure\); give a saved Keras classifier"),
    ):
        Classifier("MobileNetV2", [])


@pytest.mark.parametrize("name", ["MobileNetV3Small", "MobileNetV2", "ResNet50", "EfficientNetB0"])
def test_the_networks_of_keras_applications_are_found_with_their_preprocessing(name):
    pictures = keras.Input((8, 8, 3))
    small = keras.Model(pictures, layers.Dense(1000)(layers.GlobalAveragePooling2D()(pictures)))
    labels = [[("n", f"class {index}", 1.0)] for index in range(1000)]
    builder = getattr(keras.applications, name)
    home = next(
        (module for module in vars(keras.applications).values() if getattr(module, name, None) is builder), None
    )
    with (
        patch.object(keras.applications, name, lambda: small),
        patch.object(home, name, lambda: small) if home else nullcontext(),
        patch.object(keras.applications.imagenet_utils, "decode_predictions", lambda *_, **__: labels),
    ):
        judge = Classifier(name, [Path("class 7/1.jpg")])
    assert judge.size == (8, 8)
    assert judge.prepare(np.zeros((1, 8, 8, 3), np.float32)).shape == (1, 8, 8, 3)


def test_a_list_of_classes_may_end_with_or_without_a_line_break(classifier):
    (classifier.parent / "colors.classes.txt").write_text("blue things\nred things")
    assert Classifier(str(classifier), []).classes == ["blue things", "red things"]
