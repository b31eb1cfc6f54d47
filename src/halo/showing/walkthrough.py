"""From a model and a sentence to the steps that are shown, in the order in which a batch goes through them.

Shape letters: B streams, T tokens of a window or of the sentence, V words of the vocabulary, D features, H units.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import counted
from halo.showing.gradients import gradient_norms
from halo.showing.inside import layer_section
from halo.showing.lesson import Cell, Lesson, Section, Strip, Table
from halo.showing.material import Material, visible_spaces
from halo.showing.predictions import Predictions, predict_sentence, ranks

NUM_STREAMS = 3
"""Streams of which words are shown."""
NUM_GUESSES = 5
"""Likeliest next words in the table of one prediction."""
MAX_CHARACTERS = 27
"""Width of a cell with words, so that a table of three columns fits into 80."""
NUM_FEATURES = 32
"""Features of a word vector that are shown."""


def make_lesson(material: Material, *, layer: int | None, head: int, seed: int) -> Lesson:
    """Returns all steps from text to loss, and the gradient.

    Args:
        material: The model and the texts.
        layer: Layer whose inside is shown, counted from 1; None for the last.
        head: Head whose attention is shown, counted from 1.
        seed: Seed of dropout in the training step.

    Raises:
        InputError: The model has no such layer or head, the text is too short for its streams, or a number is not
            finite.
    """
    device = next(material.network.parameters()).device
    ids = material.sentence.ids
    inputs_T = torch.tensor([material.tokenizer.eos_id, *ids[:-1]])
    predictions = predict_sentence(material.network, inputs_T.to(device))
    targets_T = torch.tensor(ids)
    sections = [
        _text(material),
        _tokens(material),
        _streams(material),
        *_word_vectors(material, inputs_T),
        layer_section(material, inputs_T.to(device), layer=layer, head=head),
        _one_prediction(material, predictions, targets_T),
        _losses(material, inputs_T, predictions, targets_T),
        _gradient(material, seed),
    ]
    numbered = (
        Section(each.name, f"{number}. {each.title}", each.text, each.tables)
        for number, each in enumerate(sections, start=1)
    )
    return Lesson(material.title, material.notes, tuple(numbered))


def _text(material: Material) -> Section:
    sentence = material.sentence
    if sentence.typed is None:
        origin = "A sentence of the validation text, which the model has not learned from:"
        return Section("text", "Text", (origin, sentence.cleaned))
    if sentence.typed.strip() == sentence.cleaned:
        return Section("text", "Text", ("Your sentence, which cleaning leaves as it is:", sentence.cleaned))
    steps = "Your sentence as typed, and after cleaning with the settings of the model's text:"
    return Section("text", "Text", (steps, sentence.typed, sentence.cleaned))


def _tokens(material: Material) -> Section:
    tokenizer, sentence = material.tokenizer, material.sentence
    rows = tuple(
        (
            str(place),
            visible_spaces(written),
            material.name(token_id),
            str(token_id),
            f"{material.counts_V[token_id]:,}",
        )
        for place, (written, token_id) in enumerate(zip(sentence.written, sentence.ids, strict=True), start=1)
    )
    unknown = sum(token_id == tokenizer.unk_id for token_id in sentence.ids)
    text = [
        f"The sentence is divided into {counted(len(rows), 'token')}. Each has a number in the vocabulary of "
        f"V = {tokenizer.vocab_size:,}, its id; a token that the vocabulary lacks becomes <unk>, which is "
        f"{unknown} of them here. The network reads nothing but ids.",
    ]
    header = ("place", "in the text", "token", "id", "times in training")
    return Section("tokens", "Tokens and ids", tuple(text), (Table("Tokens", header, rows, (1, 2)),))


def first_windows(material: Material) -> list[Window]:
    """Returns the first two windows of the text that is folded into streams; one if the text ends there."""
    loader = StreamLoader(
        material.batch_ids,
        eos_id=material.tokenizer.eos_id,
        batch_size=material.num_streams,
        sequence_length=material.data.sequence_length,
    )
    return [window for window, _ in zip(loader, range(2), strict=False)]


def _streams(material: Material) -> Section:
    windows = first_windows(material)
    B, T = windows[0].inputs_BT.shape
    starts = np.arange(B) * len(material.batch_ids) // B
    rows = []
    for stream in range(min(B, NUM_STREAMS)):
        for number, window in enumerate(windows, start=1):
            targets = [each for each in window.targets_BT[stream].tolist() if each != IGNORED]
            inputs = window.inputs_BT[stream].tolist()[: len(targets)]
            cells = (_words(material, inputs), _words(material, targets))
            rows.append((str(stream + 1), str(number), *cells))
    text = (
        f"The text has {len(material.batch_ids):,} tokens. It is cut into B = {B} streams of equal length, which are "
        f"read side by side, T = {T} tokens at a time: a batch is a table of ids of shape (B, T) = ({B}, {T}). Stream "
        f"1 begins at token 1 of the text, stream {B} at token {starts[-1] + 1:,}.",
        "The targets are the inputs shifted by one place: at each token the next one is to be predicted. The second "
        "batch continues each stream where the first one ended, and so does the state of the network; gradients flow "
        f"back to the beginning of their own batch, at most {T} tokens.",
    )
    header = ("stream", "batch", "inputs begin", "targets begin")
    shown = f"The first {counted(min(B, NUM_STREAMS), 'stream')} of {B}"
    return Section("streams", "Streams and shifted targets", text, (Table(shown, header, tuple(rows), (2, 3)),))


def _words(material: Material, ids: Sequence[int]) -> str:
    """Returns as many of the first tokens as fit into a cell, and an ellipsis for the others."""
    shown = ""
    for token_id in ids:
        longer = f"{shown} {material.name(token_id)}".lstrip()
        if len(longer) > MAX_CHARACTERS - 2:
            return f"{shown} …".lstrip()
        shown = longer
    return shown


def _word_vectors(material: Material, inputs_T: Tensor) -> list[Section]:
    network = material.network
    if not isinstance(network, RecurrentModel | TransformerModel):
        return []
    with torch.no_grad():
        vectors_TD = network.embedding(inputs_T.to(next(network.parameters()).device)).float().cpu()
    features, high = vectors_TD.size(1), float(vectors_TD.abs().max())
    rows = tuple(
        (
            material.name(token_id),
            Strip(tuple(vector[:NUM_FEATURES].tolist()), -high, high),
            f"{float(vector.norm()):.2f}",
        )
        for token_id, vector in zip(inputs_T.tolist(), vectors_TD, strict=True)
    )
    text = (
        f"Each id selects a row of a table of shape (V, D) = ({material.tokenizer.vocab_size:,}, {features}): the "
        "vector of its word, which is learned. Words that are used alike get similar vectors. The sentence is read "
        "after <eos>, the end of whatever came before it.",
    )
    caption = f"The first {min(NUM_FEATURES, features)} of {features} features, from {-high:.2f} to {high:.2f}"
    table = Table(caption, ("input", "vector", "length"), rows, (0, 1))
    return [Section("vectors", "Word vectors", text, (table,))]


def _one_prediction(material: Material, predictions: Predictions, targets_T: Tensor) -> Section:
    """Explains the step from logits to probabilities at the token whose target was likeliest to be learned from."""
    nll_T = -predictions.log_probabilities_TV.gather(1, targets_T.unsqueeze(1)).squeeze(1)
    place = int(nll_T.argmax())
    logits_V, log_V = predictions.logits_TV[place], predictions.log_probabilities_TV[place]
    softmax_V = logits_V.softmax(0)
    chosen = log_V.topk(min(NUM_GUESSES, len(log_V))).indices.tolist()
    target = int(targets_T[place])
    has_pointer = predictions.pointer_share_T is not None
    header = ["word", "logit z", "exp(z - max)", "softmax", *(["with pointer"] if has_pointer else [])]
    rows = []
    for token_id in [*chosen, *([] if target in chosen else [target])]:
        exponential = float((logits_V[token_id] - logits_V.max()).exp())
        name = f"{material.name(token_id)}{' (came next)' if token_id == target else ''}"
        row = [name, f"{float(logits_V[token_id]):.2f}", f"{exponential:.4f}", _share(float(softmax_V[token_id]))]
        rows.append((*row, *([_share(float(log_V[token_id].exp()))] if has_pointer else [])))
    read = material.tokenizer.eos_id if place == 0 else material.sentence.ids[place - 1]
    total = float((logits_V - logits_V.max()).exp().sum())
    text = [
        f"The output layer turns the hidden state into a number for each of the V words: its logit z. The softmax "
        f"makes probabilities of them: exp(z), divided by the sum over all words, here {total:,.2f} where the largest "
        f"is 1. This is the prediction after '{material.name(read)}' (place {place + 1}), the one that was most "
        "wrong.",
    ]
    if has_pointer:
        assert predictions.pointer_share_T is not None
        share = float(predictions.pointer_share_T[place])
        text.append(
            f"This model also points to earlier words of the text: the pointer gives away {share:.1%} of the "
            "probability here, and the softmax the rest."
        )
    table = Table("Likeliest next words, and the one that came", tuple(header), tuple(rows))
    return Section("prediction", "From logits to probabilities", tuple(text), (table,))


def _losses(material: Material, inputs_T: Tensor, predictions: Predictions, targets_T: Tensor) -> Section:
    log_TV = predictions.log_probabilities_TV
    nll_T = -log_TV.gather(1, targets_T.unsqueeze(1)).squeeze(1).double()
    best_T = log_TV.argmax(1)
    token = material.name
    high = float(nll_T.max())
    rows = tuple(
        (
            token(read),
            token(target),
            _share(math.exp(-nll)),
            f"{nll:.2f}",
            Strip((nll,), 0.0, high),
            f"{rank:,}",
            token(best),
        )
        for read, target, nll, rank, best in zip(
            *(each.tolist() for each in (inputs_T, targets_T, nll_T, ranks(log_TV, targets_T), best_T)), strict=True
        )
    )
    total, size = float(nll_T.sum()), len(rows)
    text = (
        "The loss of a token is the negative logarithm of the probability that the model gave to it: 0 if it was sure "
        f"of it, and {math.log(material.tokenizer.vocab_size):.2f} = ln V if all words had been equally likely.",
        f"Sum: {total:.2f} nats over {counted(size, 'token')}. Mean: {total / size:.3f} nats per token. Perplexity: "
        f"exp({total / size:.3f}) = {math.exp(total / size):,.1f}, as uncertain as a choice among that many equally "
        "likely words. It is of this one sentence; halo.evaluate measures whole texts.",
    )
    header = ("read", "to predict", "probability", "loss", "", "rank", "likeliest")
    return Section("loss", "Loss and perplexity", text, (Table("Loss in nats", header, rows, (0, 1, 4, 6)),))


def _gradient(material: Material, seed: int) -> Section:
    window = first_windows(material)[0]
    norms = gradient_norms(material.network, window, max_norm=material.max_norm, seed=seed)
    high = max(norms.before.values())
    rows: list[tuple[Cell, ...]] = [
        (name, f"{norms.num_weights[name]:,}", f"{norm:.4f}", Strip((norm,), 0.0, high), f"{norms.after[name]:.4f}")
        for name, norm in norms.before.items()
    ]
    whole = (sum(norms.num_weights.values()), norms.total, math.hypot(*norms.after.values()))
    rows.append(("all", f"{whole[0]:,}", f"{whole[1]:.4f}", "", f"{whole[2]:.4f}"))
    clipped = norms.total > material.max_norm
    effect = (
        f"It is above the limit of {material.max_norm:g}, so every gradient is multiplied by "
        f"{material.max_norm / norms.total:.3f}: the direction stays, the step gets shorter."
        if clipped
        else f"It is below the limit of {material.max_norm:g}: clipping changes nothing here."
    )
    B, T = window.inputs_BT.shape
    text = (
        f"A training step on the first batch, ({B}, {T}) tokens, on a copy of the weights: loss "
        f"{norms.nll:.3f} nats per token, over the whole vocabulary and with dropout. The norm of its gradient over "
        f"all weights is {norms.total:.3f}. "
        f"{effect} Nothing is updated.",
    )
    header = ("weights", "number", "gradient norm", "", "after clipping")
    table = Table("Gradient norms", header, tuple(rows), (0, 3))
    return Section("gradient", "Gradients and clipping", text, (table,))


def _share(probability: float) -> str:
    return f"{probability:.1%}" if probability >= 0.001 else f"{probability:.1e}"
