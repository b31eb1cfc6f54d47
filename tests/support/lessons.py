"""What `halo.show` shows of an untrained model and a small text, without files."""

from dataclasses import replace

import numpy as np

from halo.showing.lesson import Lesson
from halo.showing.material import Material, encode_sentence
from halo.showing.walkthrough import make_lesson
from tests.support.tiny_bundles import TEXT, tiny_bundle

SENTENCE = "The virus spreads quickly in the air."


def material_of(model: str = "lstm", *, kind: str = "word", sentence: str = SENTENCE) -> Material:
    """Returns a model of two layers, a sentence and three streams of a text."""
    bundle = tiny_bundle(model=model, kind=kind)
    data = replace(bundle.config.data, sequence_length=5)
    ids = np.array(bundle.tokenizer.encode(TEXT) * 4)
    return Material(
        title="Run tiny",
        notes=("A note.",),
        network=bundle.model,
        tokenizer=bundle.tokenizer,
        data=data,
        counts_V=bundle.word_counts,
        sentence=encode_sentence(sentence, bundle.tokenizer, data),
        batch_ids=ids,
        num_streams=3,
        max_norm=0.25,
        is_trained=True,
    )


def lesson_of(model: str = "lstm", *, kind: str = "word") -> Lesson:
    """Returns the steps of that model."""
    return make_lesson(material_of(model, kind=kind), layer=None, head=1, seed=1)
