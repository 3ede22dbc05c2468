"""JACK servers for the tests of real ports; tests of the export side, where its libraries are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jackd import JackServer, jack_server

# how long an example takes is the machine's business: no test asserts on wall-clock time
settings.register_profile("composerd", deadline=None)
settings.load_profile("composerd")

EXPORT_EXTRA = {"torch", "onnx", "matplotlib"}
"""libraries of the `export` extra: a test module that asks for one that is not installed is skipped"""


class _Module(pytest.Module):
    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return super().collect()
        except self.CollectError as error:
            missing = error.__cause__
            if isinstance(missing, ModuleNotFoundError) and missing.name in EXPORT_EXTRA:
                pytest.skip(f"needs the export extra: {missing.name} is not installed", allow_module_level=True)
            raise


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    return _Module.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def _shared_jack() -> Iterator[JackServer]:
    with jack_server() as server:
        yield server


@pytest.fixture
def jack(_shared_jack: JackServer, monkeypatch: pytest.MonkeyPatch) -> JackServer:
    """The session's server, with this process as its client. Do not kill it."""
    return _joined(_shared_jack, monkeypatch)


@pytest.fixture
def own_jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A server for one test, which may kill it."""
    with jack_server() as server:
        yield _joined(server, monkeypatch)


def _joined(server: JackServer, monkeypatch: pytest.MonkeyPatch) -> JackServer:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return server
