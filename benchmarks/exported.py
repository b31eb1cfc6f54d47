"""Speed of exported ONNX models in onnxruntime, compared with PyTorch: one step of generation, and windows.

The architectures of conf/model with their default sizes and a vocabulary of --words words; the weights are random,
since their values do not affect speed. PyTorch generates with the decoder of `halo.generate` (`step_decoder`), and
reads windows with the model itself and a log-softmax; onnxruntime runs the graph of `halo export format=onnx`, in
float32 and with `quantize=int8`. All contenders use the same number of threads and take turns; a figure is the median
of the rounds. At the end the exported tokenizer is compared with halo's, on the bundled corpus.

    python benchmarks/exported.py
    python benchmarks/exported.py --models lstm --rounds 1 --seconds 0.1
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import onnxruntime
import torch
from measuring import in_turn, medians, report
from tokenizers import Tokenizer
from training import compose

from halo.api.composing import compose_settings
from halo.config import PrepareConfig, parse
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.documents import read_files
from halo.corpus.sources.lines import ReadLog
from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.onnx.quantization import quantize
from halo.exporting.portable.plain_weights import with_plain_weights
from halo.exporting.portable.portable_tokenizer import save_portable_tokenizer
from halo.exporting.portable.state import StateTensor, state_of
from halo.generation.step_decoder import step_decoder
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer

SIZES = {"one step": (1, 1), "window of 64": (1, 64), "8 windows of 64": (8, 64)}
HEADER = ("model", "read", "PyTorch", "onnxruntime float32", "onnxruntime int8", "float32 / PyTorch", "int8 / float32")
CONTENDERS = ("PyTorch", "float32", "int8")


def tokens_per_second(read: Callable[[], object], tokens: int, seconds: float) -> float:
    """Returns the tokens read in a second; the same call is repeated for some seconds after one to warm up."""
    read()
    calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        read()
        calls += 1
    return calls * tokens / (time.perf_counter() - began)


@torch.no_grad()
def in_pytorch(model: LanguageModel, batch_size: int, size: int, seconds: float) -> float:
    """Returns the tokens per second of PyTorch, which has read a full memory of tokens before."""
    _, state = model(torch.zeros(batch_size, 300, dtype=torch.int64))
    ids_BT = torch.zeros(batch_size, size, dtype=torch.int64)
    if size == 1:
        decode_step = step_decoder(model)
        return tokens_per_second(lambda: decode_step(ids_BT[:, 0], state), batch_size, seconds)
    return tokens_per_second(lambda: model(ids_BT, state)[0].log_softmax(-1), batch_size * size, seconds)


def in_onnxruntime(file: Path, state: list[StateTensor], batch_size: int, size: int, seconds: float) -> float:
    """Returns the tokens per second of onnxruntime, whose memory has the size of a full one in any case."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    inputs = {tensor.name: tensor.zeros(batch_size).numpy() for tensor in state}
    inputs["ids"] = torch.zeros(batch_size, size, dtype=torch.int64).numpy()
    return tokens_per_second(lambda: session.run(None, inputs), batch_size * size, seconds)


def rows_of(name: str, words: int, rounds: int, seconds: float, figures: dict[str, object]) -> list[list[str]]:
    """Returns the rows of one architecture."""
    vocabulary = ["<unk>", "<eos>", *(f"word{number}" for number in range(words - 2))]
    torch.manual_seed(0)
    model = with_plain_weights(build_model(compose([f"model={name}"]).model, vocabulary))
    state, rows = state_of(model), []
    with tempfile.TemporaryDirectory() as temporary:
        float32, int8 = (Path(temporary) / f"{each}.onnx" for each in CONTENDERS[1:])
        float32.write_bytes(onnx_model(model, vocab_size=words, metadata={}).SerializeToString())
        quantize(float32, int8)
        for read, (batch_size, size) in SIZES.items():
            given = (batch_size, size, seconds)
            contenders = {
                "PyTorch": partial(in_pytorch, model, *given),
                "float32": partial(in_onnxruntime, float32, state, *given),
                "int8": partial(in_onnxruntime, int8, state, *given),
            }
            found = in_turn(contenders, rounds)
            figures[f"{name}, {read}"] = found
            speeds = medians(found)
            ratios = [speeds["float32"] / speeds["PyTorch"], speeds["int8"] / speeds["float32"]]
            numbers = [f"{speeds[each]:,.0f}" for each in CONTENDERS]
            rows.append([name, read, *numbers, *(f"{ratio:.2f}" for ratio in ratios)])
    return rows


def tokenizer_agreement() -> tuple[int, int, int]:
    """Returns how many paragraphs of the bundled corpus, uncleaned, the exported tokenizer treats as halo does.

    Returns:
        The number of paragraphs, of those that get the same ids, and of those whose known words are joined the same.
    """
    data = parse(compose_settings("prepare", [], config_dir=None), PrepareConfig).data
    found = find_files([str(data.path)], key="data.path")
    documents = [document.text for document in read_files(found.files, data, ReadLog())]
    raw = [part for document in documents for part in document.split("\n\n")]
    cleaned = [clean(part, data.cleaning) for part in raw]
    tokenizer = TextTokenizer.train(cleaned, kind="word", min_count=2, max_size=None)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "tokenizer.json"
        save_portable_tokenizer(tokenizer, data, file)
        backend = Tokenizer.from_file(str(file))
    ids = [tokenizer.encode(text) for text in cleaned]
    known = [[token_id for token_id in each if token_id != tokenizer.unk_id] for each in ids]
    same_ids = sum(backend.encode(part).ids == each for part, each in zip(raw, ids, strict=True))
    return len(raw), same_ids, sum(backend.decode(each) == tokenizer.decode(each) for each in known)


def main() -> None:
    """Measures each architecture and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["lstm", "gru", "awd_lstm", "transformer"], metavar="NAME")
    parser.add_argument("--words", type=int, default=5771, help="size of the vocabulary")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="duration of a figure")
    given = parser.parse_args()
    figures: dict[str, object] = {}
    rows = [row for name in given.models for row in rows_of(name, given.words, given.rounds, given.seconds, figures)]
    paragraphs, same_ids, joined = figures["tokenizer"] = tokenizer_agreement()
    print(
        f"Exported tokenizer: {paragraphs:,} paragraphs, {same_ids:,} get halo's ids, {joined:,} are joined as by halo"
    )
    report("exported", f"Exported models, tokens/s, medians of {given.rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
