"""Perplexity of a network trained with differential privacy (DP-SGD), beside the same network without, and n-grams.

The unit of privacy is a passage: training on the text with or without any one passage of `--length` tokens gives models
that can hardly be told apart (Abadi et al. 2016, Deep learning with differential privacy). Each passage is read from a
reset state: with a carried state the gradient of a passage would depend on all text before it, so that no bound on the
influence of a passage would hold. Passages are drawn at random for each step (Poisson sampling), the gradient of each
is clipped, and Opacus adds noise for the given epsilon, with delta = 1 / number of passages, and accounts for it (PRV
accountant). The network is small, since the noise grows with the number of parameters: an LSTM with word vectors that
the output shares.

The vocabulary is taken from the training text and is not charged to epsilon. Learning rate, clipping norm and size of
a step are plain choices that were not tuned, so that the figures do not say how good a private model could be at best.

    python -m halo.prepare                                      # prints the folder of the prepared text
    python benchmarks/differential_privacy.py outputs/cache/FOLDER
    python benchmarks/differential_privacy.py outputs/cache/FOLDER --epochs 1 --epsilons 8

Shape letters: B passages of a step, L tokens of a passage, V words of the vocabulary.
"""

import argparse
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from measuring import report
from opacus import PrivacyEngine
from opacus.layers import DPLSTM
from opacus.utils.batch_memory_manager import BatchMemoryManager
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from halo.corpus.corpus import Corpus, load_corpus
from halo.data.streams import IGNORED, StreamLoader
from halo.evaluation.baselines import kneser_ney_baseline, unigram_baseline
from halo.evaluation.bootstrap import perplexity_interval
from halo.evaluation.text_scores import perplexity
from halo.runtime.allocator import keep_freed_memory

EVAL_STREAMS, EVAL_LENGTH = 10, 100
AT_ONCE = 64  # passages whose gradients are in memory at a time
HEADER = ("training", "epsilon", "noise", "minutes", "validation", "test", "95% interval")


