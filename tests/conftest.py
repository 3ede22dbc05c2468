"""JACK servers for the tests of real ports; tests of the export side, where its libraries are."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from composerd_export.cli import EXTRA
from jackd import JackServer, jack_server

# how long an example takes is the machine's business: no test asserts on wall-clock time
settings.register_profile("composerd", deadline=None)
settings.load_profile("composerd")


JACK_SECONDS = 300
"""how long a test of real ports may take, its servers' start and stop included"""


class _Module(pytest.Module):
    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return super().collect()
        except self.CollectError as error:
            missing = error.__cause__
            if isinstance(missing, ModuleNotFoundError) and missing.name in EXTRA:
                pytest.skip(f"needs the export extra: {missing.name} is not installed", allow_module_level=True)
            raise


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a server and its clients do together takes long where each must wait its turn."""
    for item in items:
        if item.get_closest_marker("jack") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(JACK_SECONDS))


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return _Module.from_parent(parent, path=module_path)


class _SharedServer:
    """A server for one test after another, until one fails: the next test or try gets a new one."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._server: JackServer | None = None

    def get(self) -> JackServer:
        if self._server is None:
            self._server = self._stack.enter_context(jack_server())
        return self._server

    def stop(self) -> None:
        self._server = None
        self._stack.close()


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure where fixtures can read it."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def _shared_jack() -> Iterator[_SharedServer]:
    shared = _SharedServer()
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def _runtime() -> Iterator[str]:
    """A short path: a control socket's may have 107 bytes, pytest's own folders are too deep."""
    with tempfile.TemporaryDirectory(prefix="run") as folder:
        yield folder


@pytest.fixture
def jack(
    _shared_jack: _SharedServer, _runtime: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JackServer]:
    """The session's server, with this process as its client. Do not kill it."""
    yield _joined(_shared_jack.get(), _runtime, monkeypatch)
    if request.node.stash.get(_FAILED, False):
        _shared_jack.stop()
        request.node.stash[_FAILED] = False


@pytest.fixture
def own_jack(_runtime: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A server for one test, which may kill it."""
    with jack_server() as server:
        yield _joined(server, _runtime, monkeypatch)


def _joined(server: JackServer, runtime: str, monkeypatch: pytest.MonkeyPatch) -> JackServer:
    """The server that clients find, with a control socket apart from those of other test processes."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return server
