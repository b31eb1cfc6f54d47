"""The module of a classifier that has learned nothing yet: a language model with a new head."""

from dataclasses import replace

import lightning as L
import numpy as np
import torch

from halo.bundle.loading import Bundle
from halo.classification.classifier import TextClassifier
from halo.classification.document_batches import batches_by_length, make_batch
from halo.classification.labelled_documents import LabelledDocuments
from halo.classification.training.module import ClassifierModule, class_weights
from halo.config import ClassifyConfig, CustomModelConfig, ModelVariant
from halo.models.language_model import LanguageModel, evaluation_mode
from halo.models.model_spec import ModelSpec

STANDARDISATION_DOCUMENTS = 2_000
"""Training documents from which the mean and the deviation of the pooled features are measured, at most."""


def new_module(config: ClassifyConfig, encoder: Bundle, documents: LabelledDocuments) -> ClassifierModule:
    """Returns the module with a new head, after seeding every random number generator."""
    settings = config.classifier
    L.seed_everything(config.seed, workers=True, verbose=False)
    network = _with_dropout(encoder, settings.encoder_dropout)
    model = TextClassifier(
        network,
        len(documents.labels),
        eos_id=encoder.tokenizer.eos_id,
        head_hidden=settings.head_hidden,
        head_dropout=settings.head_dropout,
        max_gradient_tokens=settings.max_gradient_tokens,
    )
    measure_standardisation(model, documents, seed=config.seed)
    weights_C = class_weights(documents.splits["train"].targets_N, len(documents.labels), kind=settings.class_weights)
    return ClassifierModule(model.train(), settings=settings, class_weights_C=weights_C)


def measure_standardisation(model: TextClassifier, documents: LabelledDocuments, *, seed: int) -> None:
    """Measures mean and deviation of the pooled features of training documents, for `set_standardisation`.

    Args:
        model: The network, changed in place.
        documents: The documents, of which at most `STANDARDISATION_DOCUMENTS` are read.
        seed: Seed of their choice.
    """
    train_split = documents.splits["train"]
    order = np.random.default_rng(seed).permutation(len(train_split))[:STANDARDISATION_DOCUMENTS]
    sample = train_split.select(order)
    pooled = []
    with evaluation_mode(model), torch.no_grad():
        for numbers in batches_by_length(sample.lengths, batch_size=64, max_difference=1_000):
            batch = make_batch([sample.ids[number] for number in numbers], None, eos_id=model.eos_id)
            pooled.append(model.pool(batch.ids_BN, batch.lengths_B))
    model.set_standardisation(torch.cat(pooled))


def _with_dropout(encoder: Bundle, share: float) -> LanguageModel:
    """Returns the language model with a share of its own dropout."""
    architecture = encoder.config.model
    if isinstance(architecture, CustomModelConfig):
        return encoder.model
    network = ModelSpec.of(_scaled_dropout(architecture, share), encoder.tokenizer.words()).build()
    network.load_state_dict(encoder.model.state_dict())
    return network


def _scaled_dropout(architecture: ModelVariant, share: float) -> ModelVariant:
    names = [name for name in vars(architecture) if name.startswith("dropout_")]
    return replace(architecture, **{name: share * getattr(architecture, name) for name in names})
