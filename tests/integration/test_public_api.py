"""`import halo`: light, complete, and documented."""

import subprocess
import sys

import pytest

import halo

HEAVY = ("torch", "lightning", "hydra", "omegaconf", "numpy", "pydantic", "tokenizers", "yaml", "halo.config")


def test_importing_halo_imports_no_other_library() -> None:
    program = f"import sys, halo; loaded = [name for name in {HEAVY} if name in sys.modules]; assert not loaded, loaded"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_public_name_is_there_and_documented() -> None:
    assert {*halo.__all__} <= {*dir(halo)}
    for name in halo.__all__:
        value = getattr(halo, name)
        assert isinstance(value, str) if name == "__version__" else value.__doc__
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        halo.trian  # noqa: B018
