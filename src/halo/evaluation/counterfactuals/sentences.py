"""Held-out sentences with words of one side of a swap, and the same sentences with those of the other.

Shape letters: N tokens of the text, T tokens of a sentence, B sentences of a batch.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from halo.data.streams import IGNORED, Window
from halo.evaluation.counterfactuals.word_lists import Swap
from halo.evaluation.text_scores import scored_windows
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.language_model import LanguageModel
from halo.tokenization.tokenizer import TextTokenizer

SENTENCE_ENDS = (".", "!", "?", "…", "。")
MAX_TOKENS = 100
"""Longer sentences are left out: they are lists, or text without full stops."""
MAX_SENTENCES = 1000
"""Of one direction, evenly spread over the text, which bounds the time."""
BATCH_SIZE = 64

Ids = npt.NDArray[Any]
Bits = npt.NDArray[np.float64]


class SwappedSentence(NamedTuple):
    """A sentence as it stands and with words swapped.

    Attributes:
        document: The number of its document.
        original_T: Token ids as they stand.
        swapped_T: Token ids with the words swapped; other words are the same.
        is_swapped_T: Which tokens were swapped.
    """

    document: int
    original_T: Ids
    swapped_T: Ids
    is_swapped_T: npt.NDArray[np.bool_]


def find_sentences(text: TokenizedText, tokenizer: TextTokenizer, swap: Swap) -> list[SwappedSentence]:
    """Returns the sentences with words of the first side of a swap alone, with those of the second side in their place.

    Sentences with a word whose counterpart is not certain, or is not in the vocabulary, are left out.

    Args:
        text: The text, in tokens that are words.
        tokenizer: Its vocabulary.
        swap: What is swapped for what.
    """
    rules = _Rules(swap, tokenizer)
    if not rules.replacements:
        return []
    ids_N = np.asarray(text.ids)
    hits = np.flatnonzero(np.isin(ids_N, list(rules.replacements)))
    ends = [token_id for end in (*SENTENCE_ENDS,) if (token_id := rules.known.get(end)) is not None]
    is_end_N = np.isin(ids_N, [*ends, tokenizer.eos_id])
    begins = np.unique(np.concatenate(([0], np.flatnonzero(is_end_N) + 1, text.offsets)))
    begins = begins[begins <= len(ids_N)]
    places = np.unique(np.searchsorted(begins, hits, side="right") - 1)
    found = []
    for place in places:
        begin = int(begins[place])
        end = int(begins[place + 1]) if place + 1 < len(begins) else len(ids_N)
        sentence = rules.swapped(ids_N[begin:end])
        if sentence is not None:
            document = int(np.searchsorted(text.offsets, begin, side="right")) - 1
            found.append(SwappedSentence(document, *sentence))
    if len(found) <= MAX_SENTENCES:
        return found
    return [found[index * len(found) // MAX_SENTENCES] for index in range(MAX_SENTENCES)]


class _Rules:
    """What a swap means in token ids."""

    def __init__(self, swap: Swap, tokenizer: TextTokenizer) -> None:
        self.words = tokenizer.words()
        self.known = {word: token_id for token_id, word in enumerate(self.words)}
        counterparts, backwards = swap.counterparts(), swap.reversed().counterparts()
        self.replacements = {
            self.known[word]: self.known[other]
            for word, other in counterparts.items()
            if other is not None and word in self.known and other in self.known
        }
        without = {*backwards, *swap.leave_out, *(word for word in counterparts if word in self.known)}
        self.forbidden = {self.known[word] for word in without if word in self.known} - {*self.replacements}
        self.subjects = {self.known[word] for word in swap.subjects if word in self.known}
        self.followers = {self.known[word] for word in swap.followers if word in self.known}

    def swapped(self, ids_T: Ids) -> tuple[Ids, Ids, npt.NDArray[np.bool_]] | None:
        """Returns a sentence, the same with words swapped, and which were; None if the sentence is left out."""
        tokens = ids_T.tolist()
        if len(tokens) > MAX_TOKENS or self.forbidden & {*tokens}:
            return None
        if any(not self._follows(tokens, place) for place, token in enumerate(tokens) if token in self.subjects):
            return None
        swapped_T = np.array([self.replacements.get(token, token) for token in tokens], dtype=np.int64)
        return ids_T.astype(np.int64), swapped_T, swapped_T != ids_T

    def _follows(self, tokens: Sequence[int], place: int) -> bool:
        """Returns whether the word behind a subject has the same form behind any other subject."""
        if place + 1 >= len(tokens):
            return False
        return tokens[place + 1] in self.followers or self.words[tokens[place + 1]].endswith("ed")


def sentence_bits(model: LanguageModel, sentences: Sequence[Ids], *, eos_id: int) -> list[Bits]:
    """Returns the surprisal of each token of each sentence in bits; every sentence begins a text.

    Args:
        model: Evaluated without dropout, on its own device.
        sentences: Token ids, each shape (T,).
        eos_id: The id of `<eos>`, the context of the first token.
    """
    order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
    bits: dict[int, Bits] = {}
    for first in range(0, len(order), BATCH_SIZE):
        batch = order[first : first + BATCH_SIZE]
        longest = max(len(sentences[index]) for index in batch)
        inputs_BT = torch.full((len(batch), longest), eos_id)
        targets_BT = torch.full((len(batch), longest), IGNORED)
        for row, index in enumerate(batch):
            ids_T = torch.from_numpy(np.asarray(sentences[index], dtype=np.int64))
            inputs_BT[row, 1 : len(ids_T)] = ids_T[:-1]
            targets_BT[row, : len(ids_T)] = ids_T
        window = Window(inputs_BT, targets_BT, int((targets_BT != IGNORED).sum()), 1.0)
        (scored,) = scored_windows(model, [window])
        bits_BT = scored.nll_BT.double().numpy() / np.log(2)
        bits |= {index: bits_BT[row, : len(sentences[index])] for row, index in enumerate(batch)}
    return [bits[index] for index in range(len(sentences))]
