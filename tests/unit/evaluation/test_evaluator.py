from pathlib import Path

from support import Recorder

from fusioncolor import images
from fusioncolor.config import EvaluateConfig
from fusioncolor.evaluation import evaluator


def test_photographs_that_a_model_was_trained_on_are_warned_of(scenes, trained_run):
    config = EvaluateConfig(photographs=[scenes], models=[str(trained_run / "best")], image_size=32)
    told = Recorder()
    judge = evaluator.Evaluator(config, images.find_in(scenes), reporter=told)
    [warning] = told.warnings
    assert "was trained on 12 of these 16 photographs" in warning
    assert f"evaluate on {trained_run / 'validation.txt'}, or on other photographs" in warning
    assert judge._protocol(16, 0)["warning about tiny/best"] == "it was trained on 12 of these photographs"
    held_out = (trained_run / "validation.txt").read_text().split()
    told = Recorder()
    evaluator.Evaluator(config, [Path(path) for path in held_out], reporter=told)
    assert not told.warnings


def test_fewer_baselines_are_included_if_asked_but_always_gray(scenes):
    paths = images.find_in(scenes)[:2]

    def titles(**options):
        config = EvaluateConfig(photographs=[scenes], image_size=32, **options)
        return evaluator.Evaluator(config, paths).measurer.session.titles

    assert titles(models=[], baselines=["mean"]) == ["gray", "mean"]
    assert titles(models=["welsh"], baselines=[]) == ["welsh", "gray"]
    assert titles(models=[]) == ["gray", "mean", "random", "welsh", "oracle_mean"]
