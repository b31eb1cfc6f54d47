"""The files of the page, read once when the server starts: a request names one of them, never a path."""

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
        folder: The folder of the files; those in folders of it are not served.
    """
    found = sorted(folder.glob("*.*")) if folder.is_dir() else []
    files = {file.name: file.read_bytes() for file in found if file.suffix in MEDIA_TYPES and file.is_file()}
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"], responses=error_responses(404))
    async def page() -> Response:
        return _file(files, INDEX)

    @router.api_route("/static/{name}", methods=["GET", "HEAD"], responses=error_responses(404))
    async def static(name: str) -> Response:
        return _file(files, name)

    return router


def _file(files: dict[str, bytes], name: str) -> Response:
    if name not in files:
        raise ApiError(404, "there is no such file; the page is at /")
    media_type = MEDIA_TYPES[name[name.rindex(".") :]]
    return Response(files[name], media_type=media_type, headers={"Cache-Control": "no-cache"})
