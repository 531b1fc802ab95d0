"""Choice of the arithmetic of networks, which needs no Keras."""

from pathlib import Path

from fusioncolor.runtime.backend import backend_name


def resolve(name: str) -> str:
    """Resolves "auto" to what Keras computes fast in here, "bfloat16" or "float32"; returns other names unchanged."""
    if name == "auto":
        in_tensorflow = backend_name() == "tensorflow"  # the others convert to float32 and back
        return "bfloat16" if in_tensorflow and has_bfloat16() else "float32"
    return name


def has_bfloat16() -> bool:
    """Returns whether the processor has bfloat16 instructions, which make a network 1.4 to 2 times faster."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
