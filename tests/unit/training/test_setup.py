"""The start of a training run: colorizer, optimizer and prior."""

import dataclasses

import numpy as np
import pytest
from support import GOING_ON, PRINTING, log_of

from fusioncolor import images
from fusioncolor.config import TrainConfig
from fusioncolor.errors import InputError
from fusioncolor.models import factory
from fusioncolor.training import loop, setup

pytestmark = pytest.mark.usefixtures("eager")  # a few small steps each


def test_training_goes_on_from_a_saved_colorizer_at_another_size(trained_run, scenes, tmp_path):
    config = TrainConfig(
        folder=scenes, run=tmp_path / "next", init=trained_run / "best", **{**GOING_ON, "image_size": 64}
    )
    loop.train(config)
    before, after = (float(log_of(run)[0]["loss"]) for run in (trained_run, tmp_path / "next"))
    assert after < before
    assert factory.load(tmp_path / "next" / "best").size == (64, 64)


@pytest.mark.parametrize("model", ["fusion", pytest.param("plain", marks=pytest.mark.slow)])
def test_a_classifier_keeps_the_prior_of_its_training_photographs(scenes, tmp_path, model):
    options = {"model": model, "head": "classification", "image_size": 32, "batch_size": 4, "epochs": 1}
    options |= {"inception": False} if model == "fusion" else {"dropout": 0.1}
    run = loop.train(TrainConfig(folder=scenes, run=tmp_path / "run", precision="float32", **options))
    head = factory.load(run / "best").head
    assert sum(head.prior) == pytest.approx(1)
    assert max(head.prior) > 0.02
    assert head.rebalancing


@pytest.mark.parametrize("option", [{"cache_embeddings": True}, {"extractor_learning_rate": 1e-5}])
def test_options_about_the_extractor_need_one(trained_run, scenes, tmp_path, option):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", init=trained_run / "best", **{**GOING_ON, **option})
    with pytest.raises(InputError, match="no InceptionV3"):
        loop.train(config)


def test_a_saved_colorizer_goes_on_with_another_head(trained_run, scenes, tmp_path, capsys):
    run = tmp_path / "run"
    options = {**GOING_ON, "learning_rate": 1e-30, "head": "classification"}
    loop.train(TrainConfig(folder=scenes, run=run, init=trained_run / "best", **options), reporter=PRINTING)
    anew = capsys.readouterr().out.split("from random weights: ")[1].splitlines()[0].split(", ")
    assert anew == ["decoder2_conv2", "decoder2_conv2_normalization", "output"]
    before, after = factory.load(trained_run / "best"), factory.load(run / "last")
    assert after.head.name == "classification"
    assert len(after.head.prior) == 313
    kernels = [layer.name for layer in after.network.layers if hasattr(layer, "kernel")]
    assert len(kernels) > len(anew)
    for name in set(kernels) - set(anew):
        np.testing.assert_array_equal(*(one.network.get_layer(name).kernel for one in (before, after)), err_msg=name)


def test_a_head_that_the_model_cannot_have_is_refused_beside_saved_weights_too(trained_run, scenes, tmp_path):
    config = TrainConfig(folder=scenes, run=tmp_path / "run", init=trained_run / "best", head="regresion", **GOING_ON)
    with pytest.raises(InputError, match="did you mean 'regression'"):
        loop.train(config)


@pytest.mark.parametrize(("before", "option", "after"), [(False, None, False), (True, None, True), (False, True, True)])
def test_rebalancing_stays_as_it_was_unless_it_is_asked_for(scenes, before, option, after):
    colorizer = factory.create("fusion", head="classification", inception=False, size=(32, 32))
    colorizer.head = dataclasses.replace(colorizer.head, rebalancing=before)
    config = TrainConfig(folder=scenes, rebalancing=option)
    head = setup.with_prior(config, colorizer, images.find_in(scenes)[:2], workers=1)
    assert head.rebalancing is after
    assert sum(head.prior) == pytest.approx(1)
