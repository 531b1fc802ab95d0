"""Names that a user may type are those that there are: the help must not import what it lists."""

from importlib import import_module

import pytest

from fusioncolor.config import choices


@pytest.mark.parametrize(
    ("names", "module", "table"),
    [
        (choices.DECODERS, "fusioncolor.models.decoding", "DECODERS"),
        (choices.ENGINES, "fusioncolor.models.engines", "SUFFIXES"),
    ],
)
def test_the_names_are_those_of_the_table(names, module, table):
    assert set(names) == set(getattr(import_module(module), table))


def test_every_format_can_be_written():
    from fusioncolor import images

    assert {f".{name}" for name in choices.FORMATS} <= set(images.SUFFIXES)
