"""Who may come in."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from composerd.errors import ConfigError
from composerd.studio.address import token, url
from composerd.studio.admission import COOKIE, Admission, Caller, names_of

LOCAL = Caller("/", "127.0.0.1:8765", "http://127.0.0.1:8765")
NETWORK = Caller("/", "192.168.1.7:8765", "http://192.168.1.7:8765", local="192.168.1.7")
DOOR, LOCKED = Admission(), Admission("s3cret-token", names_of("piano.example.org"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "localhost", "[::1]:8765", "LOCALHOST:1", "localhost."]
)
def test_on_loopback_the_names_of_loopback_are_ours(host: str) -> None:
    assert DOOR.host_is_ours(replace(LOCAL, host=host))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "192.168.1.7:8765", "", "localhost@evil.example", "[::1", "a:b:c"],
)
def test_no_other_name_is_even_where_it_points_to_this_machine(host: str) -> None:
    assert not DOOR.host_is_ours(replace(LOCAL, host=host))


@pytest.mark.parametrize("host", ["192.168.1.7:8765", "piano:8765", "piano.local:8765", "piano.example.org"])
def test_on_a_network_the_address_and_the_machines_own_names_are_ours(host: str) -> None:
    assert LOCKED.host_is_ours(replace(NETWORK, host=host))


@pytest.mark.parametrize("host", ["evil.example", "localhost:8765", "127.0.0.1:8765", "192.168.1.8:8765"])
def test_on_a_network_nothing_else_is(host: str) -> None:
    assert not LOCKED.host_is_ours(replace(NETWORK, host=host))


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "https://127.0.0.1:8765", "http://127.0.0.1", "http://127.0.0.1:87650"],
)
def test_a_page_from_elsewhere_is_not_let_in(origin: str | None) -> None:
    assert DOOR.origin_is_ours(LOCAL)
    assert not DOOR.origin_is_ours(replace(LOCAL, origin=origin))


def test_with_a_token_only_its_cookie_opens() -> None:
    assert DOOR.knows(LOCAL)
    assert not LOCKED.knows(NETWORK)
    assert LOCKED.knows(replace(NETWORK, cookie=f"other=1; {COOKIE}=s3cret-token"))
    for cookie in (f"{COOKIE}=", f"{COOKIE}=s3cret-toke", f"{COOKIE}=wrong", "s3cret-token", "\x00;;=", f"{COOKIE}=ü"):
        assert not LOCKED.knows(replace(NETWORK, cookie=cookie))


def test_the_printed_address_invites_and_its_cookie_is_for_our_pages_alone() -> None:
    assert LOCKED.is_invited(replace(NETWORK, target="/?token=s3cret-token"))
    assert not LOCKED.is_invited(replace(NETWORK, target="/?token=wrong"))
    assert not DOOR.is_invited(replace(LOCAL, target="/?token="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(LOCKED.cookie().split("; "))


def test_the_token_stays_the_same_and_is_its_users_alone(tmp_path: Path) -> None:
    made = token(tmp_path / "state")
    assert token(tmp_path / "state") == made
    assert len(made) >= 20
    file = tmp_path / "state" / "studio-token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="other users can read it"):
        token(tmp_path / "state")


def test_an_address_has_the_token_in_it() -> None:
    assert url("192.168.1.7", 8765, "abc") == "http://192.168.1.7:8765/?token=abc"
    assert url("::1", 80) == "http://[::1]:80/"
