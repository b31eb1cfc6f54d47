"""Scores a text and continues a prompt with an exported model: onnxruntime, tokenizers and numpy, without PyTorch.

halo export run=outputs/train/DATE/TIME format=onnx output=model_onnx
python use_exported.py model_onnx "The virus spreads"
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

folder, text = Path(sys.argv[1]), sys.argv[2]
about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
start = {each["name"]: np.zeros([1, *each["shape"][1:]], each["dtype"]) for each in about["state"]}


def read(ids, state):
    """Returns the log-probabilities of the word after each token, shape (tokens, words), and the next state."""
    log_probabilities, *after = session.run(None, {"ids": np.array([ids], dtype=np.int64), **state})
    return log_probabilities[0], dict(zip(state, after, strict=True))


encoding = tokenizer.encode(text)
log_probabilities, state = read([about["eos_id"], *encoding.ids], start)
for number, (token_id, (first, last)) in enumerate(zip(encoding.ids, encoding.offsets, strict=True)):
    known = "" if token_id != about["unk_id"] else "  (unknown)"
    print(f"{text[first:last]}\t{-log_probabilities[number, token_id] / np.log(2):.4f} bits{known}")

ids = encoding.ids
for _ in range(40):  # greedy: always the likeliest word
    log_probabilities[-1, about["unk_id"]] = -np.inf
    ids.append(int(log_probabilities[-1].argmax()))
    log_probabilities, state = read(ids[-1:], state)
print(tokenizer.decode(ids))
