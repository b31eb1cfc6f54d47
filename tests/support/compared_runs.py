"""Run folders as halo.train leaves them, written in no time: no model was trained for them."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from halo.config import SPLITS
from halo.corpus.store.document_texts import DocumentTexts
from halo.evaluation.document_scores import HELD_OUT, DocumentScores, scores_as_bytes
from halo.runtime.atomic_files import json_text
from tests.support.run_metrics import run_metrics, text_metrics

DOCUMENTS = 12


def write_run(
    folder: Path,
    *,
    nll: float = 4.0,
    noise: int = 0,
    vocabulary: str = "a",
    texts: str = "b",
    with_scores: bool = True,
    finished: bool = True,
    metrics: dict[str, Any] | None = None,
    **settings: Any,
) -> Path:
    """Writes a run folder and returns it.

    Args:
        folder: The folder.
        nll: Its mean negative log-likelihood of held-out text in nats per token, about.
        noise: The seed of the differences among documents that are its own.
        vocabulary: Content of its tokenizer.json.
        texts: Which texts are held out.
        with_scores: Whether it has document_scores.npz.
        finished: Whether it has figures.
        metrics: Entries of metrics.json to replace.
        settings: Changed settings, with __ for the dots in their keys.
    """
    folder.mkdir(parents=True)
    tree: dict[str, Any] = {
        "run_dir": str(folder),
        "seed": 1,
        "data": {"path": "corpus.txt", "cleaning": {"case": "keep"}, "tokenizer": {"kind": "word", "min_count": 2}},
        "model": {"name": "lstm", "hidden": 8},
        "optim": {"name": "adamw", "lr": 0.01},
    }
    for key, value in settings.items():
        node, *path = tree, *key.split("__")
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    (folder / "config.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    (folder / "tokenizer.json").write_text(vocabulary)
    if not finished:
        return folder
    scores = {split: document_scores(nll, noise, vocabulary, f"{texts}{split}") for split in HELD_OUT}
    (folder / "document_scores.npz").write_bytes(scores_as_bytes(scores)) if with_scores else None
    (folder / "metrics.json").write_text(json_text({**_metrics(scores), **(metrics or {})}), encoding="utf-8")
    return folder


def document_scores(nll: float, noise: int, vocabulary: str, texts: str) -> DocumentScores:
    """Returns scores of a split: some documents are harder than others, for all runs."""
    common = np.random.default_rng(len(texts))
    tokens = common.integers(100, 400, DOCUMENTS)
    own = np.random.default_rng(noise + 1).normal(0, 0.01, DOCUMENTS)
    hashes = np.zeros((DOCUMENTS, 16), np.uint8)
    hashes[:, 0] = np.arange(DOCUMENTS)
    text_hashes = hashes.copy()
    hashes[:, 1], text_hashes[:, 1] = sum(map(ord, vocabulary + texts)) % 251, sum(map(ord, texts)) % 251
    facts = DocumentTexts(text_hashes, 5 * tokens, np.full(DOCUMENTS, 7.0))
    return DocumentScores(tokens * (nll + common.normal(0, 0.3, DOCUMENTS) + own), tokens, hashes, facts)


def _metrics(scores: dict[str, DocumentScores]) -> dict[str, Any]:
    metrics, splits = run_metrics(), {split: text_metrics() for split in SPLITS}
    for split, each in scores.items():
        assert each.texts is not None
        tokens, characters = int(each.tokens.sum()), int(each.texts.characters.sum())
        nll = float(each.nll.sum() / tokens)
        bits = float((each.nll + each.texts.oov_cost).sum() / np.log(2) / characters)
        splits[split] |= {"nll": nll, "perplexity": float(np.exp(nll)), "tokens": tokens, "characters": characters}
        splits[split] |= {"documents": DOCUMENTS, "bits_per_character": bits}
    curve = [
        {"step": 10 * n, "epochs": n, "train": 90 / n, "validation": 80 / n, "tokens": 9, "seconds": 1.5}
        for n in (1, 2)
    ]
    return {**metrics, "splits": splits, "validations": curve, "generalization_gap": 0.5}
