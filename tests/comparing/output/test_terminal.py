"""A comparison in 80 columns."""

from pathlib import Path
from typing import Any

import pytest

from halo.comparing.compare import compare_runs
from halo.comparing.output.terminal import comparison_text
from tests.support.compared_runs import write_run


def shown(folder: Path, *, split: str = "validation") -> str:
    return comparison_text(compare_runs([str(folder)], split=split))


def test_it_shows_what_varies_figures_with_intervals_and_differences(tmp_path: Path) -> None:
    for number, lr in enumerate((0.1, 0.2)):
        write_run(tmp_path / str(number), nll=4 + number / 10, noise=number, optim__lr=lr)
    write_run(tmp_path / "2", finished=False, optim__lr=0.3)
    text = shown(tmp_path)
    lines = text.splitlines()
    assert lines[0] == "Ranked by validation perplexity"
    assert any("lr" in line and "validation" in line and "minutes" in line for line in lines)
    assert any("│ 2 │" in line and "0.2" in line and "[11111.1, 22222.2]" in line for line in lines)
    assert any("│ 2 │" in line and "%" in line and "<0.001" in line for line in lines)
    assert any("failed" in line and "it has not finished" in line for line in lines)
    assert "Settings are chosen on validation" in text
    assert "Holm's method for 1" in text
    assert "the best of many looks better" in shown(tmp_path, split="test")


@pytest.mark.parametrize("width", [5, 200])
def test_it_fits_80_columns_whatever_varies(tmp_path: Path, width: int) -> None:
    for number in range(4):
        settings: dict[str, Any] = {
            f"data__{key}": f"{'x' * width}/{number % 3}" for key in ("path", "train_path", "test_path")
        }
        write_run(tmp_path / ("n" * width) / str(number), nll=4 + number / 10, noise=number, **settings)
    assert max(map(len, shown(tmp_path).splitlines())) <= 80


def test_seeds_share_a_row_and_sets_have_numbers(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_run(tmp_path / f"a{seed}", seed=seed, nll=4 + seed / 50)
    write_run(tmp_path / "b", vocabulary="c", texts="d", optim__lr=0.5)
    text = shown(tmp_path)
    assert " ± " in text
    assert "│ 1.1 │" in text
    assert "│ 2.1 │" in text


def test_nothing_finished_is_said(tmp_path: Path) -> None:
    write_run(tmp_path / "a", finished=False)
    assert "No run has finished, so there is nothing to rank." in shown(tmp_path)
