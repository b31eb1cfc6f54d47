"""A worker tells its parent the messages that concern its seed alone, and stops when the parent asks or ends."""

import logging
import multiprocessing
import os
import signal

import pytest

from halo.runs.seed_worker import STOP, Message, _Channel, _ToParent
from halo.training.resume.resume_checkpoints import ResumeCheckpoints


@pytest.mark.parametrize(
    ("name", "text", "is_sent"),
    [
        ("halo.training.callbacks.learning_curve", "epoch 1/2  perplexity", True),
        ("py.warnings", "a warning", True),
        ("halo.training.callbacks.text_samples", "Samples:\n\nthe virus", False),
        ("halo.runs.build", "Model: lstm", False),
        ("halo.corpus.prepare", "prepared", False),
    ],
)
def test_messages_of_one_line_are_sent(name: str, text: str, is_sent: bool) -> None:
    own, parents = multiprocessing.Pipe()
    record = logging.LogRecord(name, logging.INFO, __file__, 1, text, None, None)
    _ToParent(_Channel(own)).emit(record)
    assert parents.poll() == is_sent
    if is_sent:
        assert parents.recv() == Message(logging.INFO, text)


def test_messages_to_a_parent_that_is_gone_are_dropped() -> None:
    own, parents = multiprocessing.Pipe()
    parents.close()
    _Channel(own).send(Message(logging.INFO, "epoch 1"))


@pytest.mark.parametrize("parent_asks", [True, False])
@pytest.mark.parametrize("trains", [True, False])
def test_a_worker_stops_when_its_parent_asks_or_ends(
    parent_asks: bool, trains: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    own, parents = multiprocessing.Pipe()
    if parent_asks:
        parents.send(STOP)
    else:
        parents.close()
    callback = ResumeCheckpoints("checkpoints", None, None)
    if trains:
        with callback.signals.restored():
            _Channel(own).stop_when_asked([callback])
    else:
        _Channel(own).stop_when_asked([callback])
    assert callback.signals.received == (signal.SIGTERM if trains else None)
    assert ended == ([] if trains else [128 + signal.SIGTERM])
