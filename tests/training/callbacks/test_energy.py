"""Energy by counters and by the formula, in runs that were resumed and on machines that say nothing."""

from pathlib import Path

import pytest

from halo.training.callbacks.energy import EnergyCounter, Machine, PackageCounters, energy_entry

TWO_OF_FOUR = Machine("cpu", 1, 2, 4)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, which tests set."""
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    return now


def package(folder: Path, *, name: str = "package-0", number: int = 0) -> Path:
    zone = folder / f"intel-rapl:{number}"
    zone.mkdir()
    for file, text in (("name", name), ("energy_uj", "900"), ("max_energy_range_uj", "999")):
        (zone / file).write_text(f"{text}\n")
    return zone


def without_counters(tmp_path: Path) -> EnergyCounter:
    return EnergyCounter(PackageCounters(tmp_path / "missing"))


def test_counters_that_begin_again_are_added_up(tmp_path: Path) -> None:
    zone = package(tmp_path)
    package(tmp_path, name="psys", number=1)  # includes the packages
    (tmp_path / "intel-rapl:0:0").mkdir()  # a part of a package
    counters = PackageCounters(tmp_path)
    assert counters.can_be_read
    (zone / "energy_uj").write_text("100")
    assert counters.joules_since_last() == pytest.approx(200e-6)
    (zone / "energy_uj").write_text("150")
    assert counters.joules_since_last() == pytest.approx(50e-6)
    (zone / "energy_uj").unlink()
    assert counters.joules_since_last() == 0
    assert not PackageCounters(tmp_path / "missing").can_be_read


def test_a_resumed_run_counts_its_earlier_parts(tmp_path: Path, clock: list[float]) -> None:
    zone = package(tmp_path)
    first = EnergyCounter(PackageCounters(tmp_path))
    clock[0] += 60
    (zone / "energy_uj").write_text("950")
    state = first.state_dict()
    second = EnergyCounter(PackageCounters(tmp_path))
    second.load_state_dict(state)
    clock[0] += 60
    (zone / "energy_uj").write_text("980")
    entry = energy_entry(minutes=2, machine=TWO_OF_FOUR, watts=None, carbon_intensity=500, counter=second)
    assert entry["source"] == "counters"
    assert entry["kilowatt_hours"] == pytest.approx(80e-6 / 3.6e6)
    assert entry["grams_co2e"] == pytest.approx(500 * entry["kilowatt_hours"])
    # Counters that cover a part of the run only, as after a resume on another machine, are not taken.
    assert energy_entry(minutes=9, machine=TWO_OF_FOUR, watts=None, carbon_intensity=None, counter=second)[
        "source"
    ] == ("default")


@pytest.mark.parametrize(
    ("machine", "watts", "expected", "said"),
    [
        (TWO_OF_FOUR, None, 24, "2 cores of 12 W, a default (Lannelongue et al. 2021)"),
        (TWO_OF_FOUR, 100.0, 50, "2 of 4 cores of a processor of 100 W (card.watts)"),
        (Machine("cpu", 8, 2, 4), 100.0, 100, "4 of 4 cores"),
        (Machine("cuda", 2, 2, 4), 300.0, 600, "2 devices of 300 W (card.watts)"),
        (Machine("cuda", 1, 2, 4), None, None, "the power of 1 device (cuda) is not known, and card.watts sets it"),
    ],
)
def test_the_formula_is_time_times_power(
    tmp_path: Path, machine: Machine, watts: float | None, expected: float | None, said: str
) -> None:
    counter = without_counters(tmp_path)
    entry = energy_entry(minutes=30, machine=machine, watts=watts, carbon_intensity=None, counter=counter)
    assert entry["kilowatt_hours"] == (None if expected is None else pytest.approx(expected / 2000))
    assert said in entry["statement"]
    assert entry["grams_co2e"] is None
    assert ("Emissions: not stated" in entry["statement"]) == (expected is not None)
