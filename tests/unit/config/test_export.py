import pytest

from fusioncolor.config import ExportConfig, PredictConfig
from fusioncolor.errors import InputError


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"int8": True}, "belong together"),
        ({"calibration": "."}, "belong together"),
        ({"int8": True, "format": "onnx", "calibration": "."}, "`int8` is for `format` openvino"),
        ({"count": 0}, "`count` must be 1"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        ExportConfig(**options)
    with pytest.raises(InputError, match="replaces a single network"):
        PredictConfig(weights=["a", "b"], engine="n.onnx")
