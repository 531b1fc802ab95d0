import pytest

from fusioncolor.config.colorizing import ColorizeOptions
from fusioncolor.errors import InputError


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"vividness": -1.0}, "`vividness` must be from 0 to 10"),
        ({"temperature": 0.0}, "`temperature` must be from 0.001"),
        ({"batch_size": 0}, "`batch_size` must be 1 or more"),
        ({"seed": 2**32}, "`seed` must be from 0"),
        ({"decode": "best"}, "`decode` must be one of annealed_mean"),
        ({"decode": "mode", "temperature": 0.5}, "`temperature` is for the annealed mean"),
        ({"refine": ["segmint"]}, "did you mean 'segment'"),
    ],
)
def test_what_is_out_of_range_or_contradicts_itself_is_refused(options, sentence):
    with pytest.raises(InputError, match=sentence):
        ColorizeOptions(**options)


def test_a_reference_must_be_there(tmp_path):
    with pytest.raises(InputError, match=r"no such file or folder: .*none"):
        ColorizeOptions(reference=[tmp_path / "none"])


def test_options_of_distributions_need_one_model_at_least_that_has_them():
    ColorizeOptions(decode="mode").check_models(["gray", "weights/mine"])
    ColorizeOptions().check_models(["gray"])
    with pytest.raises(InputError, match="need a classification model, which gray is not"):
        ColorizeOptions(decode="mode").check_models(["gray", "mean"])
