"""Tests of the settings of launchers."""

import pytest
from pydantic import TypeAdapter, ValidationError

from halo.config.launcher import LauncherVariant, LocalLauncherConfig, RayLauncherConfig

VARIANT: TypeAdapter[object] = TypeAdapter(LauncherVariant)


def test_the_name_selects_the_launcher() -> None:
    assert VARIANT.validate_python({"name": "local"}) == LocalLauncherConfig("local")
    ray = {"name": "ray", "address": None, "cpus_per_worker": 1, "gpus_per_worker": 0.5}
    assert VARIANT.validate_python(ray) == RayLauncherConfig("ray", None, 1, 0.5)


@pytest.mark.parametrize("change", [{"cpus_per_worker": 0}, {"gpus_per_worker": -1}, {"address": ""}, {"queue": "a"}])
def test_what_a_launcher_cannot_be_asked_for(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VARIANT.validate_python({"name": "ray", "address": None, "cpus_per_worker": 1, "gpus_per_worker": 0, **change})
