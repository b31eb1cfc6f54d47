"""The model card: data, metrics and samples of the run, and nothing of them taken for markup or a template."""

from dataclasses import replace

from halo.config import SavedConfig, TrainConfig
from halo.corpus.prepare import prepare
from halo.reports.console import breakdown_table, corpus_table, metrics_table, result_table
from halo.reports.model_card import model_card
from tests.support.run_metrics import run_metrics


def test_the_card_holds_the_tables_and_the_settings_of_the_run(tiny_config: TrainConfig) -> None:
    corpus, metrics = prepare(tiny_config.data), run_metrics()
    config = SavedConfig(data=tiny_config.data, model=tiny_config.model)
    card = model_card(config, corpus, metrics, ["<b>one</b> & {{ two }}\n\nthree", "four"])
    for shown in (
        corpus_table(corpus),
        result_table(metrics),
        metrics_table(metrics["splits"]),
        breakdown_table("test", metrics["splits"]["test"]),
    ):
        assert f"```\n{shown}\n" in card or f"\n\n{shown}\n```" in card
    assert f"Verdict: {metrics['verdict']}." in card
    assert f"({tiny_config.model.name}, 5,000,000 parameters)" in card
    assert "keeps letters, digits and all signs of text, but no pictographs." in card
    assert "\n    <b>one</b> & {{ two }}\n\n    three\n\n    ---\n\n    four\n" in card
    assert max(len(line) for line in card.splitlines() if line[:1] in "┏│└") <= 80


def test_a_run_without_samples_or_cleaning_says_so(tiny_config: TrainConfig) -> None:
    cleaning = replace(tiny_config.data.cleaning, steps=[])
    config = SavedConfig(data=replace(tiny_config.data, cleaning=cleaning), model=tiny_config.model)
    card = model_card(config, prepare(tiny_config.data), run_metrics(), [])
    assert "(no samples were requested)" in card
    assert "Cleaning steps: none." in card
