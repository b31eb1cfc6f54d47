"""Metrics of an imaginary run, with large and with missing figures, as metrics.json has them."""

from typing import Any

from halo.config import SPLITS


def text_metrics(**changes: Any) -> dict[str, Any]:
    """Returns the metrics of a text."""
    part = {"tokens": 1_000, "share_of_nll": 0.25, "perplexity": 123.456}
    return {
        "documents": 10,
        "tokens": 1_234_567_890,
        "characters": 5_000,
        "nll": 12.3456,
        "perplexity": 12_345.678,
        "perplexity_interval": [11_111.11, 22_222.22],
        "perplexity_without_eos": 12_345.678,
        "perplexity_known_words": None,
        "bits_per_character": 1.2345,
        "oov_bits_per_character": 0.0123,
        "out_of_vocabulary_rate": 0.1234,
        "batch_size": 20,
        "by_label": {f"label {number}": {**part, "tokens": number} for number in range(1, 31)},
        "by_frequency": {"10,000 or more": part, "<unk>": part},
        "by_position": {"1,001 or more": part},
        **changes,
    }


def run_metrics(*, with_ngrams: bool = True) -> dict[str, Any]:
    """Returns the metrics of a run."""
    prefixes = ["", "unigram_", *(["kneser_ney_"] if with_ngrams else [])]
    return {
        **{f"{prefix}{split}_perplexity": 7.0 for prefix in prefixes for split in SPLITS},
        "uniform_perplexity": 9.0,
        "num_parameters": 5_000_000,
        "chosen_weights": "best by val/nll, step 3388 of 3388",
        "train_tokens_per_second": 3_000.0,
        "minutes": 1.0,
        "verdict": "neither underfitting nor overfitting",
        "splits": {split: text_metrics() for split in SPLITS},
    }
