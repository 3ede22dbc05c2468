"""What the studio answers to HTTP requests: its files to admitted callers, and nothing else to anybody."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from composerd.studio.admission import COOKIE, Admission
from composerd.studio.site import ALWAYS, POLICY, SOCKET, Site
from composerd.studio.static_files import TYPES, StaticFile, static_files

FILES = static_files()
OPEN, LOCKED = Site(Admission(), FILES), Site(Admission("s3cret"), FILES)


def get(site: Site, path: str, **headers: str) -> tuple[int, Headers, bytes]:
    answer = site.answer(Request(path, Headers({"Host": "127.0.0.1:8765", **headers})), "127.0.0.1")
    assert answer is not None
    return answer.status_code, answer.headers, bytes(answer.body)


def test_the_page_is_served_compressed_to_browsers_and_plain_to_others() -> None:
    _, headers, packed = get(OPEN, "/", **{"Accept-Encoding": "gzip, br"})
    assert headers["Content-Encoding"] == "gzip"
    status, headers, plain = get(OPEN, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert gzip.decompress(packed) == plain
    assert int(headers["Content-Length"]) == len(plain)


def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    _, headers, _ = get(OPEN, "/studio.css")
    status, _, body = get(OPEN, "/studio.css", **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")


@pytest.mark.parametrize("path", ["/nothing", "/../server.py", "/js/../../page.py", "//etc/passwd", "/%2e%2e/page.py"])
def test_a_path_that_is_no_entry_of_the_table_is_not_found(path: str) -> None:
    assert get(OPEN, path)[0] == 404


def test_another_name_of_the_machine_is_refused() -> None:
    answer = OPEN.answer(Request("/", Headers({"Host": "evil.example"})), "127.0.0.1")
    assert answer is not None
    assert answer.status_code == 403


def test_without_the_token_nothing_is_served() -> None:
    for path in ("/", "/studio.css", SOCKET, "/nothing"):
        assert get(LOCKED, path)[0] == 403


def test_the_printed_address_leads_to_the_page_and_leaves_a_cookie() -> None:
    status, headers, _ = get(LOCKED, "/?token=s3cret")
    assert (status, headers["Location"]) == (303, "/")
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert cookie == f"{COOKIE}=s3cret"
    assert get(LOCKED, "/", Cookie=cookie)[0] == 200


def test_the_socket_opens_for_the_studios_own_page_only() -> None:
    headers = {"Host": "127.0.0.1:8765", "Origin": "http://127.0.0.1:8765"}
    assert OPEN.answer(Request(SOCKET, Headers(headers)), "127.0.0.1") is None
    assert get(OPEN, SOCKET)[0] == 403
    assert get(OPEN, SOCKET, Origin="http://evil.example")[0] == 403


def test_every_answer_forbids_scripts_and_frames_of_others() -> None:
    for path in ("/", "/nothing", SOCKET):
        _, headers, _ = get(OPEN, path)
        assert {name: headers[name] for name in ALWAYS} == ALWAYS
    assert "default-src 'none'" in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_every_file_of_the_page_has_a_type_and_a_tag_of_its_content(tmp_path: Path) -> None:
    assert {Path(path).suffix for path in FILES if path != "/"} <= TYPES.keys()
    (tmp_path / "index.html").write_text("one")
    first = static_files(tmp_path)
    (tmp_path / "notes.txt").write_text("not part of the page")
    assert static_files(tmp_path) == first
    (tmp_path / "index.html").write_text("two")
    second = static_files(tmp_path)
    assert first["/"].etag != second["/"].etag
    assert second["/"] == second["/index.html"] == StaticFile(TYPES[".html"], second["/"].body, second["/"].etag)
