"""Errors of the server: every refused request gets the same JSON, with a reason that says what to do.

{"error": {"message": "text: at most 20000 characters", "type": "invalid_request_error", "param": "text", ...}}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from halo.runtime.errors import printable

MAX_MESSAGE = 500
"""Characters of a message, and of the name of a wrong field in it; requests may hold anything."""

TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "overloaded_error",
}
"""The type of an error by its status; of any other, `invalid_request_error`."""

DESCRIPTIONS = {
    400: "The body is not JSON, or not as this endpoint expects it.",
    401: "The token is missing or wrong.",
    403: "The request comes from a page of another origin.",
    404: "There is no such model, page or file.",
    405: "The endpoint has other methods.",
    408: "The body took too long to arrive.",
    409: "The server lacks what the request needs, such as the training text of the model.",
    413: "The body is too large.",
    415: "The body has another content type than application/json.",
    421: "The server is addressed by a name that it does not have.",
    422: "A field is missing, unknown, or has a value that is not allowed.",
    429: "This client has sent too many requests; `Retry-After` says for how many seconds to wait.",
    500: "A defect of the server.",
    503: "The server has too much to do at the moment; `Retry-After` says for how many seconds to wait.",
}


class ErrorDetail(BaseModel):
    """Describes why a request failed."""

    message: str = Field(description="What is wrong, where, and what to do.")
    type: str = Field(description="The kind of error.")
    param: str | None = Field(description="The field of the request that is wrong, if it is a single one.")
    code: str | None = Field(description="A short name of the problem, for programs.")


class ErrorBody(BaseModel):
    """The body of every response that is an error."""

    error: ErrorDetail


class ApiError(HTTPException):
    """A request that cannot be answered.

    Args:
        status: The HTTP status.
        message: What is wrong, where, and what to do.
        param: The field that is wrong.
        code: A short name of the problem, for programs.
        headers: Further headers of the response.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, error_body(status, message, param=param, code=code), dict(headers or {}))

    @property
    def body(self) -> dict[str, Any]:
        """The body of the response, as plain data."""
        body: Any = self.detail
        return dict(body)


def error_body(status: int, message: str, *, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """Returns the body of an error, as plain data.

    >>> error_body(404, "no such page")["error"]["type"]
    'not_found_error'
    """
    kind = TYPES.get(status, "invalid_request_error")
    shown = printable(message)[:MAX_MESSAGE]
    return {"error": {"message": shown, "type": kind, "param": param and printable(param), "code": code}}


def overloaded(message: str, *, seconds: int) -> ApiError:
    """Returns the error of a server that has too much to do, which names the seconds after which to try again."""
    return ApiError(503, message, code="overloaded", headers={"Retry-After": str(seconds)})


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Returns the description of errors for the OpenAPI document, by status."""
    return {status: {"model": ErrorBody, "description": DESCRIPTIONS[status]} for status in statuses}


async def answer_http_error(_: Request, error: Exception) -> JSONResponse:
    """Answers a request that was refused, by an endpoint or by the router."""
    assert isinstance(error, HTTPException) or hasattr(error, "status_code")
    status: int = error.status_code
    headers = getattr(error, "headers", None)
    if isinstance(error, ApiError):
        return JSONResponse(error.body, status, headers)
    messages = {404: "there is no such page; /openapi.json lists the endpoints", 405: "the endpoint has other methods"}
    message = messages.get(status, str(getattr(error, "detail", "")))
    return JSONResponse(error_body(status, message), status, headers)


async def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answers a request whose fields are wrong: 400 for endpoints of OpenAI's, as their clients expect, else 422."""
    assert isinstance(error, RequestValidationError)
    status = 400 if request.url.path.startswith("/v1/") else 422
    first = error.errors()[0]
    param = field_name(first["loc"])
    message = f"{param or 'body'}: {explain(first)}"
    return JSONResponse(error_body(status, message, param=param), status)


def field_name(location: Sequence[int | str]) -> str | None:
    """Returns the field that a location of Pydantic names, None for the whole body.

    >>> field_name(("body", "prompt", "list[str]", 3)), field_name(("body",))
    ('prompt', None)
    """
    return printable(str(location[1]))[:60] if len(location) > 1 else None


def explain(problem: Mapping[str, Any]) -> str:
    """Returns what is wrong with a field, from the description of Pydantic's.

    >>> explain({"type": "missing"}), explain({"type": "int_type", "msg": "Input should be a valid integer"})
    ('is missing', 'must be a valid integer')
    """
    known = {
        "missing": "is missing",
        "extra_forbidden": "is unknown; /openapi.json lists the fields",
        "model_attributes_type": "must be a JSON object",
    }
    message = str(problem.get("msg", "")).replace("Input should be", "must be")
    return known.get(str(problem["type"]), message)
