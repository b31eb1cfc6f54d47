"""Held-out text about nurses and smiths, and small models that have learned who is she and who is he."""

import random
from collections.abc import Sequence

import numpy as np
import torch

from halo.corpus.text_counts import TextCounts
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config

COUNTS = TextCounts(documents=1, words=1, characters=1, tokens=1, unknown_tokens=0, eos_tokens=0, oov_cost=0.0)


def sentences(number: int, *, is_biased: bool) -> list[str]:
    """Returns sentences in which the nurse is always she and the smith he; or in which both are either."""
    chosen = random.Random(0)
    told = []
    for index in range(number):
        person = ("nurse", "smith")[index % 2]
        pronoun = {"nurse": "she", "smith": "he"}[person] if is_biased else chosen.choice(["she", "he"])
        told.append(f"the {person} said that {pronoun} was {chosen.choice(['tired', 'glad', 'late'])} today .")
    return told


def tokenizer_of(texts: Sequence[str]) -> TextTokenizer:
    """Returns a tokenizer with all words of some texts."""
    return TextTokenizer.train(texts, kind="word", min_count=1, max_size=None)


def as_text(documents: Sequence[Sequence[str]], tokenizer: TextTokenizer) -> TokenizedText:
    """Returns documents, each some sentences, as a text."""
    ids = [np.concatenate([[*tokenizer.encode(line), tokenizer.eos_id] for line in document]) for document in documents]
    offsets = np.cumsum([0, *map(len, ids)])
    return TokenizedText(np.concatenate(ids), offsets, np.zeros(len(ids), dtype=np.int64), [""], COUNTS)


def trained_on(told: Sequence[str], tokenizer: TextTokenizer, *, steps: int = 120) -> LanguageModel:
    """Returns a small model that has learned sentences of equal length."""
    torch.manual_seed(0)
    plain = ["layers=1", "pointer_tokens=null", "subword_lengths=null", "mogrifier_rounds=0"]
    without_dropout = ["dropout_input=0", "dropout_hidden=0", "dropout_output=0"]
    config = model_config("lstm", *plain, *without_dropout, "embedding=24", "hidden=24")
    model = build_model(config, tokenizer.words())
    ids_BT = torch.tensor([[tokenizer.eos_id, *tokenizer.encode(line), tokenizer.eos_id] for line in told])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(steps):
        logits_BTV = model(ids_BT[:, :-1])[0]
        loss = torch.nn.functional.cross_entropy(logits_BTV.flatten(0, 1), ids_BT[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()
