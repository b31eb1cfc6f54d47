"""The endpoints of the page, below /api, and those for monitors."""

import json
import math
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from halo.generation.stream import GeneratedToken
from halo.serving.answers.fields import (
    Card,
    GenerateFields,
    Health,
    Limits,
    ModelList,
    NextFields,
    NextWords,
    ScoredWords,
    ScoreFields,
    SeenFields,
    SeenSpans,
)
from halo.serving.answers.service import EventResponse, Generation, Slice, TheService, begun
from halo.serving.requests.errors import ApiError, error_body, error_responses
from halo.serving.requests.strict_json import JsonRoute

GET_ERRORS = error_responses(401, 403, 404, 421, 422, 429)
POST_ERRORS = error_responses(400, 401, 403, 404, 408, 413, 415, 421, 422, 429, 503)

EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "event": {"enum": ["word", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
"""The server-sent events of a generation; `data` is JSON."""

router = APIRouter(prefix="/api", tags=["page"], route_class=JsonRoute)
monitoring = APIRouter(tags=["monitoring"])


@router.get("/models", responses=error_responses(401, 403, 421, 429))
async def list_models(service: TheService) -> ModelList:
    """Lists the models and classifiers of this server, with the defaults of sampling and the limits of requests."""
    settings = service.settings
    entries = [model.entry() for model in service.models.values()]
    limits = Limits(max_characters=settings.max_characters, max_words=settings.max_words)
    classifiers = [classifier.entry() for classifier in service.classifiers.values()]
    return ModelList(models=entries, classifiers=classifiers, sampling=asdict(service.defaults), limits=limits)


@router.get("/card", responses=GET_ERRORS)
async def model_card(
    service: TheService, model: Annotated[str | None, Query(description="Id of the model; left out: the first.")] = None
) -> Card:
    """Returns the model card: what the model is, how it was measured, what it is for, and its limits."""
    card = service.model(model).card()
    if card is None:
        raise ApiError(404, "the model has no card; a bundle of halo.train has one", param="model", code="no_card")
    return Card(markdown=card)


@router.post("/next", responses=POST_ERRORS)
async def next_words(fields: NextFields, request: Request, service: TheService) -> NextWords:
    """Returns the words that may come next, with their probabilities before and after the settings of sampling."""
    model = service.model(fields.model)
    service.require_short(fields.text)
    sampling = service.sampling(fields.sampling())
    return await service.compute(request, lambda: model.next_words(fields.text, sampling=sampling, k=fields.k))


@router.post(
    "/generate",
    response_class=StreamingResponse,
    responses={
        **POST_ERRORS,
        200: {
            "description": "Server-sent events: `word` with text, token, probability, bits, rank and alternatives for "
            "each word; at the end `done` with seed and num_words, or `error` with the body of an error.",
            "content": {
                "text/event-stream": {
                    "itemSchema": EVENT_SCHEMA,
                    "example": 'event: word\ndata: {"text": " were", "token": "were", "probability": 0.25, '
                    '"bits": 2.0, "rank": 1, "alternatives": [{"word": "were", "probability": 0.25}]}\n\n'
                    'event: done\ndata: {"seed": 1, "num_words": 1}\n\n',
                }
            },
        },
    },
)
async def generate(fields: GenerateFields, request: Request, service: TheService) -> EventResponse:
    """Writes on, word by word; the text and the `text` of all words are together the new text."""
    model = service.model(fields.model)
    service.require_short(fields.text)
    sampling = service.sampling(fields.sampling())
    generation = Generation(service, request)
    try:
        slices = await begun(
            generation.slices(
                lambda: model.stream(fields.text, sampling=sampling, num_alternatives=fields.num_alternatives)
            )
        )
    except BaseException:
        generation.close()
        raise
    return EventResponse(_events(slices, seed=sampling.seed), generation=generation)


async def _events(slices: AsyncIterator[Slice], *, seed: int) -> AsyncIterator[str]:
    """Yields the events of a generation."""
    number = 0
    try:
        async for each in slices:
            number += len(each.tokens)
            yield "".join(event("word", _word(token)) for token in each.tokens)
    except ApiError as error:
        yield event("error", error.body)
    except Exception:
        yield event("error", error_body(500, "the server has failed; its log says where"))
        raise
    else:
        yield event("done", {"seed": seed, "num_words": number})


def _word(token: GeneratedToken) -> dict[str, Any]:
    return {
        "text": token.text,
        "token": token.token,
        "probability": math.exp(token.logprob),
        "bits": -token.logprob / math.log(2),
        "rank": token.rank,
        "alternatives": [{"word": each.token, "probability": math.exp(each.logprob)} for each in token.alternatives],
    }


def event(name: str, data: Any) -> str:
    r"""Returns a server-sent event with JSON.

    >>> event("done", {"seed": 1})
    'event: done\ndata: {"seed": 1}\n\n'
    """
    return f"event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n"


@router.post("/score", responses=POST_ERRORS)
async def score(fields: ScoreFields, request: Request, service: TheService) -> ScoredWords:
    """Returns the surprisal of each word of a text, as it stands there."""
    model = service.model(fields.model)
    service.require_short(fields.text)
    scored = await service.compute(request, lambda: model.score(fields.text, num_alternatives=fields.num_alternatives))
    service.metrics.words.labels("scored").inc(len(scored.words))
    return scored


@router.post("/seen", responses={**POST_ERRORS, **error_responses(409)})
async def seen(fields: SeenFields, request: Request, service: TheService) -> SeenSpans:
    """Returns the passages of a text that stand word for word in the training text of the model."""
    model = service.model(fields.model)
    service.require_short(fields.text)
    return await service.compute(request, lambda: model.seen(fields.text, min_words=fields.min_words))


@monitoring.get("/healthz", responses=error_responses(403, 421))
async def health(service: TheService) -> Health:
    """Returns that the server works, and how much it has to do."""
    return Health(status="ok", models=len(service.models) + len(service.classifiers), requests=service.slots.used)


@monitoring.get(
    "/metrics",
    response_class=Response,
    responses={
        **error_responses(401, 403, 421),
        200: {"description": "Figures for Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}},
    },
)
async def metrics(service: TheService) -> Response:
    """Returns requests, latencies, words and active streams, in the format of Prometheus."""
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)
