"""The files of the page, read once when the server starts: a request names one of them, and opens none."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from halo.serving.requests.errors import ApiError, error_responses

FOLDER = Path(__file__).parent / "page"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""The kinds of files that a page has; others are not served."""

INDEX = "index.html"


def page_router(folder: Path = FOLDER) -> APIRouter:
    """Returns the endpoints of the page and its files.

    Args:
        folder: The folder of the files, some of which may be in folders of it.
    """
    found = sorted(file for file in folder.rglob("*.*") if file.suffix in MEDIA_TYPES and file.is_file())
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"], responses=error_responses(404))
    async def page() -> Response:
        return _file(files, INDEX)

    @router.api_route("/static/{name:path}", methods=["GET", "HEAD"], responses=error_responses(404))
    async def static(name: str) -> Response:
        return _file(files, name)

    return router


def _file(files: dict[str, bytes], name: str) -> Response:
    if name not in files:
        raise ApiError(404, "there is no such file; the page is at /")
    media_type = MEDIA_TYPES[name[name.rindex(".") :]]
    return Response(files[name], media_type=media_type, headers={"Cache-Control": "no-cache"})
