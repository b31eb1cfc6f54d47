"""Text for the terminal: tables, samples, and the commands to run next."""

import io
import math
import shlex
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from halo.config import SPLITS
from halo.corpus.cleaning_messages import describe_line_ends, describe_removed_characters
from halo.corpus.corpus import Corpus
from halo.corpus.duplicate_messages import describe_duplicates
from halo.corpus.genomes.messages import describe_genome, genome_rows
from halo.corpus.series.messages import ROWS_HEADER, describe_series, series_rows
from halo.runtime.errors import printable
from halo.runtime.hydra_quoting import argument

MAX_LABELS = 12
MAX_LABEL_WIDTH = 38  # in columns of the terminal
MAX_PLAIN_COUNT = 100_000_000
MAX_PLAIN = 1e7  # larger figures are those of models that have diverged
WIDTH = 80


def table(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    text_columns: Collection[int] = (0,),
    width: int = WIDTH,
) -> str:
    """Returns a table as text below its title.

    The width is fixed, not that of the terminal, so that log files and model cards are the same everywhere. Cells that
    do not fit are wrapped, never cut off.

    Args:
        title: One line or more, wrapped at 80 columns.
        header: Names of the columns.
        rows: Cells as plain text.
        text_columns: Indices of the left-aligned columns; the others are right-aligned.
        width: Of the table, in characters.
    """
    drawn = Table()
    for position, name in enumerate(header):
        drawn.add_column(escape(name), justify="left" if position in text_columns else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*map(escape, row))
    canvas = io.StringIO()
    Console(file=canvas, width=width).print(drawn)
    above = "\n".join(map(wrapped, title.splitlines()))
    return f"{above}\n{canvas.getvalue().rstrip()}"


def table_width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    r"""Returns the width of a table in which no cell is wrapped, in characters.

    >>> table_width(["a"], [["long"], ["two\nlines"]])
    9
    """
    columns = zip(header, *rows, strict=True)
    return 1 + sum(
        3 + max(cell_len(line) for cell in column for line in cell.splitlines() or [""]) for column in columns
    )


def wrapped(text: str) -> str:
    """Returns a line of text wrapped at 80 columns; further lines are indented, and words and paths stay whole.

    >>> print(wrapped("  To keep " + "very " * 12 + "long lines: data.tokenizer.kind=char"))
      To keep very very very very very very very very very very very very long
        lines: data.tokenizer.kind=char
    """
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.fill(text, WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False)


def corpus_table(corpus: Corpus) -> str:
    """Returns the table of the documents, words and tokens of each split, and what was removed if it is much."""
    if "genome" in corpus.manifest:
        return genome_table(corpus)
    if "series" in corpus.manifest:
        return series_table(corpus)
    rows = []
    for split in SPLITS:
        counts = corpus.counts[split]
        numbers = (counts.documents, counts.words, counts.characters, counts.tokens)
        rows.append([split, *map(count, numbers), f"{counts.out_of_vocabulary_rate:.2%}"])
    title = f"Corpus: vocabulary of {corpus.tokenizer.vocab_size:,} tokens from the training split"
    title += f"\nPrepared text: {corpus.location}"
    drawn = table(title, ["split", "documents", "words", "characters", "tokens", "out of vocabulary"], rows)
    removed = describe_removed_characters(corpus.statistics, corpus.manifest["settings"]["cleaning"])
    line_ends = describe_line_ends(corpus.manifest["line_ends"])
    messages = [
        *describe_duplicates(corpus.manifest["duplicates"]),
        *removed,
        *line_ends,
        *corpus.manifest.get("notes", ()),
    ]
    return "\n".join([drawn, *map(wrapped, messages)])


def genome_table(corpus: Corpus) -> str:
    """Returns the table of the regions and bases of each split of a genome, and what was done with the sequences."""
    title = f"Genome: vocabulary of {corpus.tokenizer.vocab_size:,} tokens"
    title += f"\nPrepared sequences: {corpus.location}"
    header = ["split", "regions", "bases", "tokens", "GC", "N"]
    rows = [
        [split, count(regions), count(bases), count(tokens), f"{gc:.1%}", f"{unknown:.2%}"]
        for split, regions, bases, tokens, gc, unknown in genome_rows(corpus.manifest)
    ]
    messages = [*describe_genome(corpus.manifest), *corpus.manifest.get("notes", ())]
    return "\n".join([table(title, header, rows), *map(wrapped, messages)])


