"""A model card is written and read, and anything that does not fit is refused by field."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.contract.card import NO_CHECKSUM, Card, Grid, check, check_seal, decode_card, encode_card, seal
from composerd.contract.layout import Layout
from composerd.errors import Line, ModelError, Reason
from layouts import BAND, CHORALE


def a_card(**changes: Any) -> Card:
    layout = Layout(BAND)
    return Card(
        name="mine", family="musegan", genre="pop", tracks=BAND, inputs=layout.inputs, outputs=layout.outputs,
        grid=Grid(), noise=layout.noise_width, temperature=0.7, data=({"source": "mine"},), **changes,
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
        (_with("contract", 99), "contract: found 99, expected 2"),
        (_with("family", "transformer"), "family: found transformer, expected musegan or unet"),
        (_with("tracks", []), "tracks: found none, expected at least one"),
        (_with("noise", 3), "noise: found 3, expected 0 or 40"),
        (
            lambda values: values["tracks"][1].update(low=90),
            "tracks.bass.range: found 90 to 55, expected 0 to 127",
        ),
        (
            lambda values: values["tracks"][1].update(kind="duo"),
            "tracks.bass.kind: found duo, expected drums or mono",
        ),
        (
            lambda values: values["tracks"][1].update(sources=["keys"]),
            "tracks.bass.sources: found keys, expected earlier tracks (drums, melody)",
        ),
        (
            lambda values: values["inputs"].pop(0),
            "inputs: found another layout, expected melody.sound in columns 0 to 48",
        ),
        (
            lambda values: values["tracks"][1].update(high=60),
            "inputs: found another layout, expected bass.sound",
        ),
        (_without("grid"), "grid: found nothing, expected a value"),
        (_with("tracks", 7), "tracks: found 7, expected a list"),
        (_with("colour", 7), "colour: found one, expected no such field"),
        (lambda values: values["grid"].update(colour=7), "grid.colour: found one, expected no such field"),
        (lambda values: values["tracks"][2].pop("low"), "tracks[2].low: found nothing, expected a value"),
    ],
)
def test_a_wrong_card_is_refused_by_file_field_expected_and_found(
    change: Callable[[dict[str, Any]], None], words: str
) -> None:
    values = json.loads(encode_card(a_card()))
    change(values)
    with pytest.raises(ModelError) as caught:
        decode_card(json.dumps(values), "m.onnx")
    assert str(caught.value).startswith(f"m.onnx: {words}")


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


def test_the_error_of_a_card_carries_file_field_found_expected_and_reason() -> None:
    values = {**CARD, "noise": 3}
    with pytest.raises(ModelError) as caught:
        decode_card(json.dumps(values), "m.onnx")
    error = caught.value
    assert (error.place, error.field, error.found) == (Line("m.onnx"), "noise", "3")
    assert (error.expected, error.reason) == ("0 or 40", Reason.UNUSABLE)


def test_a_field_of_the_wrong_kind_is_named() -> None:
    values = copy.deepcopy(CARD)
    values["tracks"][1]["low"] = "28"
    with pytest.raises(ModelError, match=r"^m\.onnx: tracks\[1\]\.low: found '28', expected a whole number$"):
        decode_card(json.dumps(values), "m.onnx")
    values = copy.deepcopy(CARD)
    values["grid"]["past"] = 0
    with pytest.raises(ModelError, match=r"^m\.onnx: grid\.past: found 0, expected 1 to 1024$"):
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
    with pytest.raises(ModelError, match=r"inputs: found frames, expected frames, noise"):
        check(card, {"frames": inputs["frames"]}, outputs, "m.onnx")
    with pytest.raises(ModelError, match=r"input frames: found \[.*\], expected \(batch, time, "):
        check(card, {**inputs, "frames": ["batch", "time", 7]}, outputs, "m.onnx")
    with pytest.raises(ModelError, match=r"output logits: .* with free time"):
        check(card, inputs, {"logits": ["batch", 64, layout.out_width]}, "m.onnx")


def test_a_sealed_file_is_accepted_and_a_changed_or_cut_one_refused() -> None:
    data = b"before " + encode_card(a_card()).encode() + b" after"
    sealed = seal(data)
    assert NO_CHECKSUM.encode() not in sealed
    check_seal(sealed, "m.onnx")
    for broken in (sealed[:-1], sealed.replace(b"after", b"aftes"), sealed.replace(b"mine", b"thin")):
        with pytest.raises(ModelError, match=r"m\.onnx: checksum: found"):
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


def test_an_old_card_is_read_with_the_names_of_today() -> None:
    values = json.loads(encode_card(a_card(hyperparameters={"discriminator_rate": 4e-4})))
    values["hyperparameters"] = {"critic_rate": 4e-4, "epochs": 3}
    values["metrics"] = {"curves": {"epoch": [1.0], "critic": [2.0]}, "closure": 0.9}
    card = decode_card(json.dumps(values), "m.onnx")
    assert card.hyperparameters == {"discriminator_rate": 4e-4, "epochs": 3}
    assert card.metrics == {"curves": {"epoch": [1.0], "discriminator": [2.0]}, "closure": 0.9}
