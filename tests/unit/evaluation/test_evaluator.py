from fusioncolor.evaluation import evaluator


def test_a_model_given_twice_is_one():
    assert evaluator._distinct(["weights/x", "weights/x/", "gray", "./weights/x", "gray"]) == ["weights/x", "gray"]
