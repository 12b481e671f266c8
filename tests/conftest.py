"""What all tests share: one thread, unhurried hypothesis, and where the real data is."""

from __future__ import annotations

import os
from pathlib import Path

# Before numpy or torch is imported: on a busy two-core machine a second OpenMP
# thread makes small networks five times slower.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# Triton reads this when it is first imported, which torch does unasked: without a GPU its
# kernels are interpreted (tests/models/test_fused_kernels.py).
if not Path("/dev/nvidiactl").exists():
    os.environ.setdefault("TRITON_INTERPRET", "1")

import hypothesis  # noqa: E402
import pytest  # noqa: E402

# A deadline measures the machine, not the code. For a thorough search:
# pytest --hypothesis-profile=thorough
for _name, _examples in (("linework", 50), ("thorough", 1000)):
    hypothesis.settings.register_profile(
        _name,
        deadline=None,
        max_examples=_examples,
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("linework")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real drawings, `$LINEWORK_DATA` or ../shared/data; skips where absent."""
    folder = Path(os.environ.get("LINEWORK_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "quickdraw").is_dir():
        pytest.skip(f"no real drawings at {folder}; set LINEWORK_DATA to where they are")
    return folder