def series_table(corpus: Corpus) -> str:
    """Returns the table of the dates and values of each split of series, and what was found in their tables."""
    title = f"Series: vocabulary of {corpus.tokenizer.vocab_size:,} tokens, of which 2 are no bins"
    title += f"\nPrepared series: {corpus.location}"
    drawn = table(title, ROWS_HEADER, series_rows(corpus.manifest), text_columns=(0, 1, 2))
    messages = [*map(printable, describe_series(corpus.manifest)), *corpus.manifest.get("notes", ())]
    return "\n".join([drawn, *map(wrapped, messages)])


def count(number: int) -> str:
    """Returns a number of things as text; from a hundred million on in millions, so that it fits into a table.

    >>> count(1_234_567), count(12_345_678_901)
    ('1,234,567', '12,345.7 M')
    """
    return f"{number:,}" if number < MAX_PLAIN_COUNT else f"{number / 1e6:,.1f} M"


def result_table(metrics: Mapping[str, Any]) -> str:
    """Returns the table of each split's perplexity under the trained model and under the baselines.

    Args:
        metrics: The metrics of a run, as in metrics.json; baselines that are not in it are left out.
    """
    prefixes = {"this model": "", "Kneser-Ney 5-gram": "kneser_ney_", "unigram": "unigram_"}
    rows = [
        [model, *(number(metrics[f"{prefix}{split}_perplexity"], digits=1) for split in SPLITS)]
        for model, prefix in prefixes.items()
        if f"{prefix}{SPLITS[0]}_perplexity" in metrics
    ]
    rows.append(["uniform", *[number(metrics["uniform_perplexity"], digits=1)] * len(SPLITS)])
    title = (
        f"Perplexity ({metrics['chosen_weights']})\n{metrics['num_parameters']:,} parameters; "
        f"{metrics['train_tokens_per_second']:,.0f} tokens/s in training; {metrics['minutes']:.1f} minutes"
    )
    return table(title, ["model", *SPLITS], rows)


