"""Checks that a text is large enough, with the settings that suit a small one."""

from collections.abc import Mapping

import numpy as np

from halo.config import SPLITS, DataConfig
from halo.corpus.store.document_table import NOT_GIVEN
from halo.corpus.store.token_store import TokenStore
from halo.corpus.text_counts import TextCounts
from halo.runtime.errors import InputError, printable

REMOVING_STEPS = ("control", "html", "special")
MIN_STREAMS = 4  # fewer of them are suggested only if a text does not suffice for these
MIN_SEQUENCE_LENGTH = 10


def require_text(store: TokenStore, config: DataConfig) -> None:
    """Checks that cleaning has left some text, in each split if they are given.

    Raises:
        InputError: Nothing is left, or marks alone, without a letter or digit.
    """
    given = store.documents.given_splits
    for split, paths in config.source_paths().items():
        documents = np.flatnonzero(given == (SPLITS.index(split) if split else NOT_GIVEN)).tolist()
        if not any(store.span(document).begin < store.span(document).end for document in documents):
            setting = f"data.{split}_path" if split else "data.path"
            raise InputError(
                f"{setting}={','.join(paths)}: nothing is left of the text after cleaning"
                f"{_largest_removal(store, config)}"
            )
    tokens = store.token_strings
    if "special" in config.cleaning.steps and not any(any(map(str.isalnum, token)) for token in tokens):
        marks = printable(" ".join([token for token in tokens if token.strip()][:5]))
        raise InputError(
            f"{config.source}: nothing is left of the text after cleaning but marks ({marks}), no "
            f"letter or digit; give another text, or, if these are the text, {_without_step('special', config)}"
        )


def _largest_removal(store: TokenStore, config: DataConfig) -> str:
    """Returns which cleaning step removed most, and how to leave it out."""
    counts = store.cleaning_counts.steps
    removed = {step: counts[step] for step in REMOVING_STEPS if counts[step]}
    if not removed:
        return ""
    step = max(removed, key=lambda name: removed[name])
    what = "tags and references" if step == "html" else "characters"
    return f", of which the step {step} removed {removed[step]:,} {what}; {_without_step(step, config)}"


def _without_step(step: str, config: DataConfig) -> str:
    others = ",".join(name for name in config.cleaning.steps if name != step)
    return f"leave the step {step} out: data.cleaning.steps=[{others}]"


def require_enough_tokens(counts: Mapping[str, TextCounts], config: DataConfig) -> None:
    """Checks that each split has enough tokens for the batches that the settings require.

    Raises:
        InputError: A split is too small.
    """
    held_out = max(config.eval_batch_size, config.report_batch_size)
    needed = {"train": config.batch_size * config.sequence_length, "validation": held_out, "test": held_out}
    for name, tokens in needed.items():
        if counts[name].tokens < tokens:
            settings = small_batches({split: counts[split].tokens for split in SPLITS}, config)
            raise InputError(
                f"{config.source}: the {name} split has {counts[name].tokens} tokens, but at least {tokens} are "
                f"needed; provide more text{', or set ' if settings else ''}{' '.join(settings)}"
            )


def small_batches(tokens: Mapping[str, int], config: DataConfig) -> list[str]:
    """Returns settings with which splits of these numbers of tokens suffice; empty if a split has too few for any.

    Args:
        tokens: Number of tokens of each split.
        config: The present settings, which are kept where they can be.
    """
    held_out = min(tokens["validation"], tokens["test"])
    sequence_length = min(config.sequence_length, max(tokens["train"] // MIN_STREAMS, MIN_SEQUENCE_LENGTH))
    sizes = {
        "batch_size": min(config.batch_size, tokens["train"] // sequence_length),
        "sequence_length": sequence_length,
        "eval_batch_size": min(config.eval_batch_size, held_out),
        "report_batch_size": min(config.report_batch_size, held_out),
    }
    if min(sizes.values()) < 1:
        return []
    return [f"data.{key}={size}" for key, size in sizes.items() if size != getattr(config, key)]
