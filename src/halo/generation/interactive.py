"""Writing together with a model: the user types a line, the model continues, and commands change how."""

import contextlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from halo.config import SamplingConfig
from halo.config.messages import messages
from halo.generation.context import Context, read_context
from halo.generation.recasing import Recaser
from halo.generation.step_decoder import step_decoder
from halo.generation.stopping import Stops
from halo.generation.stream import stream_tokens
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError
from halo.tokenization.text_stream import TextStream
from halo.tokenization.tokenizer import TextTokenizer

HELP = """\
A line of text is added to the text, and the model writes on from there; an empty line lets it write on.
Ctrl-C stops it while it writes.
  /undo             takes back the last line and what was written after it
  /retry            writes that again, with the next seed
  /next             shows the likeliest next words
  /history          shows the text so far
  /new              begins another text
  /settings         shows the settings; /NAME VALUE changes one, such as /temperature 0.7 or /num_words 20
  /help, /quit      or the end of input: Ctrl-D"""

NUM_NEXT = 10
"""The number of words that /next shows."""


@dataclass(frozen=True)
class Step:
    """A line of the user and what the model wrote after it.

    Attributes:
        line: The line as it was typed; empty where the model wrote on by itself.
        line_ids: Its tokens.
        context: The text up to here, as the model has read it.
        text: The text up to here, as it is shown.
    """

    line: str
    line_ids: list[int]
    context: Context
    text: str


class Conversation:
    """A text that a user and a model write in turns.

    Args:
        model: The language model, in evaluation mode.
        tokenizer: Its vocabulary.
        sampling: The settings at the beginning.
        encode: Returns the ids of a line, cleaned as the training text was; raises `InputError`.
        show: Writes a piece of text to the terminal at once.
        cased_forms: For `Recaser`; None for a text without further capitals.
        paragraph_break: What is written for `<eos>`.
        stops: Words or strings that end what the model writes; None for none.
        dtype: Number format of the weights, as in `step_decoder`.
    """

    def __init__(
        self,
        model: LanguageModel,
        tokenizer: TextTokenizer,
        *,
        sampling: SamplingConfig,
        encode: Callable[[str], list[int]],
        show: Callable[[str], None],
        cased_forms: Mapping[str, str] | None = None,
        paragraph_break: str = "\n\n",
        stops: Stops | None = None,
        dtype: str = "float32",
    ) -> None:
        self.model, self.tokenizer, self.sampling = model, tokenizer, sampling
        self.encode, self.show, self.stops = encode, show, stops
        self.cased_forms, self.paragraph_break = cased_forms, paragraph_break
        self.decode_step = step_decoder(model, dtype=dtype)
        self.empty = Step("", [], read_context(model, tokenizer, []), "")
        self.steps: list[Step] = []

    @property
    def last(self) -> Step:
        """The text so far."""
        return self.steps[-1] if self.steps else self.empty

    def run(self, lines: Iterable[str]) -> str:
        """Answers line after line until the end or `/quit`, and returns the text.

        Args:
            lines: What the user types; a `KeyboardInterrupt` of it ends the conversation.
        """
        with contextlib.suppress(KeyboardInterrupt):
            for line in lines:
                if line.strip() in ("/quit", "/exit"):
                    break
                try:
                    self.answer(line)
                except InputError as error:
                    self.show(f"{error}\n")
        return self.last.text

    def answer(self, line: str) -> None:
        """Obeys a command, or adds a line to the text and writes on.

        Raises:
            InputError: The command does not exist or cannot be obeyed, or the model knows no word of the line.
        """
        if line.startswith("/"):
            name, _, value = line[1:].strip().partition(" ")
            self._obey(name, value.strip())
        else:
            self._write(line.strip(), self.encode(line) if line.strip() else [])

    def _obey(self, name: str, value: str) -> None:
        commands: dict[str, Callable[[], None]] = {
            **{"undo": self._undo, "retry": self._retry, "next": self._show_next, "new": self._begin_again},
            "history": lambda: self.show(f"{self.last.text or '(nothing yet)'}\n"),
            "help": lambda: self.show(f"{HELP}\n"),
            "settings": lambda: self.show("".join(f"/{name} {self._setting(name)}\n" for name in _settings())),
        }
        if name in _settings():
            self._change(name, value)
        elif name not in commands:
            raise InputError(f"/{name}: no such command; /help lists them")
        elif value:
            raise InputError(f"/{name} {value}: takes no value; write /{name}")
        else:
            commands[name]()

    def _change(self, name: str, value: str) -> None:
        if value:
            self.sampling = _changed(self.sampling, name, value)
        self.show(f"{name} is {self._setting(name)}\n")

    def _setting(self, name: str) -> str:
        value = getattr(self.sampling, name)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _undo(self) -> None:
        if not self.steps:
            raise InputError("/undo: there is nothing to take back")
        self.steps.pop()
        self.show(f"{self.last.text or '(nothing yet)'}\n")

    def _retry(self) -> None:
        if not self.steps:
            raise InputError("/retry: nothing has been written yet; write the beginning of a text")
        again = self.steps.pop()
        self.sampling = replace(self.sampling, seed=(self.sampling.seed + 1) % 2**63)
        self._write(again.line, again.line_ids)

    def _begin_again(self) -> None:
        self.steps.clear()
        self.show("(nothing yet)\n")

    def _show_next(self) -> None:
        one = replace(self.sampling, num_words=1)
        stream = stream_tokens(
            self.model,
            self.tokenizer,
            self.last.context,
            sampling=one,
            num_alternatives=NUM_NEXT,
            decode_step=self.decode_step,
        )
        for token, logprob in next(stream).alternatives:
            self.show(f"{math.exp(logprob):7.2%}  {token}\n")

    def _write(self, line: str, line_ids: list[int]) -> None:
        """Adds a line, and shows what the model writes after it, token by token, until Ctrl-C."""
        before = self.last
        context = before.context
        for token_id in line_ids:
            context = context.extended(self.decode_step, token_id)
        text = " ".join(filter(None, [before.text, line]))
        recaser = self._recaser(context)
        stream = stream_tokens(
            self.model,
            self.tokenizer,
            context,
            sampling=self.sampling,
            paragraph_break=self.paragraph_break,
            stops=self.stops,
            decode_step=self.decode_step,
        )
        self.show(line)
        written: list[int] = []
        with contextlib.suppress(KeyboardInterrupt):
            for token in stream:
                piece = token.text if recaser is None else recaser.add(token.text)
                written.append(token.token_id)
                text += piece
                self.show(piece)
        self.show("\n")
        for token_id in written:  # not from the stream, which may have been interrupted anywhere
            context = context.extended(self.decode_step, token_id)
        self.steps.append(Step(line, line_ids, context, text))

    def _recaser(self, context: Context) -> Recaser | None:
        """Returns a recaser that has seen the text so far."""
        if self.cased_forms is None:
            return None
        recaser, stream = Recaser(self.cased_forms), TextStream(self.tokenizer, paragraph_break=self.paragraph_break)
        for token_id in context.ids:
            recaser.add(stream.add(token_id))
        return recaser


def _settings() -> list[str]:
    return [*SamplingConfig.__annotations__]


def _changed(sampling: SamplingConfig, name: str, value: str) -> SamplingConfig:
    """Returns the settings with one of them changed.

    Raises:
        InputError: The value is not allowed.
    """
    try:
        number: Any = int(value)
    except ValueError:
        try:
            number = float(value)
        except ValueError:
            number = value
    try:
        return replace(sampling, **{name: number})
    except ValidationError as error:
        raise InputError(messages(error, SamplingConfig, {name: number})[0]) from error