def metrics_table(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the table of all metrics, with a column for each text.

    Args:
        metrics: For each split, or for the path of another text, its metrics as in metrics.json.
    """
    texts = metrics.values()
    unit = unit_of_metrics(next(iter(texts)))
    rows = {
        "tokens (with <eos>)": [count(text["tokens"]) for text in texts],
        "out of vocabulary": [f"{text['out_of_vocabulary_rate']:.2%}" for text in texts],
        "NLL (nats/token)": [f"{text['nll']:.4f}" for text in texts],
        "perplexity": [number(text["perplexity"]) for text in texts],
        "  95% interval": [_interval(text["perplexity_interval"]) for text in texts],
        "  without <eos>": [number(text["perplexity_without_eos"]) for text in texts],
        "  of known words": [number(text["perplexity_known_words"]) for text in texts],
        f"bits per {unit}": [number(text["bits_per_character"], digits=4) for text in texts],
        "  to spell <unk>": [number(text["oov_bits_per_character"], digits=4) for text in texts],
        "batch size": [f"{text['batch_size']}" for text in texts],
    }
    if unit != "character" and not any(text["out_of_vocabulary_rate"] for text in texts):
        for name in ("out of vocabulary", "  of known words", "  to spell <unk>"):
            del rows[name]
    title, names = "Metrics", list(metrics)
    if len(names) == 1 and names[0] not in SPLITS:  # a path, which may be long
        title, names = f"Metrics of {names[0]}", ["text"]
    return table(title, ["", *names], [[name, *row] for name, row in rows.items()])


def unit_of_metrics(metrics: Mapping[str, Any]) -> str:
    """Returns what a character of a text is called, given its metrics as in metrics.json: `character`, or `base`."""
    return str(metrics.get("unit", "character"))


def number(value: float | None, *, digits: int = 2) -> str:
    """Returns a figure as text: `-` if there is none, and a power of ten if it is too large to be read otherwise.

    >>> number(59.4567), number(59.4567, digits=1), number(5.54e34), number(float("inf")), number(None)
    ('59.46', '59.5', '5.5e+34', 'inf', '-')
    """
    if value is None:
        return "-"
    return f"{value:.1e}" if MAX_PLAIN <= value < math.inf else f"{value:.{digits}f}"


def _interval(bounds: Sequence[float] | None) -> str:
    return "-" if bounds is None else "-".join(number(bound, digits=1) for bound in bounds)


def breakdown_table(name: str, metrics: Mapping[str, Any]) -> str:
    """Returns the table of a text's loss by document label, training frequency of the token, and position.

    Args:
        name: The split, or the path of another text.
        metrics: The metrics of the text, as in metrics.json.
    """
    labels = sorted(metrics["by_label"].items(), key=lambda item: -item[1]["tokens"])
    shown, hidden = labels[:MAX_LABELS], labels[MAX_LABELS:]
    is_genome = unit_of_metrics(metrics) == "base"
    label, document = ("record", "region") if is_genome else ("label", "document")
    breakdowns = {
        label: {_short_label(name): figures for name, figures in shown},
        "count in training text": metrics["by_frequency"],
        f"position in {document}": metrics["by_position"],
    }
    rows = [
        [f"{criterion}: {part}", *_breakdown_cells(figures, metrics["tokens"])]
        for criterion, parts in breakdowns.items()
        for part, figures in parts.items()
    ]
    title = f"{name.capitalize()} loss breakdown" if name in SPLITS else f"Loss breakdown of {name}"
    if hidden:
        title += f" (metrics.json has {len(hidden)} more labels)"
    return table(title, ["", "tokens", "loss", "perplexity"], rows)


def _short_label(label: str) -> str:
    """Returns a label that fits into a table in a line; metrics.json has it in full."""
    if cell_len(label) > MAX_LABEL_WIDTH:
        return f"{set_cell_size(label, MAX_LABEL_WIDTH - 1).rstrip()}…"
    return label or "(none)"


def _breakdown_cells(figures: Mapping[str, float], num_tokens: int) -> list[str]:
    return [f"{figures['tokens'] / num_tokens:.1%}", f"{figures['share_of_nll']:.1%}", number(figures["perplexity"])]


def seeds_table(metrics: Mapping[str, Any]) -> str:
    """Returns the table of the perplexities of runs with several seeds, their mean and their spread.

    Args:
        metrics: The metrics of all runs together, as `halo.runs.seeds.SeedsResult.metrics` returns them.
    """
    rows = [
        [f"seed {seed}", *(number(figures[f"{split}_perplexity"]) for split in SPLITS)]
        for seed, figures in metrics["seeds"].items()
    ]
    spreads = [metrics["spread"][split] for split in SPLITS]
    rows += [
        ["mean", *(number(spread["mean"]) for spread in spreads)],
        ["standard deviation", *(number(spread["standard_deviation"]) for spread in spreads)],
        ["range", *(f"{number(spread['lowest'])}-{number(spread['highest'])}" for spread in spreads)],
    ]
    title = f"Perplexity over {len(metrics['seeds'])} seeds; {metrics['minutes']:.1f} minutes"
    return table(title, ["", *SPLITS], rows)


def show_samples(samples: Sequence[str]) -> str:
    """Returns generated texts wrapped at 80 columns, with a rule between them."""
    wrapped = ("\n".join(textwrap.fill(line, WIDTH) for line in text.split("\n")) for text in samples)
    return "\n\n---\n\n".join(wrapped)


def next_commands(
    run_dir: Path,
    *,
    prompt: str | None = None,
    model_class: str | None = None,
    cache_dir: str | None = None,
    forecasts: bool = False,
) -> str:
    """Returns the run folder and the commands that use it, ready to paste into a shell.

    Args:
        run_dir: The run folder. TensorBoard is left out if it has no logs there.
        prompt: A beginning that the model knows; None if there is none, and no command that generates text.
        model_class: The class of a custom model.
        cache_dir: Where the prepared text is, unless it is where `halo.evaluate` looks for it.
        forecasts: Whether the model is one of series, which `halo.forecast` uses.
    """
    folder = relative_to_cwd(run_dir)
    model = [argument("run", str(folder))]
    if model_class is not None:
        model.append(argument("model_class", model_class))
    lines = [f"Run folder: {folder}"]
    if (run_dir / "report.html").is_file():
        lines.append(f"Report: {folder / 'report.html'}")
    if prompt is not None:
        lines.append(f"  python -m halo.generate {' '.join([*model, argument('prompt', prompt)])}")
    if forecasts:
        lines.append(f"  python -m halo.forecast {' '.join(model)}")
    text = [] if cache_dir is None else [argument("cache_dir", cache_dir)]
    lines.append(f"  python -m halo.evaluate {' '.join([*model, *text])}")
    if any(run_dir.rglob("events.out.tfevents.*")):
        lines.append(f"  tensorboard --logdir {shlex.quote(str(folder))}")
    return "\n".join(lines)


def relative_to_cwd(path: Path) -> Path:
    """Returns a path relative to the current folder if it lies below it, and unchanged otherwise."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
