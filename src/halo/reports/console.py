"""What people read: tables for the terminal, and the model card."""

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from halo.config import SPLITS
from halo.corpus.corpus import Corpus

MAX_LABELS = 12


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
        f"Perplexity ({metrics['chosen_weights']}); {metrics['parameters']:,} parameters, "
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
        "nats/token": [f"{one['nll']:.4f}" for one in figures.values()],
        "perplexity": [f"{one['perplexity']:.2f}" for one in figures.values()],
        "  95 % interval over documents": [_interval(one["perplexity_interval"]) for one in figures.values()],
        "perplexity without <eos>": [_number(one["perplexity_without_eos"]) for one in figures.values()],
        "perplexity of known words": [_number(one["perplexity_known_words"]) for one in figures.values()],
        "bits per character": [_number(one["bits_per_character"], digits=4) for one in figures.values()],
        "  of these, spelling unknown words": [
            _number(one["oov_bits_per_character"], digits=4) for one in figures.values()
        ],
        "batch size": [f"{one['batch_size']}" for one in figures.values()],
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
    return [f"{part['tokens'] / num_tokens:.1%}", f"{part['share_of_nll']:.1%}", _number(part["perplexity"])]


def seeds_table(metrics: dict[str, Any]) -> str:
    """Returns the perplexities of runs with several seeds, and how far they lie apart.

    Args:
        metrics: The plain data of a `halo.runs.seeds.SeedsResult`.
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


def show_samples(samples: Sequence[str]) -> str:
    """Returns texts that a model wrote, in lines of a readable length, with a rule between them."""
    wrapped = ("\n".join(textwrap.fill(line, 100) for line in text.split("\n")) for text in samples)
    return "\n\n---\n\n".join(wrapped)


def next_commands(run_dir: Path) -> str:
    """Returns the run folder and the commands to go on with."""
    folder = relative_to_cwd(run_dir)
    return f"""Run folder: {folder}
  python -m halo.generate run={folder} prompt="the virus"
  python -m halo.evaluate run={folder}
  tensorboard --logdir {folder}"""


def relative_to_cwd(path: Path) -> Path:
    """Returns a path as one would name it in the current folder, or as it is where it lies elsewhere."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
