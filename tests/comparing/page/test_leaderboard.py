"""The leaderboard has a row for each run, with links to its report and figures that can be sorted."""

from dataclasses import replace
from pathlib import Path

from halo.comparing.comparison import RunGroup, Spread
from halo.comparing.page.leaderboard import leaderboard_context, report_link
from halo.comparing.page.material import Material
from tests.support.comparisons import VARIED, compared_run, comparison_of


def test_rows_have_settings_first_and_figures_to_sort_by(tmp_path: Path) -> None:
    settings = {"optim.lr": 0.0031234567, "model.hidden": 64}
    runs = [compared_run(4, 80.123, settings, folder=tmp_path), compared_run(2, None, settings, folder=tmp_path)]
    found = leaderboard_context(Material(comparison_of(runs), tmp_path))
    assert found["headings"][:5] == ["lr", "hidden", "name", "validation perplexity", "test perplexity"]
    first, failed = found["rows"]
    cells = dict(zip(found["headings"], first["cells"], strict=True))
    assert cells["lr"][:2] == ("0.003123", "0.0031234567")
    assert cells["name"].text == ""
    assert cells["validation perplexity"][:3] == ("80.12", "80.123", "76.9–83.3")
    assert cells["tokens/s"][:2] == ("14,000", "14000.0")
    assert (first["rank"], failed["rank"]) == ("1", "")
    assert [cell.text for cell in failed["cells"][3:6]] == ["–"] * 3
    assert failed["cells"][-1].text == "failed"
    assert found["groups"] is None


def test_links_are_relative_and_quoted(tmp_path: Path) -> None:
    run = replace(compared_run(1, 80, {}, folder=tmp_path), folder=str(tmp_path / 'javascript:a "b" #1'))
    assert report_link(run, tmp_path) is None
    Path(run.folder).mkdir()
    (Path(run.folder) / "report.html").touch()
    assert report_link(run, tmp_path) == "javascript%3Aa%20%22b%22%20%231/report.html"
    assert report_link(run, tmp_path / "pages") == "../javascript%3Aa%20%22b%22%20%231/report.html"


def test_seeds_have_a_mean_and_a_spread(tmp_path: Path) -> None:
    settings = {"optim.lr": 0.003}
    runs = [compared_run(number, 80.0 + number, settings, folder=tmp_path, group="a") for number in range(3)]
    spread = {"validation": Spread(81.0, 1.0), "test": Spread(None, None)}
    group = RunGroup("a", "lr=0.003", settings, [0, 1, 2], 0, spread, 4_000_000, 3.5)
    comparison = replace(comparison_of(runs, VARIED), groups=[group], differences=[])
    found = leaderboard_context(Material(comparison, tmp_path))
    assert found["headings"][6] == "mean ± sd over seeds"
    assert found["rows"][1]["cells"][6].text == "81.00 ± 1.00"
    ((label, cells),) = found["groups"]["rows"]
    assert label == "lr=0.003"
    assert [cell.text for cell in cells] == ["3", "81.00 ± 1.00", "–", "3.5"]


def test_sets_that_do_not_compare_have_no_common_rank(tmp_path: Path) -> None:
    runs = [compared_run(number, 80.0, {}, folder=tmp_path, comparable=number) for number in range(2)]
    found = leaderboard_context(Material(comparison_of(runs), tmp_path))
    assert found["headings"][0] == "set"
    assert [row["rank"] for row in found["rows"]] == ["", ""]
    assert [row["cells"][0].text for row in found["rows"]] == ["1", "2"]


def test_bits_per_character_have_four_digits(tmp_path: Path) -> None:
    runs = [compared_run(0, 80.0, {}, folder=tmp_path)]
    found = leaderboard_context(Material(comparison_of(runs, measure="bits_per_character"), tmp_path))
    cells = dict(zip(found["headings"], found["rows"][0]["cells"], strict=True))
    assert cells["validation bits/character"][:3:2] == ("1.2644", "")
