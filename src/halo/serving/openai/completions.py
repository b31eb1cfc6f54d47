"""/v1/models and /v1/completions, as clients of OpenAI's interface speak them."""

import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from halo.serving.answers.served_model import ServedModel
from halo.serving.answers.service import EventResponse, Generation, Service, TheService, begun
from halo.serving.openai.fields import (
    Choice,
    Completion,
    CompletionFields,
    OpenAIModel,
    OpenAIModels,
    Usage,
    as_sampling,
)
from halo.serving.openai.texts import ChoiceWriter, Piece, Token, echoed_tokens, logprobs_of
from halo.serving.requests.errors import ApiError, error_body, error_responses
from halo.serving.requests.strict_json import JsonRoute

DEFAULT_MAX_TOKENS = 16
"""As OpenAI's interface has it."""
SEEDS = 2**31

EVENT_SCHEMA = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
"""The server-sent events of a stream; `data` is JSON, and `[DONE]` at the end."""

router = APIRouter(prefix="/v1", tags=["OpenAI"], route_class=JsonRoute)

_STARTED = int(time.time())


@router.get("/models", responses=error_responses(401, 403, 421, 429))
async def list_openai_models(service: TheService) -> OpenAIModels:
    """Lists the models of this server."""
    return OpenAIModels(data=[OpenAIModel(id=model_id, created=_STARTED) for model_id in service.models])


@router.get("/models/{model_id}", responses=error_responses(401, 403, 404, 421, 422, 429))
async def openai_model(model_id: str, service: TheService) -> OpenAIModel:
    """Returns one model of this server."""
    return OpenAIModel(id=service.model(model_id).id, created=_STARTED)


@router.post(
    "/completions",
    response_model=Completion,
    response_model_exclude_none=False,
    responses={
        **error_responses(400, 401, 403, 404, 408, 413, 415, 421, 429, 503),
        200: {
            "description": "The texts; with `stream` the same object in parts, as server-sent events that end with "
            "`data: [DONE]`.",
            "content": {"text/event-stream": {"itemSchema": EVENT_SCHEMA}},
        },
    },
)
async def complete(fields: CompletionFields, request: Request, service: TheService) -> Response:
    """Continues one or several prompts."""
    answer = _Answer(fields, request, service)
    try:
        pieces = await begun(answer.pieces())
        if fields.stream:
            return EventResponse(answer.events(pieces), generation=answer.generation)
        completion = await answer.whole(pieces)
    except BaseException:
        answer.generation.close()
        raise
    answer.generation.close()
    return JSONResponse(completion.model_dump())


