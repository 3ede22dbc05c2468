"""Fills, rests, rates and endings, as edits of what the net says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.contract.card import Card, Decoding, Groove
from composerd.contract.layout import DRUM_CLASSES, Layout
from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.engine.phrase import phrase_request
from composerd.generators.arranging import EVEN, groove_of, style_of
from composerd.generators.directing import CERTAIN, FILL_STEPS, busier, directed, silence
from composerd.generators.moment import Frame
from composerd.generators.onnx import OnnxGenerator
from composerd.music.genre import Genre, Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import notes_to_cells
from composerd.music.roll import MelodyRoll
from layouts import BAND
from make_models import tiny_model

LAYOUT = Layout(BAND)
PAGE = Genre(
    "pop", "Pop", "tiny", 100.0,
    (Part("drums", "drums", 10), Part("bass", "bass", 2, 33, 30, 50), Part("keys", "comp", 3, 0, 48, 80, voices=4)),
)  # fmt: skip
STEPS = 128


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> OnnxGenerator:
    return OnnxGenerator(tiny_model(tmp_path_factory.mktemp("models") / "pop.onnx"), PAGE)


def decoding(generator: OnnxGenerator, **changes: object) -> OnnxGenerator:
    """The generator with another decoding in its card."""
    generator.card = replace(generator.card, decoding=Decoding(**changes))  # type: ignore[arg-type]
    return generator


def a_phrase(seed: int = 1, tune: int = 0) -> Request:
    pitch = np.random.default_rng(tune).integers(60, 80, STEPS).astype(np.int16)
    melody = MelodyRoll(0, pitch, np.ones(STEPS, np.bool_))
    return phrase_request(PAGE, BarGrid(), 100.0, melody, STEPS, seed=seed, directions=Directions(creativity=0.6))


def bars_with_notes(answer: Composed, part: int) -> list[bool]:
    notes = tuple(note for section in answer.sections for note in section.notes)
    cells = notes_to_cells(notes, 0, STEPS, len(PAGE.parts))[part]
    return [bool((cells[bar * 16 : bar * 16 + 16] > 0).any()) for bar in range(STEPS // 16)]


def test_a_part_sits_out_whole_sections_of_four_bars(generator: OnnxGenerator) -> None:
    busy = {"keys": -9.0}
    always = decoding(generator, thresholds=busy).compose(a_phrase())
    assert all(bars_with_notes(always, 2))
    found = [
        bars_with_notes(decoding(generator, thresholds=busy, rests={"keys": 0.5}).compose(a_phrase(seed)), 2)
        for seed in range(8)
    ]
    for bars in found:
        assert bars[:4] in ([True] * 4, [False] * 4)
        assert bars[4:] in ([True] * 4, [False] * 4)
    assert {bars[0] for bars in found} == {True, False}


def test_two_parts_never_sit_out_together(generator: OnnxGenerator) -> None:
    rests = {"drums": 1.0, "bass": 1.0, "keys": 1.0}
    answer = decoding(generator, thresholds={"keys": -9.0, "bass": 9.0}, rests=rests).compose(a_phrase())
    assert any(bars_with_notes(answer, 1)) or any(bars_with_notes(answer, 2))


def test_another_tune_is_arranged_otherwise_and_the_same_one_alike(generator: OnnxGenerator) -> None:
    resting = decoding(generator, thresholds={"keys": -9.0}, rests={"keys": 0.5})
    arranged = [bars_with_notes(resting.compose(a_phrase(tune=tune)), 2) for tune in range(8)]
    assert len({tuple(bars) for bars in arranged}) > 1
    assert arranged[0] == bars_with_notes(resting.compose(a_phrase(tune=0)), 2)


@pytest.mark.parametrize("rate", [0.05, 0.9])
def test_a_part_is_led_to_the_rate_of_the_corpus(generator: OnnxGenerator, rate: float) -> None:
    def onsets(steady: float) -> int:
        rates = {"keys": (float(np.log(rate)), 0.1)}
        answer = decoding(generator, rhythm=0.9, rates=rates, steady=steady).compose(a_phrase())
        notes = [note for section in answer.sections for note in section.notes if note.part == 2]
        return len({note.step for note in notes})

    wanted = rate * STEPS
    assert abs(onsets(2.0) - wanted) < abs(onsets(0.0) - wanted)


ON_BEATS, OFF_BEATS = (tuple(3.0 if step % 4 == place else -3.0 for step in range(16)) for place in (0, 2))


def struck_places(generator: OnnxGenerator, request: Request) -> set[int]:
    """Steps of the beat on which the keys strike."""
    answer = generator.compose(request)
    return {note.step % 4 for section in answer.sections for note in section.notes if note.part == 2 and not note.tied}


def grooving(generator: OnnxGenerator, firm: float = 3.0) -> OnnxGenerator:
    grooves = tuple(Groove(0.5, {"keys": -1.4}, {"keys": steps}) for steps in (ON_BEATS, OFF_BEATS))
    return decoding(generator, grooves=grooves, groove=firm)


def test_a_part_strikes_where_its_groove_does(generator: OnnxGenerator) -> None:
    found = [struck_places(grooving(generator), a_phrase(seed)) for seed in range(8)]
    assert {frozenset(places) for places in found} == {frozenset({0}), frozenset({2})}
    assert struck_places(grooving(generator, firm=0.0), a_phrase()) == struck_places(decoding(generator), a_phrase())


def test_another_tune_has_another_groove_and_the_same_one_alike(generator: OnnxGenerator) -> None:
    found = [struck_places(grooving(generator), a_phrase(tune=tune)) for tune in range(8)]
    assert {0} in found
    assert {2} in found
    assert found[0] == struck_places(grooving(generator), a_phrase(tune=0))


def test_a_groove_of_four_four_is_not_played_in_three_four(generator: OnnxGenerator) -> None:
    card = grooving(generator).card
    waltz = replace(a_phrase(), grid=BarGrid.of(Metre(3, 4)))
    assert groove_of(card, waltz, 12) is None
    assert groove_of(card, a_phrase(), 12) in card.decoding.grooves


def test_a_part_doubles_the_melody_where_it_is_asked_to(generator: OnnxGenerator) -> None:
    def doubled(amount: float) -> float:
        request = a_phrase()
        answer = decoding(generator, thresholds={"keys": -9.0}, doubling=amount).compose(request)
        notes = [note for section in answer.sections for note in section.notes if note.part == 2 and not note.tied]
        return float(np.mean([(note.pitch - request.melody.pitch[note.step]) % 12 == 0 for note in notes]))

    assert doubled(0.0) < doubled(2.0) < doubled(9.0)


def test_more_creativity_is_more_noise_and_density() -> None:
    card = replace(_card(), decoding=Decoding(temperature=0.5, rhythm=0.4, density=0.6))
    styles = [style_of(card, Directions(creativity=bold)) for bold in (0.0, EVEN, 0.6, 1.0)]
    for name in ("temperature", "rhythm", "density"):
        values = [getattr(style, name) for style in styles]
        assert values == sorted(set(values)), name
    assert styles[0].temperature == 0
    assert styles[1].temperature == pytest.approx(0.5)
    assert styles[1].density == pytest.approx(0.0)
    assert style_of(card, Directions(variation="B", creativity=EVEN)).density > 0
    phrase = replace(card, decoding=replace(card.decoding, phrase=0.3))
    assert style_of(phrase, Directions(creativity=EVEN), Mode.PHRASE).density == pytest.approx(0.3)


def _card() -> Card:
    return Card("m", "musegan", "pop", BAND, LAYOUT.inputs, LAYOUT.outputs, LAYOUT.noise_width)


def test_a_fill_pushes_snare_and_toms_before_its_bar_line_and_a_crash_on_it() -> None:
    logits = np.zeros((1, 48, LAYOUT.out_width), np.float32)
    around = Frame(16, 64)
    filled = directed(LAYOUT, logits, Directions(fill_until=48), around)
    drums = filled[0, :, LAYOUT.output_columns["drums.onset"]]
    names = [name for name, _, _ in DRUM_CLASSES]
    line = 48 - around.first
    before = drums[line - FILL_STEPS : line]
    for name in ("snare", "low tom", "high tom"):
        assert (before[:, names.index(name)] > 0).all()
    assert drums[line, names.index("crash")] > 0
    assert not drums[: line - FILL_STEPS].any()
    assert not drums[line + 1 :].any()
    assert not logits.any(), "what the net said is left as it was"


def test_without_directions_nothing_is_edited() -> None:
    logits = np.ones((1, 8, LAYOUT.out_width), np.float32)
    assert directed(LAYOUT, logits, Directions(), Frame(0, 8)) is logits


def test_the_last_chord_begins_on_the_line_and_holds_after_it() -> None:
    around = Frame(0, 32)
    logits = directed(LAYOUT, np.zeros((1, 32, LAYOUT.out_width), np.float32), Directions(ending_at=16), around)[0]
    columns = LAYOUT.output_columns
    assert logits[16, columns["keys.gate"]] == np.float32(CERTAIN)
    assert (logits[17:, columns["keys.gate"]] == -np.float32(CERTAIN)).all()
    assert (logits[17:, columns["bass.hold"]] == np.float32(CERTAIN)).all()
    assert logits[16, columns["bass.rest"]] == -np.float32(CERTAIN)
    assert not logits[:16].any()


def test_silence_leaves_no_choice_and_busier_moves_the_wish_to_begin() -> None:
    logits = np.zeros((1, 8, LAYOUT.out_width), np.float32)
    silence(LAYOUT, logits, {1: [(2, 4)], 2: [(2, 4)]}, Frame(0, 8))
    columns = LAYOUT.output_columns
    assert (logits[0, 2:4, columns["bass.rest"]] > 0).all()
    assert (logits[0, 2:4, columns["keys.gate"]] < 0).all()
    assert not logits[0, 4:].any()
    busier(LAYOUT, BAND[2], logits, slice(4, 8), 0.5)
    assert (logits[0, 4:, columns["keys.gate"]] == 0.5).all()
    busier(LAYOUT, BAND[1], logits, slice(4, 8), 0.5)
    assert (logits[0, 4:, columns["bass.hold"]] == -0.5).all()
