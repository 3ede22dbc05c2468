"""Answers HTTP requests: serves the studio's own files to admitted callers, and nothing else.

All changes go over the WebSocket, so that there is no method but GET, no form and no upload here.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from composerd.studio.admission import Admission, Caller, first
from composerd.studio.static_files import StaticFile

SOCKET = "/live"
"""path of the WebSocket"""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "media-src blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""Content-Security-Policy: nothing from elsewhere, no markup made of text"""
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), midi=(self)",
    "Cache-Control": "no-cache",
    "Connection": "close",
}
NO_TOKEN = """This studio is open to those who have its address.
Open the address that `composerd studio` prints on the machine that plays, the whole of it, or scan its QR code.
"""


def caller_of(request: Request, local: str) -> Caller:
    headers = request.headers
    origins = headers.get_all("Origin")
    return Caller(
        target=request.path,
        host=first(headers.get_all("Host")),
        origin=first(origins) if origins else None,
        cookie="; ".join(headers.get_all("Cookie")),
        local=local,
    )


class Site:
    """Answers requests with the files of the page."""

    def __init__(self, admission: Admission, files: Mapping[str, StaticFile]) -> None:
        self._admission, self._files = admission, files

    def answer(self, request: Request, local: str) -> Response | None:
        """The response, or None if the request may open a WebSocket. `local` is the address that received it."""
        caller = caller_of(request, local)
        if not self._admission.host_is_ours(caller):
            return _text(HTTPStatus.FORBIDDEN, "This name is not one of this machine's.\n")
        if request.method != "GET":
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is answered.\n")
        path = urlsplit(request.path).path
        if self._admission.is_invited(caller):
            return _respond(HTTPStatus.SEE_OTHER, {"Location": "/", "Set-Cookie": self._admission.cookie()})
        if not self._admission.knows(caller):
            return _text(HTTPStatus.FORBIDDEN, NO_TOKEN)
        if path == SOCKET:
            ours = self._admission.origin_is_ours(caller)
            return None if ours else _text(HTTPStatus.FORBIDDEN, "Only the studio's own page is let in here.\n")
        return self._file(request, path)

    def _file(self, request: Request, path: str) -> Response:
        file = self._files.get(path)
        if file is None:
            return _text(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        if request.headers.get("If-None-Match") == file.etag:
            return _respond(HTTPStatus.NOT_MODIFIED, {"ETag": file.etag})
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        body = file.body if packed else gzip.decompress(file.body)
        encoding = {"Content-Encoding": "gzip"} if packed else {}
        return _respond(HTTPStatus.OK, {"Content-Type": file.kind, "ETag": file.etag, **encoding}, body)


def _text(status: HTTPStatus, text: str) -> Response:
    return _respond(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


def _respond(status: HTTPStatus, headers: Mapping[str, str], body: bytes = b"") -> Response:
    named = Headers({**ALWAYS, **headers, "Content-Length": str(len(body)), "Vary": "Accept-Encoding, Cookie"})
    return Response(status.value, status.phrase, named, body)
