"""`halo.score pairs=...`: reads minimal pairs, scores them under one model or several, and reports."""

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig
from halo.runtime.errors import InputError
from halo.scoring.files.items import reading_config
from halo.scoring.files.training_text import training_ngrams
from halo.scoring.files.writers import open_output, text_writer
from halo.scoring.pairs.accuracy import PairAccuracy
from halo.scoring.pairs.comparison import compare_pairs
from halo.scoring.pairs.pair_files import read_pairs
from halo.scoring.pairs.pair_report import accuracy_tables, comparison_tables
from halo.scoring.pairs.pair_scores import ScoredPair, score_pairs

COLUMNS: dict[str, type] = {
    **{"model": str, "location": str, "paradigm": str, "sentence_good": str, "sentence_bad": str},
    **{"good_bits": float, "bad_bits": float, "outcome": float, "known": bool, "same_ids": bool},
    **{"good_kneser_ney_bits": float, "bad_kneser_ney_bits": float},
    **{"good_unigram_bits": float, "bad_unigram_bits": float},
}

log = logging.getLogger(__name__)


def judge_pairs(
    models: Mapping[str, Bundle], config: ScoreConfig, *, print_text: Callable[[str], object]
) -> dict[str, Any]:
    """Prints the accuracy of each model on minimal pairs, and returns all figures as plain data.

    Args:
        models: The models by their names.
        config: Its `pairs` names the file or folder; `output` receives a row for each pair.
        print_text: Prints lines on standard output.

    Raises:
        InputError: The pairs cannot be read, none of them has a score, or the output cannot be written.
    """
    first = next(iter(models.values()))
    fields = {key: getattr(config, key) for key in ("good_field", "bad_field", "paradigm_field")}
    pairs = read_pairs(str(config.pairs), reading_config(first.config.data, config), **fields)
    scored: dict[str, list[ScoredPair]] = {}
    for name, bundle in models.items():
        ngrams = training_ngrams(bundle, config)
        log.info("%s pairs are scored with %s", f"{len(pairs):,}", name)
        scored[name] = list(score_pairs(bundle, pairs, oov=config.oov, ngrams=ngrams))
        if not any(each.is_scored for each in scored[name]):
            raise InputError(f"pairs={config.pairs}: no pair has a score under {name}; use oov=unk or oov=spell")
    accuracies = {name: PairAccuracy.of(each) for name, each in scored.items()}
    if config.output is not None:
        _write(str(config.output), scored, print_text)
    summary: dict[str, Any] = {name: each.as_dict() for name, each in accuracies.items()}
    if config.output != "-":
        print_text("\n\n".join(accuracy_tables(name, each) for name, each in accuracies.items()) + "\n")
    if len(models) > 1:
        names = list(models)
        comparisons = [compare_pairs(name, scored[names[0]], scored[name]) for name in names[1:]]
        if config.output != "-":
            print_text(f"\n{comparison_tables(accuracies, comparisons)}\n{_vocabularies(models)}")
        summary["differences_from_first"] = [vars(each) for each in comparisons]
    return summary


def _vocabularies(models: Mapping[str, Bundle]) -> str:
    """Returns a line that says what can be compared if the vocabularies differ; empty if they are the same."""
    vocabularies = [each.tokenizer.vocabulary() for each in models.values()]
    if all(each == vocabularies[0] for each in vocabularies):
        return ""
    return (
        "The vocabularies differ: each pair is decided within a model, so accuracies can\n"
        "be compared; a word that only one of the models knows is part of the difference\n"
    )


def _write(output: str, scored: Mapping[str, Sequence[ScoredPair]], print_text: Callable[[str], object]) -> None:
    """Writes a row for each pair and model."""
    names = [*COLUMNS]
    if output == "-":
        opened: Any = nullcontext(text_writer(names, print_text, tool="halo", ending=""))
    else:
        opened = open_output(output, names, COLUMNS, tool="halo")
    with opened as writer:
        for name, pairs in scored.items():
            writer.write(_rows(name, pairs))


def _rows(name: str, pairs: Sequence[ScoredPair]) -> Iterator[dict[str, object]]:
    for each in pairs:
        values = {
            "model": name,
            "location": each.pair.location,
            "paradigm": each.pair.paradigm,
            "sentence_good": each.pair.good,
            "sentence_bad": each.pair.bad,
            "outcome": each.outcome,
            "known": each.is_known,
            "same_ids": each.is_same,
        }
        for key, score in (("good", each.good), ("bad", each.bad)):
            values[f"{key}_bits"] = score.bits
            values[f"{key}_kneser_ney_bits"] = score.kneser_ney_bits
            values[f"{key}_unigram_bits"] = score.unigram_bits
        yield {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in values.items()}
