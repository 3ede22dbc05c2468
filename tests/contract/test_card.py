"""The card says what the net is, and refuses what does not fit."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.contract.card import NO_CHECKSUM, Card, Decoding, check, check_seal, decode_card, encode_card, seal
from composerd.contract.layout import Layout
from composerd.errors import ModelError
from layouts import BAND, CHORALE


def a_card(**changes: Any) -> Card:
    layout = Layout(BAND)
    return Card(
        "mine", "musegan", "pop", BAND, layout.inputs, layout.outputs, layout.noise_width,
        decoding=Decoding({"keys": -0.2}, (0.1,) * 10, rests={"keys": 0.5}), data=({"source": "mine"},), **changes,
    )  # fmt: skip


def test_a_card_survives_being_written_and_read() -> None:
    card = a_card(metrics={"closure": 0.9})
    assert decode_card(encode_card(card), "m.onnx") == card


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda values: values.pop(name)


def _with(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda values: values.update({name: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_with("contract", 99), "m.onnx: contract: expected 1, found 99"),
        (_with("family", "transformer"), "m.onnx: family: expected musegan or unet, found transformer"),
        (_with("tracks", []), "m.onnx: tracks: expected at least one, found none"),
        (_with("noise", 3), "m.onnx: noise: expected 0 or 40, found 3"),
        (lambda values: values["tracks"][1].update(low=90), "m.onnx: tracks.bass.range: expected 0 to 127"),
        (lambda values: values["tracks"][1].update(kind="duo"), "m.onnx: tracks.bass.kind: expected drums or mono"),
        (lambda values: values["tracks"][1].update(sources=["keys"]), "m.onnx: tracks.bass.sources: expected tracks"),
        (lambda values: values["inputs"].pop(0), "m.onnx: inputs: expected melody.sound in columns 0 to 48"),
        (lambda values: values["tracks"][1].update(high=60), "m.onnx: inputs: expected bass.sound"),
        (_without("grid"), "m.onnx: card is incomplete"),
        (_with("tracks", 7), "m.onnx: card is incomplete"),
    ],
)
def test_a_wrong_card_is_refused_by_file_field_expected_and_found(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    values = json.loads(encode_card(a_card()))
    change(values)
    with pytest.raises(ModelError) as caught:
        decode_card(json.dumps(values), "m.onnx")
    assert str(caught.value).startswith(words)


CARD = json.loads(encode_card(a_card(metrics={"closure": 0.9})))


def _places(value: Any, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for key, one in inner for place in _places(one, (*before, key)))]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([place for place in _places(CARD) if place]), anything)
def test_a_card_with_anything_anywhere_is_a_card_or_refused_in_one_line(
    place: tuple[str | int, ...], what: Any
) -> None:
    values = copy.deepcopy(CARD)
    target = values
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = what
    complaint = ""
    try:
        card = decode_card(json.dumps(values), "m.onnx")
        assert decode_card(encode_card(card), "m.onnx").layout == card.layout
    except ModelError as refusal:
        complaint = str(refusal)
    assert "\n" not in complaint
    assert complaint == "" or complaint.startswith("m.onnx: ")


def test_a_field_of_the_wrong_kind_is_named() -> None:
    values = copy.deepcopy(CARD)
    values["tracks"][1]["low"] = "28"
    with pytest.raises(ModelError, match=r"^m\.onnx: tracks\[1\]\.low: expected `int`, found `str`$"):
        decode_card(json.dumps(values), "m.onnx")
    values = copy.deepcopy(CARD)
    values["grid"]["past"] = 0
    with pytest.raises(ModelError, match=r"^m\.onnx: grid\.past: expected 1 to 1024, found 0$"):
        decode_card(json.dumps(values), "m.onnx")


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"^m\.onnx: "):
        decode_card(text, "m.onnx")


def test_a_session_must_have_the_tensors_of_the_card() -> None:
    card, layout = a_card(), Layout(BAND)
    inputs: dict[str, list[int | str | None]] = {
        "frames": ["batch", "time", layout.width],
        "noise": ["batch", "time", layout.noise_width],
    }
    outputs: dict[str, list[int | str | None]] = {"logits": ["batch", "time", layout.out_width]}
    check(card, inputs, outputs, "m.onnx")
    with pytest.raises(ModelError, match=r"inputs: expected frames, noise, found frames"):
        check(card, {"frames": inputs["frames"]}, outputs, "m.onnx")
    with pytest.raises(ModelError, match=r"input frames: expected \(batch, time, "):
        check(card, {**inputs, "frames": ["batch", "time", 7]}, outputs, "m.onnx")
    with pytest.raises(ModelError, match=r"output logits: .* with free time"):
        check(card, inputs, {"logits": ["batch", 64, layout.out_width]}, "m.onnx")


def test_a_sealed_file_is_accepted_and_a_changed_or_cut_one_refused() -> None:
    data = b"before " + encode_card(a_card()).encode() + b" after"
    sealed = seal(data)
    assert NO_CHECKSUM.encode() not in sealed
    check_seal(sealed, "m.onnx")
    for broken in (sealed[:-1], sealed.replace(b"after", b"aftes"), sealed.replace(b"mine", b"thin")):
        with pytest.raises(ModelError, match=r"m\.onnx: checksum: expected"):
            check_seal(broken, "m.onnx")
    with pytest.raises(ModelError, match="not a model of composerd"):
        check_seal(b"something else", "m.onnx")


def test_blocks_lie_side_by_side() -> None:
    for tracks in (BAND, CHORALE):
        layout = Layout(tracks)
        for blocks, width in ((layout.inputs, layout.width), (layout.outputs, layout.out_width)):
            covered = [column for block in blocks for column in range(block.start, block.start + block.size)]
            assert covered == list(range(width))
        spans = [layout.out_columns_of(track) for track in tracks]
        assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
        assert spans[-1].stop == layout.out_width
