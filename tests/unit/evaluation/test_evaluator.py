from fusioncolor.evaluation import evaluator


def test_models_of_one_name_are_told_apart_and_one_given_twice_is_one():
    names = ["weights/x", "other/x", "runs/a/best", "gray", "odd/gray", "odd/truth"]
    assert evaluator.titles_of(names) == ["weights/x", "other/x", "a/best", "gray", "odd/gray", "odd/truth"]
    assert evaluator._distinct(["weights/x", "weights/x/", "gray", "./weights/x", "gray"]) == ["weights/x", "gray"]
