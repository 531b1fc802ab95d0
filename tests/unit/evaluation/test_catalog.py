from fusioncolor.evaluation.catalog import COLUMNS, METRICS


def test_every_metric_says_what_it_is():
    for metric in METRICS.values():
        assert metric.column in COLUMNS
        assert metric.title
        assert metric.text
        assert metric.better in ("higher", "lower", "zero", "")
