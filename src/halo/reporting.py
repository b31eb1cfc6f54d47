"""What people read: tables for the terminal, and the model card."""

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from halo.config import DataConfig, SavedConfig
from halo.text.corpus import Corpus
from halo.text.splitting import SPLITS

MAX_LABELS = 12

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


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table as text, its title above: the first column to the left, the others to the right."""
    drawn = Table()
    for position, name in enumerate(header):
        drawn.add_column(name, justify="left" if position == 0 else "right", no_wrap=True)
    for row in rows:
        drawn.add_row(*map(escape, row))
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


def quality_table(figures: Mapping[str, dict[str, Any]]) -> str:
    """Returns the figures that belong together, a column for each text.

    Args:
        figures: For each text the plain data of a `halo.evaluation.quality.Quality`.
    """
    rows = {
        "tokens, with <eos>": [f"{one['tokens']:,}" for one in figures.values()],
        "out of vocabulary": [f"{one['out_of_vocabulary_rate']:.2%}" for one in figures.values()],
        "nats/token": [f"{one['nats_per_token']:.4f}" for one in figures.values()],
        "perplexity": [f"{one['perplexity']:.2f}" for one in figures.values()],
        "  95 % interval over documents": [_interval(one["perplexity_interval"]) for one in figures.values()],
        "perplexity without <eos>": [_number(one["perplexity_without_eos"]) for one in figures.values()],
        "perplexity of known words": [_number(one["perplexity_known_words"]) for one in figures.values()],
        "bits per character": [_number(one["bits_per_character"], digits=4) for one in figures.values()],
        "  of these, spelling unknown words": [
            _number(one["spelling_bits_per_character"], digits=4) for one in figures.values()
        ],
        "streams": [f"{one['streams']}" for one in figures.values()],
    }
    title = "How well each text is predicted"
    return table(title, ["", *figures], [[name, *row] for name, row in rows.items()])


def _number(value: float | None, *, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _interval(bounds: Sequence[float] | None) -> str:
    return "-" if bounds is None else f"{bounds[0]:.1f} to {bounds[1]:.1f}"


def breakdown_table(name: str, figures: dict[str, Any]) -> str:
    """Returns where the nats of one text are spent: by label, frequency of the word, and position in the document.

    Args:
        name: What the text is called.
        figures: The plain data of its `halo.evaluation.quality.Quality`.
    """
    labels = sorted(figures["by_label"].items(), key=lambda item: -item[1]["tokens"])
    shown, left = labels[:MAX_LABELS], labels[MAX_LABELS:]
    kinds = {
        "label:": dict(shown),
        "times in training:": figures["by_frequency"],
        "position in document:": figures["by_position"],
    }
    rows = [
        [f"{what} {part}", *_part(one, figures["tokens"])]
        for what, parts in kinds.items()
        for part, one in parts.items()
    ]
    title = f"Where the nats of {name} are spent"
    if left:
        title += f" ({len(left)} smaller labels are in metrics.json)"
    return table(title, ["", "tokens", "nats", "perplexity"], rows)


def _part(part: dict[str, float], num_tokens: int) -> list[str]:
    return [f"{part['tokens'] / num_tokens:.1%}", f"{part['share_of_nats']:.1%}", _number(part["perplexity"])]


def seeds_table(metrics: dict[str, Any]) -> str:
    """Returns the perplexities of runs with several seeds, and how far they lie apart.

    Args:
        metrics: The plain data of a `halo.training.seeds.SeedsResult`.
    """
    rows = [
        [f"seed {seed}", *(f"{figures[f'{name}_perplexity']:.2f}" for name in SPLITS)]
        for seed, figures in metrics["seeds"].items()
    ]
    spreads = [metrics["spread"][name] for name in SPLITS]
    rows += [
        ["mean", *(f"{spread['mean']:.2f}" for spread in spreads)],
        ["standard deviation", *(f"{spread['standard_deviation']:.2f}" for spread in spreads)],
        ["lowest to highest", *(f"{spread['lowest']:.2f} to {spread['highest']:.2f}" for spread in spreads)],
    ]
    title = f"Perplexity of {len(metrics['seeds'])} seeds; {metrics['minutes']:.1f} minutes"
    return table(title, ["", *SPLITS], rows)


def model_card(config: SavedConfig, corpus: Corpus, metrics: dict[str, Any], samples: Sequence[str]) -> str:
    """Returns MODEL_CARD.md: data, training, measured quality, limits, and what the model is for and not for.

    Args:
        config: How the text was made into ids, and the architecture.
        corpus: The text.
        metrics: The run's figures.
        samples: Texts that the model wrote.
    """
    beginning = f"""# Model card

A small word-level language model ({config.model.name}, {metrics["parameters"]:,} parameters), trained with Semblance
Halo.
"""
    training = f"""## Training

All settings are in the run's `config.yaml`, those that the model needs in the `config.yaml` beside this card. The
weights are: {metrics["weights"]}.
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
{quality_table(metrics["quality"])}

{breakdown_table("test", metrics["quality"]["test"])}
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
