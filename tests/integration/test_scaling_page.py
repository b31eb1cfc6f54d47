"""docs/scaling.md shows what benchmarks/scaling_plan.py prints."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def plan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scaling_plan", ROOT / "benchmarks/scaling_plan.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scaling_plan"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["text", "training", "recurrent", "memory", "communication"])
def test_the_page_shows_each_table(name: str, plan: ModuleType) -> None:
    printed = plan.TABLES[name](plan.arguments([]))
    assert all(len(line) <= 80 for line in printed.splitlines())
    assert f"```\n{printed.strip()}\n```" in (ROOT / "docs/scaling.md").read_text(encoding="utf-8")


def test_one_device_sends_nothing_and_the_shortest_step_keeps_the_speed(plan: ModuleType) -> None:
    assert plan.all_reduce_seconds(1e9, 1, plan.NETWORKS[0]) == 0
    for model in plan.MODELS:
        for network in plan.NETWORKS:
            step = plan.shortest_step(model, 8, network)
            words = plan.all_reduce_seconds(4 * model.word_parameters, 8, network)
            others = plan.all_reduce_seconds(4 * (model.parameters - model.word_parameters), 8, network)
            taken = step + words + max(0.0, others - plan.BACKWARD_SHARE * step)
            assert step / taken == pytest.approx(plan.KEPT_SPEED)


def test_the_cost_is_that_of_the_operations(plan: ModuleType) -> None:
    hours = plan.training_hours(1e9, 1e10, 8, utilisation=0.5)
    assert hours == pytest.approx(6e19 / (8 * 989e12 * 0.5) / 3600)
    assert plan.training_hours(1e9, 1e10, 64, utilisation=0.5) == pytest.approx(hours / 8)
