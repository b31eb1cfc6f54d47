"""MODEL_CARD.md of a saved model."""

import textwrap
from collections.abc import Sequence
from typing import Any

from halo.config import DataConfig, SavedConfig
from halo.corpus.corpus import Corpus
from halo.reports.console import breakdown_table, corpus_table, metrics_table, result_table, show_samples

_CARD_MEASURES = """\
Perplexity is exp(total nats / predicted tokens), `<eos>` counted, unknown words scored as `<unk>`, without dropout;
every stream begins without context. Weights were chosen on the validation split; the test split was used for these
tables only. Perplexities compare only between models with the same vocabulary and cleaning; bits per character compare
between all models of the same cleaned text. They are the bits of all tokens, and for each unknown word those of
spelling it with a model that draws each character by itself, for each character of the text with its spaces.
The interval is a bootstrap over documents: it says how far the choice of documents matters, not that of the seed.
The n-gram models counted the training split: on that split, which it has by heart, a 5-gram model's figure says nothing
about new text.
"""

_CARD_USE = """## Intended use

Learning how language models are made; a baseline for small corpora; measuring how expected or surprising a text is
against the training text; generating text to look at.

## What it must not be used for

Medical, legal or other advice; answers of fact; decisions about people; text that is passed off as written by a person
or as evidence.
"""


def model_card(config: SavedConfig, corpus: Corpus, metrics: dict[str, Any], samples: Sequence[str]) -> str:
    """Returns MODEL_CARD.md: data, training, measured quality, limits, and what the model is for and not for.

    Args:
        config: How the text was made into ids, and the architecture.
        corpus: The text.
        metrics: The run's figures.
        samples: Texts that the model wrote.
    """
    beginning = f"""# Model card

A small word-level language model ({config.model.name}, {metrics["num_parameters"]:,} parameters), trained with
Semblance Halo.
"""
    training = f"""## Training

All settings are in the run's `config.yaml`, those that the model needs in the `config.yaml` beside this card. The
weights are: {metrics["chosen_weights"]}.
"""
    parts = [
        _card_data(config.data, corpus),
        training,
        _card_quality(metrics, samples),
        _card_limits(corpus),
        _CARD_USE,
    ]
    return "\n".join([beginning, *parts])


def _card_data(config: DataConfig, corpus: Corpus) -> str:
    cleaning = config.cleaning
    return f"""## Data

Source: `{config.source}`. No document stands in two splits; the vocabulary comes from the training split only.

```
{corpus_table(corpus)}
```

Cleaning: steps {", ".join(cleaning.steps) or "none"}; case `{cleaning.case}`; numbers `{cleaning.numbers}`; besides
letters and digits, `{cleaning.keep_characters}` stay where the step `special` runs.
Tokens: kind `{config.tokenizer.kind}`; those that occur fewer than {config.tokenizer.min_count} times in the
training split are `<unk>` (with bpe, such pairs are not joined); `<eos>` ends each {config.tokenizer.eos}.
"""


def _card_quality(metrics: dict[str, Any], samples: Sequence[str]) -> str:
    shown = textwrap.indent(show_samples(samples), "    ")
    return f"""## Measured quality

```
{result_table(metrics)}
```

```
{metrics_table(metrics["splits"])}

{breakdown_table("test", metrics["splits"]["test"])}
```

Verdict: {metrics["verdict"]}.

{_CARD_MEASURES}
What it writes:

{shown or "(no samples were asked for)"}
"""


def _card_limits(corpus: Corpus) -> str:
    return f"""## Limits

- It has seen {corpus.counts["train"].words:,} words, its vocabulary is {corpus.tokenizer.vocab_size:,} tokens, and it
  knows nothing else. What it writes is in the manner of its training text and is not true because it sounds so.
- It repeats whatever bias, error and private detail its training text holds.
- Outside its domain it meets mostly unknown words, and its figures say little.
"""
