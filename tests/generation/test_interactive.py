"""Writing in turns: what is typed is continued, taken back and tried again, and wrong commands are told in a line."""

from collections.abc import Iterator

import pytest
import torch

from halo.config import CleaningConfig, default_sampling
from halo.generation.interactive import HELP, Conversation
from halo.generation.prompts import encode_prompt
from halo.generation.stopping import Stops
from halo.generation.stream import stream_tokens
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config

CLEANING = CleaningConfig(steps=["special"], case="lower", numbers="keep", keep_characters=".,")


class Typed:
    """A conversation with a small model, and what it has shown."""

    def __init__(self, *, stops: tuple[str, ...] = ()) -> None:
        torch.manual_seed(0)
        tokenizer = TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)
        self.shown: list[str] = []
        self.conversation = Conversation(
            build_model(model_config("lstm"), tokenizer.words()).eval(),
            tokenizer,
            sampling=default_sampling(num_words=4, temperature=1.0, top_k=0),
            encode=lambda line: encode_prompt(line, tokenizer, CLEANING, key="line"),
            show=self.shown.append,
            cased_forms={},
            stops=Stops(tokenizer, stops) if stops else None,
        )

    def answers(self, *lines: str) -> list[str]:
        """What each line shows."""
        found = []
        for line in lines:
            self.shown.clear()
            self.conversation.run([line])
            found.append("".join(self.shown).removesuffix("\n"))
        return found


def test_each_line_is_continued_and_the_text_grows() -> None:
    typed = Typed()
    first, second, third = typed.answers("The virus", "in the air", "")
    assert first.startswith("The virus ")
    assert second.startswith("in the air")
    assert len(third.split()) in (2, 3, 4)  # a mark is attached to its word
    assert typed.conversation.run([]) == f"{first} {second}{third}"
    assert typed.answers("/history") == [f"{first} {second}{third}"]


def test_a_step_is_taken_back_or_tried_again_with_another_seed() -> None:
    typed = Typed()
    first, second = typed.answers("the virus", "the air")
    assert typed.answers("/undo") == [first]
    assert typed.answers("the air") == [second]
    (again,) = typed.answers("/retry")
    assert again.startswith("the air")
    assert again != second
    assert typed.conversation.sampling.seed == 2
    assert typed.answers("/undo", "/undo") == [first, "(nothing yet)"]
    assert typed.answers("/undo") == ["/undo: there is nothing to take back"]


def test_settings_change_what_is_written() -> None:
    typed = Typed()
    assert typed.answers("/temperature 0", "/num_words 9", "/temperature") == [
        *("temperature is 0", "num_words is 9", "temperature is 0"),
    ]
    first, second = typed.answers("the virus", "/retry")
    assert first == second  # greedy, whatever the seed
    assert "/top_p 0.9" in typed.answers("/settings")[0].splitlines()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/foo", "/foo: no such command; /help lists them"),
        ("/", "/: no such command; /help lists them"),
        ("/undo 2", "/undo 2: takes no value; write /undo"),
        ("/temperature hot", "temperature=hot: must be a number of at least 0"),
        ("/temperature -1", "temperature=-1: must be a number of at least 0"),
        ("/top_k 1.5", "top_k=1.5: must be a whole number of at least 0"),
        ("/num_words 0", "num_words=0: must be a whole number of at least 1"),
        ("zyzzyva", "line='zyzzyva': the model knows none of these words; use words of its training text"),
        ("/retry", "/retry: nothing has been written yet; write the beginning of a text"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_changes_nothing(line: str, message: str) -> None:
    typed = Typed()
    before = typed.conversation.sampling
    assert typed.answers(line) == [message]
    assert typed.conversation.sampling == before
    assert typed.answers("/history") == ["(nothing yet)"]


def test_help_names_every_command_and_next_shows_probabilities() -> None:
    typed = Typed()
    assert typed.answers("/help") == [HELP]
    lines = typed.answers("/next")[0].splitlines()
    assert len(lines) == typed.conversation.tokenizer.vocab_size - 1
    shares = [float(line.split("%")[0]) for line in lines]
    assert shares == sorted(shares, reverse=True)
    assert typed.answers("/history") == ["(nothing yet)"]


def test_quit_and_ctrl_c_at_the_prompt_end_it() -> None:
    typed = Typed()

    def interrupted() -> Iterator[str]:
        yield "the virus"
        raise KeyboardInterrupt

    text = typed.conversation.run(interrupted())
    assert text.startswith("the virus")
    assert typed.conversation.run(["/quit", "the air"]) == text


def test_ctrl_c_while_it_writes_stops_the_text_only(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = Typed()
    (whole,) = typed.answers("the virus")
    typed.answers("/undo")

    def interrupted(*arguments: object, **settings: object) -> Iterator[object]:
        stream = stream_tokens(*arguments, **settings)  # type: ignore[arg-type]
        yield next(stream)
        yield next(stream)
        raise KeyboardInterrupt

    monkeypatch.setattr("halo.generation.interactive.stream_tokens", interrupted)
    (stopped,) = typed.answers("the virus")
    assert whole.startswith(stopped)
    monkeypatch.undo()
    (rest,) = typed.answers("")
    assert typed.answers("/history")[0] == stopped + rest
    assert len(typed.conversation.last.context.ids) == 2 + 2 + 4


def test_a_stop_ends_what_is_written() -> None:
    words = Typed(stops=("the", "virus", "spreads", "in", "air", ".", "<eos>")).answers("the virus")[0]
    assert len(words.split()) <= 3
