"""The audit of a model: all measurements together, as plain data, as audit.json has them."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halo.auditing.canaries.exposure import measure_exposure
from halo.auditing.canaries.insertion import Canaries
from halo.auditing.excerpts import EXCERPT_TOKENS, HELD_OUT, Excerpts
from halo.auditing.extraction import is_continuable, measure_extraction
from halo.auditing.membership import attack_passages
from halo.auditing.novelty import CopiedSpan, Copying, excess_curve, measure_copying, novelty_curve
from halo.auditing.passages import choose_passages
from halo.auditing.personal_data import measure_personal_data
from halo.auditing.training_text import Integers, TrainingText
from halo.auditing.verdict import judge
from halo.bundle.loading import Bundle
from halo.bundle.validation import read_settings
from halo.config import DataConfig, SamplingConfig, TrainConfig, default_sampling
from halo.corpus.corpus import Corpus
from halo.evaluation.baselines import MAX_COUNTED_TOKENS
from halo.evaluation.evaluation_report import training_corpus
from halo.generation.generator import generate_samples
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError, packages_of_extra

log = logging.getLogger(__name__)

FULL_TOKENS = 2_000_000
"""Tokens that a model has been trained on, all epochs together, from which its audit after training is a full one."""

MIN_NUMBER = 8
"""Texts and passages of the smallest audit."""


@dataclass(frozen=True)
class AuditSize:
    """How much is measured, on which the time of an audit depends.

    Attributes:
        num_texts: Texts that are generated with each kind of sampling; held-out text has as many.
        num_passages: Passages of the training text, and of held-out text, that the model is asked to continue.
    """

    num_texts: int
    num_passages: int

    def after_training(self, trained_tokens: int) -> "AuditSize":
        """Returns the size after a training on some tokens: short ones have smaller audits, as by their time.

        >>> AuditSize(128, 200).after_training(1_000_000)
        AuditSize(num_texts=64, num_passages=100)
        """
        share = min(1.0, trained_tokens / FULL_TOKENS)
        numbers = (max(min(each, MIN_NUMBER), int(each * share)) for each in (self.num_texts, self.num_passages))
        return AuditSize(*numbers)


FULL = AuditSize(num_texts=128, num_passages=200)
"""The size of an audit after a training that was not short."""


def why_not_audited(data: DataConfig) -> str | None:
    """Returns why a model of such data is not audited; None for text.

    Args:
        data: The settings of its data.
    """
    if data.genome is not None:
        return "an audit is about text: a genome repeats itself, and a copied sequence is no sign of memory"
    if data.series is not None:
        return "an audit is about text: the bins of a series repeat themselves, and hold nobody's words"
    return None


def audit_model(
    model: LanguageModel,
    corpus: Corpus,
    *,
    size: AuditSize,
    seed: int,
    private: bool = False,
    canaries: Canaries | None = None,
) -> dict[str, Any]:
    """Returns what a model remembers of its training text, as plain data.

    Args:
        model: The model; it runs without dropout and keeps its mode.
        corpus: The text it was trained on.
        size: How much is measured.
        seed: Seed of the generated texts and of everything that is drawn.
        private: Whether copied text is left out, so that only counts remain.
        canaries: The secrets that were inserted into the training text; None if there were none.

    Raises:
        InputError: The held-out text is too short, the model's predictions are not finite numbers, or a package is
            missing.
    """
    began = time.perf_counter()
    measurement = _Measurement(model, corpus, size, seed, private=private)
    audit: dict[str, Any] = {
        "tokens": corpus.tokenizer.kind,
        "seed": seed,
        "private": private,
        **measurement.of_generated_texts(),
        "extraction": measurement.extraction(),
        "membership": measurement.membership(),
    }
    if canaries is not None:
        eos_id = corpus.tokenizer.eos_id
        audit["exposure"] = measure_exposure(model, canaries, eos_id=eos_id, seed=seed).as_json()
    return {**audit, "verdict": judge(audit), "seconds": time.perf_counter() - began}


def audit_after_training(
    model: LanguageModel, corpus: Corpus, config: TrainConfig, *, run_dir: Path, trained_tokens: int
) -> dict[str, Any] | None:
    """Returns the audit of a model that has just been trained, as `audit_model`; None without one, with the reason.

    Whatever fails is one warning: the run itself is complete.

    Args:
        model: The model.
        corpus: The text of the run.
        config: The settings of the run.
        run_dir: Its folder, which has its canaries if there are some.
        trained_tokens: Tokens it was trained on, all epochs together, on which the size of the audit depends.
    """
    if not config.audit.enabled:
        return None
    if (reason := why_not_audited(config.data)) is not None:
        log.info("No audit: %s", reason)
        return None
    size = FULL.after_training(trained_tokens)
    try:
        canaries = Canaries.load(run_dir)
        return audit_model(model, corpus, size=size, seed=config.audit.seed, private=config.private, canaries=canaries)
    except Exception as error:
        problem = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        log.warning("No audit: %s", " ".join(problem.split()))
        return None


def audit_saved(
    bundle: Bundle, *, cache_dir: str, size: AuditSize, seed: int, private: bool | None = None
) -> dict[str, Any]:
    """Returns what a saved model remembers of its training text, as `audit_model`.

    Args:
        bundle: The model, from a run folder or a bundle.
        cache_dir: Folder of prepared corpora.
        size: How much is measured.
        seed: Seed of everything that is drawn.
        private: Whether copied text is left out; None: as the settings of the run say.

    Raises:
        InputError: The model is not one of text, or its training text is not at hand.
    """
    key = "bundle" if bundle.is_bundle else "run"
    if (reason := why_not_audited(bundle.config.data)) is not None:
        raise InputError(f"{key}={bundle.folder}: {reason}")
    if private is None:
        private = read_settings(bundle.folder).get("private") is True
    try:
        corpus = training_corpus(bundle, cache_dir=cache_dir)
    except InputError as error:
        raise InputError(
            f"{key}={bundle.folder}: an audit compares with the training text, which is not at hand ({error}); "
            "put the text back, or give cache_dir=FOLDER with its prepared form"
        ) from error
    canaries = Canaries.load(bundle.folder)
    return audit_model(bundle.model, corpus, size=size, seed=seed, private=private, canaries=canaries)


class _Measurement:
    """The measurements of an audit, which share the index of the training text and the excerpts."""

    def __init__(self, model: LanguageModel, corpus: Corpus, size: AuditSize, seed: int, *, private: bool) -> None:
        self.model, self.corpus, self.size, self.seed, self.private = model, corpus, size, seed, private
        self.tokenizer = corpus.tokenizer
        self.excluded = [self.tokenizer.unk_id]
        self.train = TrainingText(corpus.ids["train"], excluded=self.excluded, offsets_D=corpus.offsets["train"])
        self.held_out = Excerpts(corpus, HELD_OUT, seed=seed)
        if not len(self.held_out):
            longest = max(len(corpus.ids[split]) for split in HELD_OUT)
            raise InputError(
                f"{corpus.manifest['source']}: an audit needs {EXCERPT_TOKENS} tokens of held-out text in a row, and "
                f"the longer of validation and test has {longest:,}; use more text, or larger shares in data.splits"
            )

    def of_generated_texts(self) -> dict[str, Any]:
        """Returns what generated texts copy, beside held-out text of the same size, and their personal data."""
        control = self.held_out.first(self.size.num_texts)
        copied = {"held_out": self._copying([each.ids_T for each in control], [each.document for each in control])}
        written: list[str] = []
        for name, sampling in self._samplings().items():
            samples = generate_samples(self.model, self.tokenizer, [], num_samples=len(control), sampling=sampling)
            texts = [np.array(sample.ids) for sample in samples]
            copied[name] = self._copying(texts, range(len(texts)))
            written += [self.tokenizer.decode(sample.ids) for sample in samples]
        return {
            "novelty": {name: self._copying_as_json(name, copied) for name in copied},
            "personal_data": measure_personal_data(written, self.tokenizer, self.corpus.ids["train"]),
        }

    def _samplings(self) -> dict[str, SamplingConfig]:
        shared = {"num_words": EXCERPT_TOKENS, "seed": self.seed}
        unlimited = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "typical_p": 1}
        return {
            "temperature_1": default_sampling(**shared, **unlimited, repetition_penalty=1, no_repeat_ngram=0),
            "default": default_sampling(**shared),
        }

    def _copying(self, texts: Sequence[Integers], groups: Sequence[Any]) -> Copying:
        return measure_copying(self.train, texts, groups=groups, excluded=self.excluded)

    def _copying_as_json(self, name: str, copied: Mapping[str, Copying]) -> dict[str, Any]:
        texts, control = copied[name], copied["held_out"]
        excess = (
            {}
            if name == "held_out"
            else {"excess": excess_curve(texts.counts, control.counts, seed=self.seed).as_json()}
        )
        return {
            "texts": texts.num_texts,
            "tokens": texts.num_tokens,
            "curve": novelty_curve(texts.counts, seed=self.seed).as_json(),
            **excess,
            "longest": texts.longest,
            "spans": [self._span_as_json(each) for each in texts.spans],
        }

    def _span_as_json(self, span: CopiedSpan) -> dict[str, Any]:
        text = {} if self.private else {"text": self.tokenizer.decode(span.ids)}
        return {
            "tokens": len(span.ids),
            "occurrences": span.occurrences,
            "documents": span.documents,
            "document": span.document,
            "place": span.place,
            **text,
        }

    def extraction(self) -> dict[str, Any]:
        """Returns the extractable share of training passages and of held-out ones."""
        unk_id = self.tokenizer.unk_id

        def usable(ids_T: Integers) -> bool:
            return is_continuable(ids_T, unk_id=unk_id)

        train = Excerpts(self.corpus, ("train",), seed=self.seed)
        members, others = (
            [each.ids_T for each in excerpts.first(self.size.num_passages, usable=usable)]
            for excerpts in (train, self.held_out)
        )
        if not members or not others:
            return {"skipped": "no passage of the text is long enough and free of unknown words"}
        result = measure_extraction(
            self.model, self.train, members, others, eos_id=self.tokenizer.eos_id, unk_id=unk_id
        )
        examples = [] if self.private else [self.tokenizer.decode(ids) for ids in result.examples]
        return {**result.as_json(), "examples": examples[:3]}

    def membership(self) -> dict[str, Any]:
        """Returns how well attacks on membership do."""
        if len(self.corpus.ids["train"]) > MAX_COUNTED_TOKENS:
            return {"skipped": f"n-grams of more than {MAX_COUNTED_TOKENS:,} training tokens are not counted"}
        try:
            with packages_of_extra("classify", purpose="membership inference"):
                passages = choose_passages(self.corpus, seed=self.seed, max_passages=5 * self.size.num_passages // 2)
                if passages is None:
                    return {"skipped": "the splits are too short for passages to compare"}
                return attack_passages(self.model, passages, self.corpus, seed=self.seed).as_json()
        except InputError as error:
            return {"skipped": str(error)}
