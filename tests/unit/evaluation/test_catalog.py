from fusioncolor.evaluation.catalog import METRICS, columns


def test_every_metric_says_what_it_is():
    for metric in METRICS.values():
        assert metric.column in columns()
        assert metric.title
        assert metric.text
        assert metric.better in ("higher", "lower", "zero", "")
