"""The application: every endpoint, behind the guard, with a complete OpenAPI document."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from halo.config import ServeConfig
from halo.serving import classification
from halo.serving.answers.served_classifier import ServedClassifier
from halo.serving.answers.served_model import ServedModel
from halo.serving.answers.service import Service
from halo.serving.openai import completions
from halo.serving.requests.errors import answer_http_error, answer_invalid
from halo.serving.requests.guard import Guard
from halo.serving.requests.metrics import Observer
from halo.serving.routes import monitoring, router
from halo.serving.static_files import page_router

DESCRIPTION = """\
The next words, generated texts and surprisals of language models, and the labels of classifiers, that were trained with
Semblance Halo.

Every error has the same body, `{"error": {"message", "type", "param", "code"}}`, whose message says what to do. Where
the server has a token, requests send it as `Authorization: Bearer TOKEN`. Texts are neither stored nor logged.
"""

REQUESTS = ("NextFields", "GenerateFields", "ScoreFields", "SeenFields", "CompletionFields", "ClassifyFields")
"""The schemas of requests."""


def create_app(
    models: Mapping[str, ServedModel],
    settings: ServeConfig,
    *,
    classifiers: Mapping[str, ServedClassifier] | None = None,
) -> FastAPI:
    """Returns the application of a server.

    Args:
        models: The language models by their ids, the default first.
        settings: The settings of the server.
        classifiers: The classifiers by their ids, the default first; without any there is no /v1/classify.
    """
    app = FastAPI(
        title="Semblance Halo",
        version=version("semblance-halo"),
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0"},
        docs_url=None,  # it would load its scripts from another server
        redoc_url=None,
        exception_handlers={HTTPException: answer_http_error, RequestValidationError: answer_invalid},
    )
    service = Service(models, settings, classifiers=classifiers)
    app.state.service, app.state.settings = service, settings
    classifying = [classification.router] if service.classifiers else []
    for each in (router, completions.router, *classifying, monitoring, page_router()):
        app.include_router(each)
    app.add_middleware(Guard, settings=settings)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        )
    app.add_middleware(Observer, metrics=service.metrics)  # the outermost
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(describe(), service)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _completed(document: dict[str, Any], service: Service) -> dict[str, Any]:
    """Returns the OpenAPI document with what only the settings know: defaults, limits, and whether there is a token."""
    schemas = document["components"]["schemas"]
    for name in REQUESTS:
        if name in schemas:
            _set_limits(schemas[name]["properties"], service.settings)
    for name in ("GenerateFields", "NextFields"):
        for field, schema in schemas[name]["properties"].items():
            if hasattr(service.defaults, field):
                schema["default"] = getattr(service.defaults, field)
    _remove_other_errors(document)
    if service.settings.token is not None:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        document["paths"]["/healthz"]["get"]["security"] = []
    return document


def _set_limits(fields: dict[str, Any], settings: ServeConfig) -> None:
    """Adds to the fields of a request what they may be at most."""
    for name, field in fields.items():
        for variant in (field, *field.get("anyOf", ())):
            if name in ("text", "prompt", "input") and variant.get("type") == "string":
                variant["maxLength"] = settings.max_characters
            if name in ("num_words", "max_tokens") and variant.get("type") == "integer":
                variant["maximum"] = settings.max_words


def _remove_other_errors(document: dict[str, Any]) -> None:
    """Removes the errors that FastAPI describes where an endpoint answers others."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
