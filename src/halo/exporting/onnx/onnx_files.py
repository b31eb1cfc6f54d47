"""The files of the format `onnx`: the graph, in float32 or with int8 weights that are measured beside it."""

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto

from halo.bundle.loading import Bundle
from halo.config import ExportConfig
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.documents import read_files
from halo.corpus.sources.lines import ReadLog
from halo.evaluation.evaluation_report import training_corpus
from halo.exporting.onnx.graph import OPSET
from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.onnx.quantization import MAX_TOKENS, comparison, measure, quantize
from halo.exporting.portable.state import state_of
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TokenIds

log = logging.getLogger(__name__)

MAX_BYTES = 2**31 - 1
"""The largest ONNX file without separate weights."""


def write_onnx(folder: Path, bundle: Bundle, config: ExportConfig, about: dict[str, Any]) -> list[str]:
    """Writes model.onnx, and returns what to print about it.

    Args:
        folder: The folder of the export.
        bundle: The model, from `with_plain_weights`, and its tokenizer.
        config: The settings of the command.
        about: What config.json says; completed here.

    Raises:
        InputError: The model is too large for one file, or the text of `path` cannot be read.
    """
    about["opset"] = OPSET
    keys = ("format_version", "architecture", "vocab_size", "eos_id", "unk_id")
    metadata = {key: str(about[key]) for key in keys} | {"weights": config.quantize or "float32"}
    file = folder / "model.onnx"
    text = None if config.quantize is None else _text_to_measure(bundle, config)
    file.write_bytes(serialized(onnx_model(bundle.model, vocab_size=bundle.tokenizer.vocab_size, metadata=metadata)))
    if config.quantize is None:
        return []
    ids, source = text or (None, None)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        int8 = Path(temporary) / "int8.onnx"
        quantize(file, int8)
        state, eos_id = state_of(bundle.model), bundle.tokenizer.eos_id
        figures = {
            "float32": measure(file, state, ids, eos_id=eos_id),
            "int8": measure(int8, state, ids, eos_id=eos_id),
        }
        file.write_bytes(int8.read_bytes())
    about["quantization"] = {name: each._asdict() for name, each in figures.items()} | {"text": source}
    return [comparison(figures, source)]


def serialized(model: ModelProto) -> bytes:
    """Returns the content of a file, which may have up to 2 GiB."""
    size = model.ByteSize()
    if size > MAX_BYTES:
        raise InputError(f"format=onnx: {size / 2**30:.1f} GiB, at most 2 fit into one file; use format=safetensors")
    return bytes(model.SerializeToString())


def _text_to_measure(bundle: Bundle, config: ExportConfig) -> tuple[TokenIds, str] | None:
    """Returns the ids of the text of `path`, or of the validation split if it is at hand, and what it is."""
    if config.path is None:
        try:
            ids = training_corpus(bundle, cache_dir=config.cache_dir).ids["validation"]
        except InputError as error:
            log.info("No perplexity: %s", reason(error))
            return None
        return np.asarray(ids[:MAX_TOKENS]), f"the first {min(MAX_TOKENS, len(ids)):,} tokens of validation"
    found = find_files([config.path], key="path")
    found.log_ignored("path")
    read_log = ReadLog()
    data = bundle.config.data
    texts = [clean_document(document.text, data) for document in read_files(found.files, data, read_log)]
    read_log.report()
    ids = encode_documents(texts, bundle.tokenizer, data).ids
    if not len(ids):
        raise InputError(f"path={config.path}: contains no words; name a text")
    return ids, f"the first {min(MAX_TOKENS, len(ids)):,} tokens of {config.path}"
