"""The key as a setting."""

from __future__ import annotations

import pytest

from composerd.config.layers import load
from composerd.config.yaml_source import SourcedValue
from composerd.errors import ConfigError, Option


@pytest.mark.parametrize("text", ["", "G", "Eb", "F#m", "a minor"])
def test_a_key_is_a_setting(text: str) -> None:
    assert load({"engine.key": SourcedValue(text, Option("--key"))}, environ={}).settings.engine.key == text


def test_what_is_no_key_is_refused_with_what_is_expected() -> None:
    with pytest.raises(ConfigError, match=r"--key.*H7.*expected a key such as Eb or F#m, or nothing"):
        load({"engine.key": SourcedValue("H7", Option("--key"))}, environ={})
