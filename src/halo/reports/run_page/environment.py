"""Versions and hardware of a run."""

import datetime
import importlib.metadata
import platform
from pathlib import Path

import torch


def describe_environment(device: torch.device) -> dict[str, str]:
    """Returns the versions of the packages, and the hardware, that a run uses; recorded in its metrics.json.

    Args:
        device: The device of the model.
    """
    packages = {"semblance-halo": "Semblance Halo", "torch": "PyTorch", "lightning": "Lightning"}
    versions = {name: _version(package) for package, name in packages.items()}
    return {
        **{name: version for name, version in versions.items() if version},
        "Python": platform.python_version(),
        "operating system": platform.platform(terse=True),
        "processor": _processor(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": str(torch.get_num_threads()),
        "finished": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    """Returns the name of the processor; on Linux `platform` knows only its architecture."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return value.strip()
    return platform.processor() or platform.machine()
