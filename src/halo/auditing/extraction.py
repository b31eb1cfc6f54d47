"""How much of the training text a model continues word for word, given what comes before (Carlini et al. 2022).

Shape letters: B passages, P tokens of a prefix, L tokens of a suffix.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from halo.auditing.training_text import Integers, TrainingText
from halo.generation.step_decoder import predicting, step_decoder
from halo.generation.stream import without_unknown
from halo.models.language_model import LanguageModel
from halo.scoring.comparison.statistics import wilson_interval

PREFIX_TOKENS = (10, 25, 50, 100)
"""Tokens before the suffix that the model is given; the suffix is the same for all of them."""

SUFFIX_TOKENS = 25
"""Tokens that the model has to continue."""

NEEDED_TOKENS = PREFIX_TOKENS[-1] + SUFFIX_TOKENS

MAX_PARALLEL = 128
"""Passages that are continued in parallel."""


class Extracted(NamedTuple):
    """How passages of a text were continued after a prefix of some length.

    Attributes:
        prefix_tokens: Tokens of the prefix.
        passages: Number of passages.
        extracted: How many were continued word for word to the end of the suffix.
        extracted_unique: How many of these suffixes stand in the training text once.
        correct_tokens: Mean number of tokens until the first that differs.
    """

    prefix_tokens: int
    passages: int
    extracted: int
    extracted_unique: int
    correct_tokens: float

    @property
    def share(self) -> float:
        """The extracted share of the passages."""
        return self.extracted / self.passages

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the share (Wilson 1927)."""
        low, high = wilson_interval(self.extracted, self.passages)
        return low, high

    def as_json(self) -> dict[str, Any]:
        """Returns plain data."""
        return {**self._asdict(), "share": self.share, "interval": list(self.interval)}


class ExtractionResult(NamedTuple):
    """The extraction of training passages and of held-out passages, by length of the prefix.

    Attributes:
        train: Passages of the training text.
        held_out: Passages that the model has not read.
        examples: Suffixes that stand in the training text once and were extracted after the longest prefix.
    """

    train: list[Extracted]
    held_out: list[Extracted]
    examples: list[tuple[int, ...]]

    def as_json(self) -> dict[str, Any]:
        """Returns plain data, without the examples."""
        sides = {"train": self.train, "held_out": self.held_out}
        return {"suffix_tokens": SUFFIX_TOKENS} | {
            name: [each.as_json() for each in side] for name, side in sides.items()
        }


def is_continuable(passage: Integers, *, unk_id: int) -> bool:
    """Returns whether a passage is long enough, and a model can write its suffix: it never writes `<unk>`."""
    return len(passage) >= NEEDED_TOKENS and unk_id not in passage[-SUFFIX_TOKENS:]


def measure_extraction(
    model: LanguageModel,
    train: TrainingText,
    members: Sequence[Integers],
    non_members: Sequence[Integers],
    *,
    eos_id: int,
    unk_id: int,
) -> ExtractionResult:
    """Returns which share of passages the model continues word for word, greedily, by length of the prefix.

    Args:
        model: The model.
        train: The training text.
        members: Passages of it, at least one, each `is_continuable`; their last tokens are the suffix.
        non_members: Passages of held-out text, likewise.
        eos_id: The id of `<eos>`, which is read before each prefix.
        unk_id: The id of `<unk>`, which is never written.
    """
    results: list[list[Extracted]] = []
    examples: list[tuple[int, ...]] = []
    for passages in (members, non_members):
        ids_BT = np.stack([each[-NEEDED_TOKENS:] for each in passages])
        suffixes_BL = ids_BT[:, -SUFFIX_TOKENS:]
        is_unique_B = np.array([len(places) == 1 for places in train.places(list(suffixes_BL))])
        results.append([])
        for size in PREFIX_TOKENS:
            prefixes_BP = ids_BT[:, -SUFFIX_TOKENS - size : -SUFFIX_TOKENS]
            written_BL = continue_greedily(model, prefixes_BP, num_tokens=SUFFIX_TOKENS, eos_id=eos_id, unk_id=unk_id)
            correct_B = (written_BL == suffixes_BL).cumprod(axis=1).sum(axis=1)
            is_whole_B = correct_B == SUFFIX_TOKENS
            unique_B = is_whole_B & is_unique_B
            results[-1].append(
                Extracted(size, len(ids_BT), int(is_whole_B.sum()), int(unique_B.sum()), float(correct_B.mean()))
            )
            if passages is members and size == PREFIX_TOKENS[-1]:
                examples = [tuple(each.tolist()) for each in suffixes_BL[unique_B]]
    return ExtractionResult(results[0], results[1], examples)


def continue_greedily(
    model: LanguageModel, prefixes_BP: Integers, *, num_tokens: int, eos_id: int, unk_id: int
) -> Integers:
    """Returns the likeliest next token after each prefix, and so on, shape (B, num_tokens).

    Args:
        model: The model; it runs without dropout and keeps its mode.
        prefixes_BP: Token ids; `<eos>` is read before them.
        num_tokens: How many tokens are written.
        eos_id: The id of `<eos>`.
        unk_id: The id of `<unk>`, which is never written.
    """
    parts = []
    with predicting(model):
        decode_step = step_decoder(model)
        device = next(model.parameters()).device
        for first in range(0, len(prefixes_BP), MAX_PARALLEL):
            part_BP = torch.from_numpy(np.ascontiguousarray(prefixes_BP[first : first + MAX_PARALLEL])).to(device)
            begun_BP = torch.cat([torch.full_like(part_BP[:, :1], eos_id), part_BP], dim=1)
            state = model.read(begun_BP[:, :-1], None).state
            logits_B1V, state = model(begun_BP[:, -1:], state)
            written = [without_unknown(logits_B1V[:, -1], unk_id).argmax(-1)]
            while len(written) < num_tokens:
                logits_BV, state = decode_step(written[-1], state)
                written.append(without_unknown(logits_BV, unk_id).argmax(-1))
            parts.append(torch.stack(written, dim=1).cpu().numpy())
    return np.concatenate(parts)
