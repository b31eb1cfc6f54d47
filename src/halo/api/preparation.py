"""`halo.prepare`: a prepared corpus from Python."""

import os
from typing import TYPE_CHECKING

from halo.runtime.errors import packages_of_extra

if TYPE_CHECKING:
    from halo.corpus.corpus import Corpus


def prepare(*overrides: str, config_dir: str | os.PathLike[str] | None = None) -> "Corpus":
    """Cleans, splits and tokenizes a text, as `python -m halo.prepare` does, and returns the result.

    The corpus is cached in `data.cache_dir` by content and settings: the same call returns at once.

        corpus = halo.prepare("data=text", "data.path=notes.txt", "data.tokenizer.min_count=3")
        corpus.counts["train"].tokens

    Args:
        overrides: Settings as on the command line, such as `data.path=notes.txt`.
        config_dir: A folder with configuration files of your own, as `--config-dir`.

    Raises:
        InputError: A setting or the text cannot be used.
    """
    with packages_of_extra("train", purpose="halo.prepare"):
        from halo.api.composing import compose_settings
        from halo.config import PrepareConfig, parse
        from halo.corpus.prepare import prepare as prepare_corpus

    return prepare_corpus(parse(compose_settings("prepare", overrides, config_dir=config_dir), PrepareConfig).data)
