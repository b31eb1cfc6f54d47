"""What people read: tables for the terminal, and the model card."""

import io
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from halo.config import SavedConfig
from halo.text.corpus import Corpus
from halo.text.splitting import SPLITS

_CARD_USE = """## Intended use

Learning how language models are made; a baseline for small corpora; measuring how expected or surprising a text is
against the training text; generating text to look at.

## What it must not be used for

Medical, legal or other advice; answers of fact; decisions about people; text that is passed off as written by a person
or as evidence.
"""


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table as text, its title above: the first column to the left, the others to the right."""
    drawn = Table()
    for position, name in enumerate(header):
        drawn.add_column(name, justify="left" if position == 0 else "right", no_wrap=True)
    for row in rows:
        drawn.add_row(*row)
    canvas = io.StringIO()
    Console(file=canvas, width=160).print(drawn)
    return f"{title}\n{canvas.getvalue().rstrip()}"


def corpus_table(corpus: Corpus) -> str:
    """Returns what each split consists of."""
    rows = []
    for name in SPLITS:
        counts = corpus.counts[name]
        numbers = (counts.documents, counts.words, counts.characters, counts.tokens)
        rows.append([name, *(f"{number:,}" for number in numbers), f"{counts.out_of_vocabulary_rate:.2%}"])
    title = f"Corpus: vocabulary of {corpus.tokenizer.vocab_size:,} tokens from the training split; {corpus.folder}"
    return table(title, ["split", "documents", "words", "characters", "tokens", "out of vocabulary"], rows)


def result_table(metrics: dict[str, Any]) -> str:
    """Returns the perplexity of each split beside those of models without a network, as far as there are figures."""
    models = {"this model": "", "Kneser-Ney 5-gram": "kneser_ney_", "unigram model": "unigram_"}
    rows = [
        [shown, *(f"{metrics[f'{prefix}{name}_perplexity']:.1f}" for name in SPLITS)]
        for shown, prefix in models.items()
        if f"{prefix}{SPLITS[0]}_perplexity" in metrics
    ]
    rows.append(["uniform model", *[f"{metrics['uniform_perplexity']:.1f}"] * len(SPLITS)])
    title = (
        f"Perplexity ({metrics['weights']}); {metrics['parameters']:,} parameters, "
        f"{metrics['train_tokens_per_second']:,.0f} tokens/s in training, {metrics['minutes']:.1f} minutes"
    )
    return table(title, ["", *SPLITS], rows)


def model_card(config: SavedConfig, corpus: Corpus, metrics: dict[str, Any], samples: Sequence[str]) -> str:
    """Returns MODEL_CARD.md: data, training, measured quality, limits, and what the model is for and not for.

    Args:
        config: How the text was made into ids, and the architecture.
        corpus: The text.
        metrics: The run's figures.
        samples: Texts that the model wrote.
    """
    cleaning = config.data.cleaning
    shown = textwrap.indent(show_samples(samples), "    ")
    return f"""# Model card

A small word-level language model ({config.model.name}, {metrics["parameters"]:,} parameters), trained with Semblance
Halo.

## Data

Source: `{config.data.source}`. No document stands in two splits; the vocabulary comes from the training split only.

```
{corpus_table(corpus)}
```

Cleaning: steps {", ".join(cleaning.steps) or "none"}; case `{cleaning.case}`; numbers `{cleaning.numbers}`; besides
letters and digits, `{cleaning.keep_characters}` stay where the step `special` runs.
Tokens: kind `{config.data.tokenizer.kind}`; those that occur fewer than {config.data.tokenizer.min_count} times in the
training split are `<unk>` (with bpe, such pairs are not joined); `<eos>` ends each {config.data.tokenizer.eos}.

## Training

All settings are in the run's `config.yaml`, those that the model needs in the `config.yaml` beside this card. The
weights are: {metrics["weights"]}.

## Measured quality

```
{result_table(metrics)}
```

Perplexity is exp(total nats / predicted tokens), `<eos>` counted, unknown words scored as `<unk>`, without dropout,
with {config.data.eval_streams} parallel streams that each begin without context. Weights were chosen on the validation
split; the test split was used for this table only. Perplexities compare only between models with the same vocabulary
and cleaning. A 5-gram model has the training split by heart: its figure there says nothing about new text.

What it writes:

{shown or "(no samples were asked for)"}

## Limits

- It has seen {corpus.counts["train"].words:,} words, its vocabulary is {corpus.tokenizer.vocab_size:,} tokens, and it
  knows nothing else. What it writes is in the manner of its training text and is not true because it sounds so.
- It repeats whatever bias, error and private detail its training text holds.
- Outside its domain it meets mostly unknown words, and its figures say little.

{_CARD_USE}"""


def show_samples(samples: Sequence[str]) -> str:
    """Returns texts that a model wrote, in lines of a readable length, with a rule between them."""
    wrapped = ("\n".join(textwrap.fill(line, 100) for line in text.split("\n")) for text in samples)
    return "\n\n---\n\n".join(wrapped)


def next_commands(run_dir: Path) -> str:
    """Returns the run folder and the commands to go on with."""
    folder = from_here(run_dir)
    return f"""Run folder: {folder}
  python -m halo.generate run={folder} prompt="the virus"
  python -m halo.evaluate run={folder}
  tensorboard --logdir {folder}"""


def from_here(path: Path) -> Path:
    """Returns a path as one would name it in the current folder, or as it is where it lies elsewhere."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