class _Answer:
    """The texts of one request."""

    def __init__(self, fields: CompletionFields, request: Request, service: Service) -> None:
        self.fields = fields
        self.model: ServedModel = service.model(fields.model)
        self.prompts = [fields.prompt] if isinstance(fields.prompt, str) else fields.prompt
        self.choices_each = fields.n or 1
        self.max_tokens = DEFAULT_MAX_TOKENS if fields.max_tokens is None else fields.max_tokens
        self._require_possible(service)
        seed = secrets.randbelow(SEEDS) if fields.seed is None else fields.seed
        words = {"num_words": max(1, self.max_tokens), "seed": seed}
        self.sampling = service.sampling({**as_sampling(fields), **words})
        self.id, self.created = f"cmpl-{uuid.uuid4().hex}", int(time.time())
        self.prompt_tokens = self.completion_tokens = 0
        self.generation = Generation(service, request)

    def _require_possible(self, service: Service) -> None:
        """Raises `ApiError` for what the types of the fields cannot say."""
        fields = self.fields
        service.require_short("".join(self.prompts), "prompt", status=400)
        if not self.max_tokens and not fields.echo:
            raise ApiError(400, "max_tokens: 0 is only possible with echo", param="max_tokens")
        total, most = self.max_tokens * self.choices_each * len(self.prompts), service.settings.max_words
        if total > most:
            message = f"max_tokens: {total:,} tokens in all (max_tokens x n x prompts); at most {most:,} are allowed"
            raise ApiError(400, message, param="max_tokens")
        if fields.best_of not in (None, self.choices_each):
            raise ApiError(400, "best_of: must be equal to n", param="best_of")
        if fields.stream_options is not None and not fields.stream:
            raise ApiError(400, "stream_options: only with stream", param="stream_options")

    async def whole(self, pieces: AsyncIterator[Piece]) -> Completion:
        """Returns the complete texts."""
        texts: dict[int, list[Piece]] = {}
        async for piece in pieces:
            texts.setdefault(piece.index, []).append(piece)
            if not await self.generation.is_wanted():
                raise ApiError(408, "the client has gone")
        choices = [self._choice(Piece.joined(pieces)) for _, pieces in sorted(texts.items())]
        return self._completion(choices, self._usage())

    async def events(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[str]:
        """Yields the parts of the texts as server-sent events."""
        try:
            async for piece in pieces:
                yield _data(self._completion([self._choice(piece)]).model_dump(exclude={"usage"}))
        except ApiError as error:
            yield _data(error.body)
            return
        except Exception:
            yield _data(error_body(500, "the server has failed; its log says where"))
            raise
        if self.fields.stream_options is not None and self.fields.stream_options.include_usage:
            yield _data(self._completion([], self._usage()).model_dump())
        yield "data: [DONE]\n\n"

    def _completion(self, choices: list[Choice], usage: Usage | None = None) -> Completion:
        return Completion(id=self.id, created=self.created, model=self.model.id, choices=choices, usage=usage)

    def _choice(self, piece: Piece) -> Choice:
        logprobs = None if self.fields.logprobs is None else logprobs_of(piece.tokens)
        return Choice(text=piece.text, index=piece.index, logprobs=logprobs, finish_reason=piece.finish_reason)

    def _usage(self) -> Usage:
        total = self.prompt_tokens + self.completion_tokens
        return Usage(prompt_tokens=self.prompt_tokens, completion_tokens=self.completion_tokens, total_tokens=total)

    async def pieces(self) -> AsyncIterator[Piece]:
        """Yields each text piece by piece, one text after the other."""
        for number, prompt in enumerate(self.prompts):
            prompt_ids = await self.generation.run(partial(self.model.prompt_ids, prompt, key="prompt"))
            self.prompt_tokens += len(prompt_ids)
            echoed = await self._echoed(prompt) if self.fields.echo else []
            for sample in range(self.choices_each):
                index = number * self.choices_each + sample
                if self.fields.echo:
                    yield Piece(index, prompt, echoed, None if self.max_tokens else "length")
                if self.max_tokens:
                    async for piece in self._written(index, prompt, sample):
                        yield piece

    async def _echoed(self, prompt: str) -> list[Token]:
        """Returns the words of a prompt with their log-probabilities, where these are asked for."""
        if self.fields.logprobs is None:
            return []
        number = self.fields.logprobs
        scored = await self.generation.run(lambda: self.model.scored_text(prompt, num_alternatives=number))
        return echoed_tokens(prompt, scored)

    async def _written(self, index: int, prompt: str, sample: int) -> AsyncIterator[Piece]:
        """Yields what is written after a prompt, until its end or a stop text."""
        writer = ChoiceWriter(index, offset=len(prompt), stops=self._stops())

        def make_stream() -> Any:
            number = self.fields.logprobs or 0
            return self.model.stream(
                prompt, sampling=self.sampling, num_alternatives=number, sample=sample, key="prompt"
            )

        async for computed in self.generation.slices(make_stream):
            for token in computed.tokens:
                self.completion_tokens += 1
                writer.add(token)
                if writer.is_stopped:
                    break
            yield writer.take(is_complete=computed.is_complete)
            if writer.is_stopped:
                return

    def _stops(self) -> list[str]:
        stop = self.fields.stop
        return [stop] if isinstance(stop, str) else stop or []


def _data(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, allow_nan=False)}\n\n"
