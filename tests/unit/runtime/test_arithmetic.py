import pytest

from fusioncolor.runtime import arithmetic


@pytest.mark.parametrize(
    ("backend", "flags", "expected"),
    [
        ("tensorflow", "fpu avx512_bf16", "bfloat16"),
        ("tensorflow", "fpu amx_bf16", "bfloat16"),
        ("tensorflow", "fpu avx2", "float32"),
        ("jax", "fpu avx512_bf16", "float32"),
    ],
)
def test_auto_is_bfloat16_where_it_is_fast(monkeypatch, backend, flags, expected):
    monkeypatch.setattr(arithmetic, "backend_name", lambda: backend)
    monkeypatch.setattr(arithmetic.Path, "read_text", lambda self: flags)
    assert arithmetic.resolve("auto") == expected
    assert arithmetic.resolve("float32") == "float32"


def test_a_machine_that_does_not_tell_computes_in_float32(monkeypatch):
    monkeypatch.setattr(arithmetic, "backend_name", lambda: "tensorflow")

    def missing(self):
        raise FileNotFoundError

    monkeypatch.setattr(arithmetic.Path, "read_text", missing)
    assert arithmetic.resolve("auto") == "float32"
