import sys

import pytest

from fusioncolor.errors import InputError
from fusioncolor.registries import Registry


def registry() -> Registry:
    return Registry("shape", "fusioncolor.no-such-group", {"square": "math:isqrt", "circle": "round"})


def test_an_entry_is_imported_when_it_is_first_asked_for(monkeypatch):
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    shapes = Registry("shape", "fusioncolor.no-such-group", {"wave": "wave:open"})
    assert list(shapes) == ["wave"]
    assert "wave" in shapes
    assert "wave" not in sys.modules
    assert callable(shapes["wave"])
    assert "wave" in sys.modules


def test_an_unknown_name_is_refused_with_the_nearest_or_with_all():
    with pytest.raises(InputError, match="no shape 'sqare'; did you mean 'square'"):
        registry().find("sqare")
    with pytest.raises(InputError, match="there are: square, circle"):
        registry().find("x")


def test_what_is_registered_comes_last_and_can_go_again():
    shapes = registry()
    assert shapes.decorator("star")(len) is len
    assert list(shapes) == ["square", "circle", "star"]
    assert len(shapes) == 3
    assert shapes.find("star") is len
    shapes.unregister("star")
    assert "star" not in shapes


def test_a_name_is_given_once():
    shapes = registry()
    with pytest.raises(InputError, match="there is a shape 'square' already"):
        shapes.register("square", len)
