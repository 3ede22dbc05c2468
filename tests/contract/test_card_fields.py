"""Every field of a model's card: what it is without a word, what it may hold, and how a mistake in it is told."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.card import (
    CONTRACT,
    KEY,
    MAX_STEPS,
    NO_CHECKSUM,
    Card,
    Grid,
    check,
    check_seal,
    current_names,
    decode_card,
    encode_card,
    seal,
)
from composerd.contract.layout import DRUMS, MONO, POLY, Layout, Track
from composerd.errors import ModelError
from layouts import BAND, CHORALE


def card_of(tracks: tuple[Track, ...] = BAND, family: str = "musegan", **more: Any) -> Card:
    layout = Layout(tracks)
    return Card(
        name="mine", family=family, genre="pop", tracks=tracks, inputs=layout.inputs, outputs=layout.outputs,
        grid=Grid(), noise=layout.noise_width if family == "musegan" else 0, **more,
    )  # fmt: skip


def told(**changes: Any) -> dict[str, Any]:
    return {**json.loads(encode_card(card_of())), **changes}


def complaint(values: object) -> str:
    with pytest.raises(ModelError) as caught:
        decode_card(json.dumps(values), "m.onnx")
    return str(caught.value).removeprefix("m.onnx: ")


NEEDED = ("name", "family", "genre", "tracks", "inputs", "outputs", "grid")


@pytest.mark.parametrize("name", NEEDED)
def test_a_card_without_what_it_needs_names_the_field(name: str) -> None:
    values = told()
    del values[name]
    assert complaint(values) == f"{name}: found nothing, expected a value"


@pytest.mark.parametrize(
    ("name", "usual"),
    [("noise", 0), ("modes", ("jam", "phrase")), ("plan", ("jam", "phrase")), ("temperature", 0.5), ("data", ()),
     ("hyperparameters", {}), ("metrics", {}), ("parameters", 0), ("multiply_accumulates", 0),
     ("checksum", NO_CHECKSUM)],
)  # fmt: skip
def test_what_an_older_card_does_not_say_is_as_usual(name: str, usual: object) -> None:
    values = told()
    del values[name]
    assert getattr(decode_card(json.dumps(values), "m.onnx"), name) == usual


def test_every_field_is_needed_or_has_a_usual_value() -> None:
    required = {field.name for field in msgspec.structs.fields(Card) if field.required}
    assert required == set(NEEDED)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": 3}, "name: found 3, expected a text"),
        ({"genre": None}, "genre: found null, expected a text"),
        ({"noise": "many"}, "noise: found 'many', expected a whole number"),
        ({"noise": 1.5}, "noise: found 1.5, expected a whole number"),
        ({"temperature": "warm"}, "temperature: found 'warm', expected a number"),
        ({"modes": "jam"}, "modes: found 'jam', expected a list"),
        ({"plan": ["jam", 2]}, "plan[1]: found 2, expected a text"),
        ({"data": [{}, 7]}, "data[1]: found 7, expected an object"),
        ({"hyperparameters": []}, "hyperparameters: found [], expected an object"),
        ({"grid": {"bar_steps": [16, "x"]}}, "grid.bar_steps[1]: found 'x', expected a whole number"),
        ({"inputs": [{"name": "a", "start": 0}]}, "inputs[0].size: found nothing, expected a value"),
        (
            {"outputs": [{"name": "a", "start": 0, "size": 1, "sort": 2}]},
            "outputs[0].sort: found one, expected no such",
        ),
        ({"contract": "2"}, "contract: found '2', expected 2"),
        ({"contract": 1}, "contract: found 1, expected 2"),
        ({"grid": {"past": MAX_STEPS + 1}}, "grid.past: found 1025, expected 1 to 1024"),
        ({"grid": {"window": 0}}, "grid.window: found 0, expected 1 to 1024"),
        ({"grid": {"multiple": -4}}, "grid.multiple: found -4, expected 1 to 1024"),
    ],
)
def test_a_field_that_holds_something_else_is_told_with_what_it_holds(changes: dict[str, Any], words: str) -> None:
    assert complaint(told(**changes)).startswith(words)


@pytest.mark.parametrize(("text", "found"), [("[]", "[]"), ("7", "7"), ('"card"', "'card'"), ("null", "null")])
def test_a_card_is_an_object(text: str, found: str) -> None:
    with pytest.raises(ModelError, match="expected an object") as caught:
        decode_card(text, "m.onnx")
    assert caught.value.found == found
    assert caught.value.field == "card"


def test_the_version_is_looked_at_before_anything_else() -> None:
    assert complaint({"contract": CONTRACT + 1, "tracks": "of a later version"}).startswith("contract: ")
    assert complaint({}) == f"contract: found null, expected {CONTRACT}"


@pytest.mark.parametrize("value", [1, 44, MAX_STEPS])
def test_steps_up_to_the_longest_window_are_allowed(value: int) -> None:
    grid = {"past": value, "window": value, "multiple": value}
    assert decode_card(json.dumps(told(grid=grid)), "m.onnx").grid.past == value


def test_a_long_value_is_shortened_in_the_line() -> None:
    line = complaint(told(name=["long"] * 500))
    assert len(line) < 120
    assert "…" in line


@pytest.mark.parametrize("noise", [0, Layout(BAND).noise_width])
def test_a_net_has_its_layouts_noise_or_none(noise: int) -> None:
    assert decode_card(json.dumps(told(noise=noise)), "m.onnx").noise == noise


@pytest.mark.parametrize(
    ("low", "high", "fits"), [(0, 127, True), (60, 60, True), (-1, 60, False), (60, 128, False), (61, 60, False)]
)
def test_a_range_lies_within_midi_lowest_first(low: int, high: int, fits: bool) -> None:
    tracks = (Track("lead", "lead", MONO, max(0, low), min(127, max(low, high))),)
    values = json.loads(encode_card(card_of(tracks, "unet")))
    values["tracks"][0].update(low=low, high=high)
    if fits:
        assert decode_card(json.dumps(values), "m.onnx").tracks[0].rows == high - low + 1
    else:
        assert complaint(values).startswith(f"tracks.lead.range: found {low} to {high}, expected 0 to 127")


def test_a_track_hears_the_melody_and_earlier_tracks_but_not_itself() -> None:
    values = told()
    values["tracks"][2]["sources"] = ["keys"]
    assert complaint(values).startswith(
        "tracks.keys.sources: found keys, expected earlier tracks (bass, drums, melody)"
    )


TRACKS = st.lists(
    st.tuples(st.sampled_from([DRUMS, MONO, POLY]), st.integers(0, 100), st.integers(0, 27), st.integers(1, 6)),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=30)
@given(TRACKS, st.sampled_from(["musegan", "unet"]), st.floats(0.01, 2.0))
def test_any_band_survives_being_written_and_read(
    rows: list[tuple[str, int, int, int]], family: str, warmth: float
) -> None:
    tracks = tuple(
        Track(f"part {index}", "role", kind, low, low + span, polyphony=voices,
              sources=tuple(f"part {other}" for other in range(index) if rows[other][0] != DRUMS))
        for index, (kind, low, span, voices) in enumerate(rows)
    )  # fmt: skip
    card = card_of(tracks, family, temperature=warmth, metrics={"curves": {"epoch": [1.0, None]}})
    again = decode_card(encode_card(card), "m.onnx")
    assert again == card
    assert again.layout.inputs == card.inputs


@pytest.mark.parametrize(
    ("old", "now"), [("critic", "discriminator"), ("critic_rate", "discriminator_rate"), ("epochs", "epochs")]
)
def test_old_names_are_read_as_those_of_today(old: str, now: str) -> None:
    assert current_names({old: 1}) == {now: 1}


@pytest.mark.parametrize("metrics", [{"curves": 3}, {"curves": [1]}, {}])
def test_curves_that_are_none_are_left_as_they_are(metrics: dict[str, Any]) -> None:
    assert decode_card(json.dumps(told(metrics=metrics)), "m.onnx").metrics == metrics


# -- tensors


def shapes(card: Card) -> tuple[dict[str, list[int | str | None]], dict[str, list[int | str | None]]]:
    inputs: dict[str, list[int | str | None]] = {"frames": ["batch", "time", card.layout.width]}
    if card.noise:
        inputs["noise"] = ["batch", "time", card.noise]
    return inputs, {"logits": ["batch", "time", card.layout.out_width]}


@pytest.mark.parametrize("card", [card_of(), card_of(CHORALE, "unet")])
def test_tensors_may_have_any_names_of_their_free_axes(card: Card) -> None:
    inputs, outputs = shapes(card)
    check(card, inputs, outputs, "m.onnx")
    inputs["frames"][:2] = [None, None]
    outputs["logits"][:2] = [1, "steps"]
    check(card, inputs, outputs, "m.onnx")


@pytest.mark.parametrize(
    ("name", "axes"),
    [("frames", ["batch", "time"]), ("frames", ["batch", 44, None]), ("noise", ["batch", "time", 1]),
     ("logits", ["batch", "time", None]), ("logits", [])],
)  # fmt: skip
def test_a_tensor_of_another_shape_is_named_with_what_is_expected(name: str, axes: list[int | str | None]) -> None:
    card = card_of()
    inputs, outputs = shapes(card)
    (outputs if name == "logits" else inputs)[name] = axes
    kind = "output" if name == "logits" else "input"
    with pytest.raises(ModelError, match=rf"^m\.onnx: {kind} {name}: found .*, expected \(batch, time, \d+\)"):
        check(card, inputs, outputs, "m.onnx")


def test_a_tensor_too_many_and_none_at_all_are_named() -> None:
    card = card_of(CHORALE, "unet")
    inputs, outputs = shapes(card)
    with pytest.raises(ModelError, match="inputs: found frames, noise, expected frames"):
        check(card, {**inputs, "noise": []}, outputs, "m.onnx")
    with pytest.raises(ModelError, match="outputs: found none, expected logits"):
        check(card, inputs, {}, "m.onnx")


# -- the seal


def test_what_is_sealed_twice_is_sealed_once() -> None:
    once = seal(b"head" + encode_card(card_of()).encode() + b"tail")
    assert seal(once) == once
    check_seal(once, "m.onnx")


def test_a_file_without_a_card_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match="no checksum"):
        seal(b"no card in here")


def test_an_unsealed_file_is_no_model_either() -> None:
    data = encode_card(card_of()).encode()
    with pytest.raises(ModelError, match=r"checksum: found .* expected 000000000000"):
        check_seal(data, "m.onnx")
    with pytest.raises(ModelError, match=f"expected an entry {KEY} with a checksum"):
        check_seal(data.replace(b"checksum", b"chequesum"), "m.onnx")


@settings(max_examples=30)
@given(st.data())
def test_any_byte_that_changes_breaks_the_seal(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"head" + encode_card(card_of()).encode() + b"tail"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ModelError):
        check_seal(bytes(sealed), "m.onnx")
