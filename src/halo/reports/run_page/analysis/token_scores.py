"""One pass of the model over validation text: how likely each token was, and how sure the model was of its first guess.

Shape letters: N tokens of the text, B streams, T tokens of a window, V words of the vocabulary.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.utils import parametrize

from halo.config import DataConfig
from halo.corpus.corpus import Corpus
from halo.data.streams import IGNORED, StreamLoader
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.language_model import LanguageModel, State, evaluation_mode

MAX_TOKENS = 50_000
"""Tokens of validation that are read; of a longer text, excerpts from evenly spaced places."""
MAX_LOGITS = 2**22
"""Logits of a window, over all streams: 16 MB."""
TOKENS_PER_STREAM = 500
"""A short text is read in fewer streams: each starts without context."""


class TokenScores(NamedTuple):
    """What a model made of each token of a text.

    Attributes:
        ids_N: The tokens.
        bits_N: Surprisal, -log2 of the probability of the token given those before it.
        top_probability_N: Probability of the token that the model found likeliest.
        is_top_N: Whether that was the token.
        document_N: The number of the document, or of the excerpt of one, that the token is in.
        is_whole: Whether this is the whole split.
    """

    ids_N: npt.NDArray[np.int64]
    bits_N: npt.NDArray[np.float64]
    top_probability_N: npt.NDArray[np.float64]
    is_top_N: npt.NDArray[np.bool_]
    document_N: npt.NDArray[np.int64]
    is_whole: bool


@torch.no_grad()
def score_validation(model: LanguageModel, corpus: Corpus, config: DataConfig) -> TokenScores:
    """Returns the scores of the validation split, read in parallel streams as during training.

    Args:
        model: Evaluated without dropout, on its own device.
        corpus: The text.
        config: Its settings, for the number of streams.
    """
    split = TokenizedText.from_split(corpus, "validation")
    num_streams = max(1, min(config.eval_batch_size, len(split.ids) // TOKENS_PER_STREAM))
    text = split.subsample(MAX_TOKENS, num_excerpts=num_streams, tokenizer=corpus.tokenizer)
    sequence_length = max(1, MAX_LOGITS // corpus.tokenizer.vocab_size // num_streams)
    windows = StreamLoader(
        text.ids, eos_id=corpus.tokenizer.eos_id, batch_size=num_streams, sequence_length=sequence_length
    )
    device = next(model.parameters()).device
    state: State | None = None
    columns: list[torch.Tensor] = []
    with evaluation_mode(model), parametrize.cached():
        for window in windows:
            logits_BTV, state = model(window.inputs_BT.to(device), state)
            targets_BT = window.targets_BT.to(device)
            logits_BTV = logits_BTV.float()
            norm_BT = logits_BTV.logsumexp(-1)
            top_BT, top_ids_BT = logits_BTV.max(-1)
            own_BT = logits_BTV.gather(-1, targets_BT.clamp(min=0).unsqueeze(-1)).squeeze(-1)
            is_counted_BT = (targets_BT != IGNORED).float()
            parts = (own_BT - norm_BT, top_BT - norm_BT, (top_ids_BT == targets_BT).float(), is_counted_BT)
            columns.append(torch.stack(parts, dim=-1).cpu())
    table_N4 = torch.cat(columns, dim=1).flatten(0, 1).double().numpy()  # stream by stream: in the order of the text
    table_N4 = table_N4[table_N4[:, 3] > 0]
    return TokenScores(
        ids_N=np.asarray(text.ids, dtype=np.int64),
        bits_N=np.maximum(-table_N4[:, 0] / np.log(2), 0.0),
        top_probability_N=np.exp(table_N4[:, 1]),
        is_top_N=table_N4[:, 2] > 0,
        document_N=np.repeat(np.arange(len(text.offsets) - 1), np.diff(text.offsets)),
        is_whole=text is split,
    )
