"""The gallery: every entry composes and says what it reached; small ones reach it again."""

import json
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from pydantic import ValidationError

import halo
from docs.site import gallery
from halo.config import TrainConfig, conf_dir, parse

ENTRIES = gallery.entries()
REPEATED = sorted(name for name, result in ENTRIES.items() if result.repeated)


def test_every_experiment_has_its_result_and_the_other_way_round() -> None:
    assert {file.stem for file in (gallery.FOLDER / "experiment").glob("*.yaml")} <= ENTRIES.keys()
    assert all(gallery.experiment_file(name).exists() for name in ENTRIES)
    assert REPEATED, "one entry at least is small enough to be trained again"


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_composes(name: str) -> None:
    search_path = f"hydra.searchpath=[file://{gallery.FOLDER}]"
    with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        composed = compose("train", [f"experiment={name}", "run_dir=x", *ENTRIES[name].overrides, search_path])
    parse(composed, TrainConfig)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_says_something(name: str) -> None:
    result = ENTRIES[name]
    assert result.figures.keys() >= {*gallery.FIGURES}
    assert all(figure > 1 for figure in result.figures.values())
    text = gallery.experiment_file(name).read_text(encoding="utf-8")
    assert text.startswith("# @package _global_\n# "), "a comment says what it is about"
    if result.corpus.name == "the bundled corpus":
        import hashlib

        assert (
            result.corpus.sha256
            == hashlib.sha256((gallery.BUNDLED / "covid_discussions.jsonl").read_bytes()).hexdigest()
        )


@pytest.mark.parametrize("name", REPEATED)
def test_a_small_entry_reaches_its_figure_again(name: str, tmp_path: Path) -> None:
    stated = ENTRIES[name]
    settings = [f"experiment={name}", *stated.overrides, f"data.cache_dir={tmp_path / 'cache'}"]
    reached = halo.fit(*settings, config_dir=gallery.FOLDER, run_dir=tmp_path / "run").scores
    for split in ("validation", "test"):
        figure = stated.figures[f"{split}_perplexity"]
        assert reached[split].perplexity == pytest.approx(figure, rel=stated.tolerance)
    written = gallery.result_of(tmp_path / "run")
    assert written["corpus"]["sha256"] == stated.corpus.sha256
    assert written["figures"]["test_perplexity"] == round(reached["test"].perplexity, 2)
    with pytest.raises(ValidationError, match="title"):
        gallery.Result.model_validate_json(json.dumps(written))  # what only its author knows is still empty


@pytest.mark.parametrize(
    "spoiled", [{"figures": {"test_perplexity": "low"}}, {"notes": "x"}, {"corpus": {"sha256": ""}}]
)
def test_an_untidy_result_is_refused(spoiled: dict[str, object]) -> None:
    content = json.loads((gallery.FOLDER / "results" / f"{REPEATED[0]}.json").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError):
        gallery.Result.model_validate_json(json.dumps(content | spoiled))


def test_the_page_shows_every_entry_with_its_command() -> None:
    page = gallery.page()
    for name, result in ENTRIES.items():
        assert f"\n## {name}\n" in page
        assert result.finding in page
    assert "python -m halo.train --config-dir gallery experiment=tiny_lstm" in page
