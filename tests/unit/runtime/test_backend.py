import sys

import pytest

from fusioncolor.errors import InputError
from fusioncolor.runtime import backend


def test_without_any_backend_the_way_out_is_named(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"fusioncolor\[tensorflow\]"):
        backend.choose_backend()
