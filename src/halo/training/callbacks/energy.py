"""The energy of a run: read from the processor's own counters, or time times power by a stated formula."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L

from halo.runtime.errors import counted

log = logging.getLogger(__name__)

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the energy counters of processors (RAPL, running average power limit)."""

READ_SECONDS = 20.0
"""Time between two readings: the counters begin again after some tens of minutes under full load."""

WATTS_PER_CORE = 12.0
"""Thermal design power of a core where nothing is known of the processor: the default of Green Algorithms."""

MIN_COVERED = 0.95
"""Share of the run's time that the counters must have been read in, so that their sum is that of the run."""


class PackageCounters:
    """Reads the energy counters of all processor packages of this machine."""

    def __init__(self, folder: Path = POWERCAP) -> None:
        self._zones = [zone for zone in sorted(folder.glob("intel-rapl:*")) if self._is_package(zone)]
        self._last = self._read()

    @property
    def can_be_read(self) -> bool:
        """Whether there are counters, and this user may read them."""
        return self._last is not None

    def joules_since_last(self) -> float:
        """Returns the energy since the reading before; 0 where a counter cannot be read."""
        before, now = self._last, self._read()
        if before is None or now is None:
            return 0.0
        self._last = now
        ranges = [int((zone / "max_energy_range_uj").read_text()) for zone in self._zones]
        pairs = zip(before, now, ranges, strict=True)
        return sum((end - start) % (highest + 1) for start, end, highest in pairs) / 1e6

    def _read(self) -> list[int] | None:
        try:
            return [int((zone / "energy_uj").read_text()) for zone in self._zones] or None
        except (OSError, ValueError):
            return None

    @staticmethod
    def _is_package(zone: Path) -> bool:
        try:
            return (zone / "name").read_text().startswith("package")
        except OSError:
            return False


class EnergyCounter(L.Callback):
    """Sums the energy of the processor over a run, its parts before it was resumed included.

    Attributes:
        joules: The energy so far; 0 where there are no counters.
        seconds: The time that it is the energy of.
    """

    def __init__(self, counters: PackageCounters | None = None) -> None:
        self._counters = PackageCounters() if counters is None else counters
        self.joules = 0.0
        self.seconds = 0.0
        self._read_at = time.perf_counter()

    def read(self) -> None:
        """Adds the energy since the last reading."""
        now = time.perf_counter()
        if self._counters.can_be_read:
            self.joules += self._counters.joules_since_last()
            self.seconds += now - self._read_at
        self._read_at = now

    def on_train_batch_end(self, *_: Any) -> None:
        """Reads the counters now and then."""
        if time.perf_counter() - self._read_at > READ_SECONDS:
            self.read()

    def state_dict(self) -> dict[str, Any]:
        """Returns the energy so far, for the checkpoint."""
        self.read()
        return {"joules": self.joules, "seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Adds the energy of the parts of the run before it was resumed."""
        self.joules += state_dict["joules"]
        self.seconds += state_dict["seconds"]


class Machine(NamedTuple):
    """What a run computes on.

    Attributes:
        device: The type of its devices, as torch calls it.
        devices: The number of devices, or of processes on CPUs.
        threads: The number of threads of each process.
        cores: The number of cores of the machine.
    """

    device: str
    devices: int
    threads: int
    cores: int


def energy_entry(
    *, minutes: float, machine: Machine, watts: float | None, carbon_intensity: float | None, counter: EnergyCounter
) -> dict[str, Any]:
    """Returns the energy of a run and how it was found, as plain data for metrics.json.

    Args:
        minutes: Duration of the run, its parts before it was resumed included.
        machine: What it computes on.
        watts: Power of the processor or of one GPU board under load; None if not given.
        carbon_intensity: Grams of CO2 equivalents per kWh; None if not given.
        counter: The counter of the run.
    """
    counter.read()
    if machine.device == "cpu" and watts is None and counter.seconds >= MIN_COVERED * 60 * minutes > 0:
        kilowatt_hours: float | None = counter.joules / 3_600_000
        how = (
            "read from the energy counters of the processor (RAPL): all that it used, other programs included, without "
            "memory and other parts"
        )
        source = "counters"
    else:
        power, how, source = _power(machine, watts)
        kilowatt_hours = None if power is None else power * minutes / 60_000
    emitted = None if kilowatt_hours is None or carbon_intensity is None else kilowatt_hours * carbon_intensity
    entry = {
        "kilowatt_hours": kilowatt_hours,
        "minutes": minutes,
        "source": source,
        "carbon_intensity": carbon_intensity,
        "grams_co2e": emitted,
    }
    return {**entry, "statement": _statement(entry, how)}


def _power(machine: Machine, watts: float | None) -> tuple[float | None, str, str]:
    """Returns the power of a run in watts, how it was found, and by what: a setting, a default, or nothing."""
    if machine.device != "cpu":
        if watts is None:
            return None, f"the power of {counted(machine.devices, 'device')} ({machine.device}) is not known", "none"
        return watts * machine.devices, f"{counted(machine.devices, 'device')} of {watts:g} W (card.watts)", "setting"
    threads = min(machine.threads * machine.devices, machine.cores)
    if watts is None:
        default = f"{counted(threads, 'core')} of {WATTS_PER_CORE:g} W, a default (Lannelongue et al. 2021)"
        return threads * WATTS_PER_CORE, default, "default"
    share = f"{threads} of {counted(machine.cores, 'core')} of a processor of {watts:g} W (card.watts)"
    return watts * threads / machine.cores, share, "setting"


def _statement(entry: Mapping[str, Any], how: str) -> str:
    """Returns the energy and the emissions in sentences."""
    used, emitted = entry["kilowatt_hours"], entry["grams_co2e"]
    if used is None:
        return f"Energy: not stated; {how}, and card.watts sets it. Time: {entry['minutes']:.1f} minutes."
    about = f"Energy: {_amount(used)} in {entry['minutes']:.1f} minutes; "
    formula = (
        how if entry["source"] == "counters" else f"time x power, with {how}, without memory, cooling and idle parts"
    )
    if emitted is None:
        carbon = "Emissions: not stated, they depend on the electricity (card.carbon_intensity)."
    else:
        carbon = f"Emissions: {emitted:.3g} g of CO2 equivalents at {entry['carbon_intensity']:g} g per kWh."
    return f"{about}{formula}. {carbon}"


def _amount(kilowatt_hours: float) -> str:
    """Returns an energy in Wh, or in kWh from one on.

    >>> _amount(0.00123), _amount(12.3)
    ('about 1.23 Wh', 'about 12.3 kWh')
    """
    if kilowatt_hours < 1:
        return f"about {1000 * kilowatt_hours:.3g} Wh"
    return f"about {kilowatt_hours:.3g} kWh"
