"""MODEL_CARD.md of a saved model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halo.config import SavedConfig
from halo.corpus.corpus import Corpus
from halo.reports.console import breakdown_table, corpus_table, metrics_table, result_table, show_samples


def model_card(config: SavedConfig, corpus: Corpus, metrics: dict[str, Any], samples: Sequence[str]) -> str:
    """Returns the text of MODEL_CARD.md: data, training, evaluation, limitations and intended use.

    Args:
        config: The data settings and the architecture of the model.
        corpus: The corpus it was trained on.
        metrics: The metrics of the run, as in metrics.json.
        samples: Generated texts.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # needed at the end of a run, not at its start

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    return environment.get_template("model_card.md.jinja").render(
        architecture=config.model.name,
        data=config.data,
        vocab_size=corpus.tokenizer.vocab_size,
        train_words=corpus.counts["train"].words,
        train_bases=corpus.counts["train"].characters,
        metrics=metrics,
        corpus_table=corpus_table(corpus),
        result_table=result_table(metrics),
        metrics_table=metrics_table(metrics["splits"]),
        breakdown_table=breakdown_table("test", metrics["splits"]["test"]),
        samples=show_samples(samples),
    )