class SmallLSTM(nn.Module):
    """An LSTM whose output layer shares the word vectors, made of layers that Opacus has per-passage gradients of."""

    def __init__(self, vocab_size: int, features: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocab_size, features)
        nn.init.uniform_(self.words.weight, -0.1, 0.1)
        self.lstm = DPLSTM(features, features, batch_first=True)
        self.output = nn.Linear(features, vocab_size)
        nn.init.zeros_(self.output.bias)
        self.output.weight = self.words.weight

    def forward(self, ids_BL: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Returns the logits of the next words, shape (B, L, V), and the state."""
        features, next_state = self.lstm(self.words(ids_BL), state)
        return self.output(features), next_state


class Row(NamedTuple):
    """The result of one training."""

    name: str
    epsilon: float | None
    noise: float | None
    minutes: float
    validation: float
    test: float
    interval: tuple[float, float] | None


def passages(corpus: Corpus, length: int) -> Tensor:
    """Returns the training text cut into passages of `length` targets and the token before them, shape (B, L + 1)."""
    ids = np.concatenate([[corpus.tokenizer.eos_id], corpus.ids["train"]]).astype(np.int64)
    number = (len(ids) - 1) // length
    return torch.from_numpy(np.stack([ids[i * length : (i + 1) * length + 1] for i in range(number)]))


@torch.no_grad()
def token_nll(model: nn.Module, corpus: Corpus, split: str) -> np.ndarray:
    """Returns the loss of each token of a split in nats, with the state carried, in the order of the text."""
    windows = StreamLoader(
        corpus.ids[split], eos_id=corpus.tokenizer.eos_id, batch_size=EVAL_STREAMS, sequence_length=EVAL_LENGTH
    )
    model.eval()
    state, parts, counted = None, [], []
    for window in windows:
        logits_BTV, state = model(window.inputs_BT, state)
        nll = F.cross_entropy(logits_BTV.transpose(1, 2), window.targets_BT, reduction="none", ignore_index=IGNORED)
        parts.append(nll)
        counted.append(window.targets_BT != IGNORED)
    model.train()
    return torch.cat(parts, dim=1)[torch.cat(counted, dim=1)].double().numpy()


def train(corpus: Corpus, arguments: argparse.Namespace, *, epsilon: float | None, is_clipped: bool) -> Row:
    """Trains one network and measures it.

    Args:
        corpus: The text.
        arguments: The command line.
        epsilon: The privacy budget; None for no noise.
        is_clipped: Whether the gradient of each passage is clipped, as privacy requires.
    """
    torch.manual_seed(arguments.seed)
    data = TensorDataset(passages(corpus, arguments.length))
    batch = arguments.batch if is_clipped else arguments.plain_batch
    loader: Any = DataLoader(data, batch_size=batch, shuffle=True)
    model: Any = SmallLSTM(corpus.tokenizer.vocab_size, arguments.features)
    rate = arguments.lr if is_clipped else arguments.plain_lr
    optimizer: Any = torch.optim.Adam(model.parameters(), lr=rate)
    if is_clipped:
        engine = PrivacyEngine(accountant="prv")
        settings = {"module": model, "optimizer": optimizer, "data_loader": loader, "max_grad_norm": arguments.clip}
        if epsilon is None:
            model, optimizer, loader = engine.make_private(noise_multiplier=0.0, **settings)
        else:
            model, optimizer, loader = engine.make_private_with_epsilon(
                target_epsilon=epsilon, target_delta=1 / len(data), epochs=arguments.epochs, **settings
            )
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=arguments.epochs)
    begin, step = time.monotonic(), 0
    for epoch in range(arguments.epochs):
        if is_clipped:
            with BatchMemoryManager(
                data_loader=loader, max_physical_batch_size=AT_ONCE, optimizer=optimizer
            ) as in_parts:
                for (ids,) in in_parts:
                    step += update(model, optimizer, ids)
        else:
            for (ids,) in loader:
                step += update(model, optimizer, ids)
        schedule.step()
        nll = token_nll(model, corpus, "validation").mean()
        shown = f"epoch {epoch + 1}: validation {perplexity(nll):.1f}, {time.monotonic() - begin:.0f} s"
        print(f"  {shown}", flush=True)
    minutes = (time.monotonic() - begin) / 60
    nll = token_nll(model, corpus, "test")
    offsets = np.asarray(corpus.offsets["test"])
    return Row(
        name="clipped and noised" if epsilon else "clipped" if is_clipped else "as usual",
        epsilon=engine.get_epsilon(1 / len(data)) if epsilon else None,
        noise=optimizer.noise_multiplier if is_clipped else None,
        minutes=minutes,
        validation=perplexity(token_nll(model, corpus, "validation").mean()),
        test=perplexity(nll.mean()),
        interval=perplexity_interval(np.add.reduceat(nll, offsets[:-1]), np.diff(offsets)),
    )


def update(model: nn.Module, optimizer: Any, ids_BL: Tensor) -> int:
    """Makes one step on passages: the mean over them of the mean loss of their tokens."""
    optimizer.zero_grad()
    logits_BLV, _ = model(ids_BL[:, :-1])
    loss = F.cross_entropy(logits_BLV.transpose(1, 2), ids_BL[:, 1:])
    loss.backward()
    optimizer.step()
    return 1


def baselines(corpus: Corpus) -> list[list[str]]:
    """Returns the rows of the n-gram models, which know the training text as it is."""
    found = {"unigram": unigram_baseline(corpus), "Kneser-Ney": kneser_ney_baseline(corpus)}
    return [
        [name, "-", "-", "-", f"{scores['validation'].perplexity:.1f}", f"{scores['test'].perplexity:.1f}", "-"]
        for name, scores in found.items()
    ]


def cells(row: Row) -> list[str]:
    """Returns a result as text."""
    epsilon, noise = ("-" if value is None else f"{value:.2f}" for value in (row.epsilon, row.noise))
    interval = "-" if row.interval is None else f"{row.interval[0]:.1f}-{row.interval[1]:.1f}"
    return [row.name, epsilon, noise, f"{row.minutes:.1f}", f"{row.validation:.1f}", f"{row.test:.1f}", interval]


def main() -> None:
    """Trains all networks and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of a prepared text")
    parser.add_argument("--epsilons", type=float, nargs="*", default=[50, 8, 2])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=512, help="expected number of passages of a step")
    parser.add_argument("--length", type=int, default=32, help="tokens of a passage")
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--clip", type=float, default=1.0, help="largest norm of the gradient of a passage")
    parser.add_argument("--lr", type=float, default=0.01, help="learning rate with clipping")
    parser.add_argument("--plain-lr", type=float, default=0.01, help="learning rate without clipping")
    parser.add_argument("--plain-batch", type=int, default=32, help="passages of a step without clipping")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-private", action="store_true", help="leave out the trainings without noise")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")  # of Opacus: secure random numbers, hooks of torch
    keep_freed_memory()
    corpus = load_corpus(arguments.corpus)
    trainings = [] if arguments.only_private else [(None, False), (None, True)]
    rows = []
    for epsilon, is_clipped in [*trainings, *((epsilon, True) for epsilon in arguments.epsilons)]:
        print(f"epsilon {epsilon}, clipped {is_clipped}", flush=True)
        rows.append(train(corpus, arguments, epsilon=epsilon, is_clipped=is_clipped))
    number = len(passages(corpus, arguments.length))
    title = f"Differential privacy of passages of {arguments.length} tokens ({number:,} passages, delta 1 / {number:,})"
    settings = {**vars(arguments), "corpus": arguments.corpus.name}
    figures = {"arguments": settings, "rows": [row._asdict() for row in rows]}
    report("differential_privacy", title, HEADER, [*map(cells, rows), *baselines(corpus)], figures)


if __name__ == "__main__":
    main()
