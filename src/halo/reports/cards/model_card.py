"""The model card: README.md of a saved model and of its folder for a hub."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from halo.config import SPLITS, CardConfig, DataConfig, SavedConfig
from halo.config.parsing import command_defaults
from halo.reports.cards.data_card import data_context, is_open
from halo.reports.cards.markdown import front_matter, render, table
from halo.reports.cards.measured_bias import by_label_table, swaps_table
from halo.reports.cards.metadata import completed, kind_of, model_metadata
from halo.reports.cards.reproduction import command_of
from halo.reports.console import number, show_samples
from halo.runtime.errors import InputError, printable


def model_card(
    config: SavedConfig,
    metrics: Mapping[str, Any],
    *,
    vocab_size: int,
    num_parameters: int,
    card: CardConfig | None = None,
    name: str | None = None,
    samples: Sequence[str] = (),
    memorisation: str = "",
    is_public: bool = False,
) -> str:
    """Returns the card of a language model: metadata in YAML, then Markdown.

    Args:
        config: The settings of its text and its architecture.
        metrics: The content of its metrics.json; empty if it was not measured.
        vocab_size: Number of tokens of its vocabulary.
        num_parameters: Number of its weights.
        card: What the user says about it; None for what metrics.json has.
        name: Its name; None for architecture and size.
        samples: Generated texts.
        memorisation: Markdown about what it remembers of its training text; empty if that was not measured.
        is_public: Whether to leave out what may be private: samples, labels, paths, and values that quote the text.
    """
    card = completed(saved_card(metrics) if card is None else card, config.data)
    architecture = config.model.name
    shown_name = " ".join(printable(name or f"{architecture}-{num_parameters / 1e6:.1f}M").split())
    metadata = model_metadata(card, config.data, metrics, name=shown_name, architecture=architecture)
    test = metrics.get("splits", {}).get("test", {})
    return front_matter(metadata) + render(
        "model_card.md.jinja",
        name=shown_name,
        kind=kind_of(config.data),
        architecture=architecture,
        parameters=num_parameters,
        vocab_size=vocab_size,
        card=card,
        metadata=metadata,
        metrics=metrics,
        results=results_table(metrics),
        figures=figures_table(metrics.get("splits", {})),
        by_label="" if is_public and not is_open(config.data) else by_label_table(test),
        has_labels=bool(test.get("by_label")),
        swaps=swaps_table(metrics["counterfactuals"]) if "counterfactuals" in metrics else "",
        samples="" if is_public else show_samples(samples),
        memorisation=memorisation,
        is_public=is_public,
        **data_context(config.data, metrics.get("data"), is_public=is_public),
        **_reproduction(metrics, is_public=is_public),
    )


def saved_card(metrics: Mapping[str, Any]) -> CardConfig:
    """Returns what the user said about a model when it was trained; nothing if it was trained without.

    Raises:
        InputError: The entry `card` of metrics.json is not one that `halo.train` wrote.
    """
    settings = metrics.get("card", command_defaults("train")["card"])
    try:
        return TypeAdapter(CardConfig).validate_python(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise InputError(f"metrics.json: card: {problem[:200]}; restore the file, or train again") from error


def results_table(metrics: Mapping[str, Any]) -> str:
    """Returns the perplexity of each split under the model and the baselines; empty without figures."""
    names = {"this model": "", "Kneser-Ney 5-gram": "kneser_ney_", "unigram": "unigram_"}
    rows = [
        [model, *(number(metrics[f"{prefix}{split}_perplexity"], digits=1) for split in SPLITS)]
        for model, prefix in names.items()
        if f"{prefix}{SPLITS[0]}_perplexity" in metrics
    ]
    if not rows:
        return ""
    if "uniform_perplexity" in metrics:
        rows.append(["uniform", *[number(metrics["uniform_perplexity"], digits=1)] * len(SPLITS)])
    return table(["perplexity", *SPLITS], rows)


def figures_table(splits: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns all figures of the splits that were measured; empty if none was.

    Args:
        splits: The entry `splits` of metrics.json.
    """
    names = [split for split in SPLITS if split in splits]
    if not names:
        return ""
    texts = [splits[name] for name in names]
    unit = str(texts[0].get("unit", "character"))
    rows = [
        ["tokens, with `<eos>`", *(f"{text['tokens']:,}" for text in texts)],
        ["out of vocabulary", *(f"{text['out_of_vocabulary_rate']:.2%}" for text in texts)],
        ["perplexity", *(number(text["perplexity"]) for text in texts)],
        ["95% interval", *(_interval(text.get("perplexity_interval")) for text in texts)],
        ["without `<eos>`", *(number(text.get("perplexity_without_eos")) for text in texts)],
        ["of known words", *(number(text.get("perplexity_known_words")) for text in texts)],
        [f"bits per {unit}", *(number(text.get("bits_per_character"), digits=4) for text in texts)],
    ]
    if unit != "character" and not any(text["out_of_vocabulary_rate"] for text in texts):
        rows = [row for row in rows if row[0] not in ("out of vocabulary", "of known words")]
    return table(["", *names], rows)


def _interval(bounds: Sequence[float | None] | None) -> str:
    return "-" if bounds is None else " to ".join(number(bound, digits=1) for bound in bounds)


def _reproduction(metrics: Mapping[str, Any], *, is_public: bool) -> dict[str, Any]:
    facts = metrics.get("reproduction")
    if facts is None:
        return {"reproduction": None, "command": None}
    arguments = facts["arguments"]
    command = None if arguments is None else command_of(arguments, is_public=is_public)
    return {"reproduction": facts, "command": command}


def missing_facts(card: CardConfig, data: DataConfig) -> list[str]:
    """Returns the keys that a hub asks for and that nobody has given: `license`, `language`."""
    known = completed(card, data)
    return [key for key in ("license", "language") if getattr(known, key) is None]
