"""Admits requests by their Host and Origin, and by the token where the studio is open to the network.

A page of another site in the user's browser can send requests here too: as a cross-site WebSocket (its Origin shows
it), or under a host name that it points at this machine (DNS rebinding). Both are refused.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

COOKIE = "composerd_studio"
COOKIE_SECONDS = 365 * 24 * 3600
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Caller:
    """The headers and the address of a request that decide whether it may connect."""

    target: str
    """path and query"""
    host: str
    """Host header"""
    origin: str | None = None
    cookie: str = ""
    local: str = "127.0.0.1"
    """address of this machine that it was sent to"""


@dataclass(frozen=True, slots=True)
class Admission:
    """Admits or refuses requests."""

    token: str = ""
    """the token that a caller must have; empty on loopback, where none is needed"""
    names: tuple[str, ...] = ()
    """this machine's names on its network"""

    def host_is_ours(self, caller: Caller) -> bool:
        """Whether Host is the address that received the request, or a name of this machine."""
        name = host_name(caller.host)
        if is_loopback(caller.local):
            return name in LOOPBACK_NAMES
        return name == caller.local or name in self.names

    def origin_is_ours(self, caller: Caller) -> bool:
        """Whether a WebSocket was opened by the studio's own page; browsers always send a page's Origin."""
        return caller.origin is not None and caller.origin.lower() == f"http://{caller.host}".lower()

    def knows(self, caller: Caller) -> bool:
        return not self.token or _same(self._shown(caller.cookie), self.token)

    def is_invited(self, caller: Caller) -> bool:
        """Whether the request's address contains the token, as the printed address does."""
        given = parse_qs(urlsplit(caller.target).query).get("token", [""])[0]
        return bool(self.token) and _same(given, self.token)

    def cookie(self) -> str:
        """The value of Set-Cookie that admits the caller from now on."""
        return f"{COOKIE}={self.token}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Strict"

    @staticmethod
    def _shown(cookie: str) -> str:
        try:
            found = SimpleCookie(cookie).get(COOKIE)
        except CookieError:
            return ""
        return found.value if found is not None else ""


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str:
    """`[::1]:8765` -> `::1`."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def names_of(host: str) -> tuple[str, ...]:
    """The names under which a machine called `host` is reached on its network."""
    short = host.partition(".")[0].lower()
    return tuple(dict.fromkeys((host.lower(), short, f"{short}.local"))) if short else ()


def first(values: Iterable[str]) -> str:
    """The only value of a header; "" if it was sent twice, which no browser does."""
    found = list(values)
    return found[0] if len(found) == 1 else ""


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
