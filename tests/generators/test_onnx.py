"""The ONNX generator: real sessions with tiny nets, and requests like the conductor's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composerd.contract.frames import encode
from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.engine.phrase.request import phrase_request
from composerd.errors import ModelError
from composerd.generators.onnx import OnnxGenerator
from composerd.generators.session import load_model
from composerd.generators.window import frame, window
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.genre import Genre, Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import notes_to_cells
from composerd.music.roll import ONSET, REST, BandRoll, MelodyRoll
from layouts import CHORALE
from make_models import tiny_model

POP = Genre(
    "pop", "Pop", "tiny", 100.0,
    (
        Part("piano", "comp", 3, 0, 48, 80, voices=3, track="keys"),
        Part("drums", "drums", 10),
        Part("bass", "bass", 2, 33, 30, 50),
    ),
)  # fmt: skip
BACH = Genre(
    "bach", "Bach", "tiny", 80.0,
    (Part("alto", "voice", 2, 19, 52, 74), Part("tenor", "voice", 3, 19, 45, 69), Part("bass", "voice", 4, 19, 36, 62)),
)  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_model(folder / "pop.onnx")
    tiny_model(folder / "bach.onnx", "bach", "unet", CHORALE)
    return folder


@pytest.fixture(scope="module")
def band(models: Path) -> OnnxGenerator:
    return OnnxGenerator(models / "pop.onnx", POP)


@pytest.fixture(scope="module")
def choir(models: Path) -> OnnxGenerator:
    return OnnxGenerator(models / "bach.onnx", BACH)


def a_melody(end: int, seed: int = 1) -> MelodyRoll:
    rng = np.random.default_rng(seed)
    pitch = rng.integers(60, 84, end).astype(np.int16)
    return MelodyRoll(0, pitch, np.ones(end, np.bool_))


def a_past(genre: Genre, end: int, seed: int = 2) -> BandRoll:
    rng = np.random.default_rng(seed)
    cells = np.zeros((len(genre.parts), end, 128), np.uint8)
    for i, part in enumerate(genre.parts):
        pitches = rng.choice([36, 38, 42], end) if part.role == "drums" else rng.integers(part.low, part.high + 1, end)
        cells[i, np.arange(end), pitches] = ONSET
    return BandRoll(0, cells)


def jam(genre: Genre, step: int, keyed: bool = True, **changes: object) -> Request:
    request = Request(
        serial=5, mode=Mode.JAM, genre=genre, grid=BarGrid(), bpm=100.0, step=step, until=step + 8, drums_from=step,
        drums_until=step + 16, harmony_from=0, melody=a_melody(step + keyed), band=a_past(genre, step), seed=3,
    )  # fmt: skip
    return replace(request, **changes)  # type: ignore[arg-type]


def roll_of(answer: Composed, genre: Genre, first: int, until: int) -> np.ndarray:
    notes = tuple(note for section in answer.sections for note in section.notes)
    return notes_to_cells(notes, first, until, len(genre.parts))


def test_equal_requests_get_equal_answers_whatever_was_asked_before(band: OnnxGenerator) -> None:
    request = jam(POP, 37)
    first = band.compose(request)
    band.compose(jam(POP, 5, seed=9))
    assert band.compose(request) == first


def test_two_seeds_differ(band: OnnxGenerator) -> None:
    bold = Directions(creativity=1.0)
    one, other = (band.compose(jam(POP, 32, seed=seed, directions=bold)).sections for seed in (1, 2))
    assert one != other


def test_an_answer_has_the_steps_and_parts_asked_for(band: OnnxGenerator) -> None:
    harmony, drums = band.compose(jam(POP, 20, drums_from=32, drums_until=48)).sections
    assert (harmony.first, harmony.until, harmony.parts) == (20, 28, frozenset({0, 2}))
    assert (drums.first, drums.until, drums.parts) == (32, 48, frozenset({1}))
    for section in (harmony, drums):
        assert all(section.first <= note.step and note.end <= section.until for note in section.notes)
        assert {note.part for note in section.notes} <= section.parts


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 70), st.booleans(), st.integers(0, 1000))
def test_what_lies_in_the_future_never_changes_a_live_decision(
    band: OnnxGenerator, step: int, keyed: bool, seed: int
) -> None:
    """The window shown to the net holds nothing from beyond the request, and the exported net reads nothing else."""
    request = jam(POP, step, keyed)
    around = frame(request.grid, step, step + 12, band.card.grid.past)
    plan = ChordPlan((PlannedChord(0, 200, Chord(0)),))
    parts = (1, 2, 0)
    longer = replace(request, melody=a_melody(step + keyed), band=a_past(POP, step + 40, seed))
    cut = replace(longer.band, cells=longer.band.cells[:, : step + 40])
    seen = window(band.card.layout, parts, request, cut, plan, around, step)
    other = window(band.card.layout, parts, request, a_past(POP, step + 40, seed + 1), plan, around, step)
    past = slice(0, step - around.first)
    same_past = tuple(
        np.concatenate([a[:, past], b[:, past.stop :]], 1) for a, b in zip(seen.cells, other.cells, strict=True)
    )
    one, two = (encode(band.card.layout, w) for w in (seen, replace(other, cells=same_past)))
    noise = np.zeros((1, around.steps, band.card.noise), np.float32)
    assert np.array_equal(band._model.logits(one, noise), band._model.logits(two, noise))


def test_harmony_is_silent_before_it_may_enter(band: OnnxGenerator) -> None:
    bold = Directions(creativity=1.0, variation="B")
    harmony = band.compose(jam(POP, 12, harmony_from=16, directions=bold)).sections[0]
    assert all(note.step >= 16 for note in harmony.notes)


@pytest.mark.parametrize("pitch", [REST, 0, 60, 127])
@pytest.mark.parametrize("creativity", [0.0, 1.0])
def test_every_note_is_in_its_parts_range_whatever_is_played(
    band: OnnxGenerator, choir: OnnxGenerator, pitch: int, creativity: float
) -> None:
    for generator, genre in ((band, POP), (choir, BACH)):
        steps = 40
        melody = MelodyRoll(0, np.full(steps, pitch, np.int16), np.arange(steps) % 4 == 0)
        request = phrase_request(
            genre, BarGrid(), 200.0, melody, steps, directions=Directions(creativity=creativity, variation="B")
        )
        notes = [note for section in generator.compose(request).sections for note in section.notes]
        for note in notes:
            part = genre.parts[note.part]
            assert not part.reacts or part.low <= note.pitch <= part.high
        roll = roll_of(generator.compose(request), genre, 0, steps)
        for i, part in enumerate(genre.parts):
            assert not part.reacts or (roll[i] > 0).sum(1).max() <= part.voices


@pytest.mark.parametrize(
    ("metre", "steps"), [(Metre(4, 4), 67), (Metre(3, 4), 36), (Metre(5, 4), 40), (Metre(6, 8), 31)]
)
def test_a_phrase_of_any_length_and_metre_is_accompanied_to_its_end(
    choir: OnnxGenerator, metre: Metre, steps: int
) -> None:
    request = phrase_request(BACH, BarGrid.of(metre), 90.0, a_melody(steps), steps)
    (section,) = choir.compose(request).sections
    assert (section.first, section.until) == (0, steps)
    assert section.notes
    assert max(note.end for note in section.notes) <= steps


def test_a_note_that_goes_on_is_tied_and_keeps_its_pitch(choir: OnnxGenerator) -> None:
    step = 33
    answer = choir.compose(jam(BACH, step, drums_from=0, drums_until=0))
    past = a_past(BACH, step)
    tied = [note for section in answer.sections for note in section.notes if note.tied]
    assert all(note.step == step and past.cells[note.part, step - 1, note.pitch] for note in tied)


def test_everybody_strikes_the_last_chord_and_lets_it_ring(band: OnnxGenerator) -> None:
    request = jam(POP, 28, until=48, drums_from=28, drums_until=48, directions=Directions(ending_at=32))
    roll = roll_of(band.compose(request), POP, 32, 48)
    for i in range(len(POP.parts)):
        assert (roll[i, 0] == ONSET).any()
        assert not (roll[i, 1:] == ONSET).any()
    assert (roll[2, 1:] > 0).any(1).all(), "the bass rings through the bar"


def test_a_fuller_variation_and_more_creativity_play_more(band: OnnxGenerator) -> None:
    def onsets(directions: Directions) -> int:
        answers = (band.compose(jam(POP, step, directions=directions)) for step in range(16, 80, 8))
        return sum(len(section.notes) for answer in answers for section in answer.sections)

    assert onsets(Directions(variation="B")) > onsets(Directions(variation="A"))


def test_a_window_begins_on_a_beat_and_is_whole_beats_long() -> None:
    for metre in (Metre(4, 4), Metre(3, 4)):
        for step in range(40):
            around = frame(BarGrid.of(metre), step, step + 9, 32)
            assert around.steps % 4 == 0
            assert (step - around.first) - 32 == BarGrid.of(metre).place(step).step % 4
            assert around.until >= step + 9


def test_a_missing_broken_changed_or_foreign_file_is_refused_by_name(models: Path, tmp_path: Path) -> None:
    good = (models / "pop.onnx").read_bytes()
    foreign = onnx.helper.make_model(
        onnx.helper.make_graph(
            [onnx.helper.make_node("Identity", ["x"], ["y"])], "g",
            [onnx.helper.make_tensor_value_info("x", 1, [1])], [onnx.helper.make_tensor_value_info("y", 1, [1])],
        )
    )  # fmt: skip
    cases = {
        "missing.onnx": None,
        "empty.onnx": b"",
        "cut.onnx": good[: len(good) // 2],
        "changed.onnx": good[:-2000] + bytes([good[-2000] ^ 1]) + good[-1999:],
        "foreign.onnx": foreign.SerializeToString(),
        "text.onnx": b"hello",
    }
    for name, data in cases.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(ModelError, match=name.replace(".", r"\.")):
            load_model(tmp_path / name)


def test_a_genre_whose_parts_the_model_does_not_have_is_refused(models: Path) -> None:
    path = models / "pop.onnx"
    banjo = replace(POP, parts=(*POP.parts, Part("banjo", "comp", 5)))
    with pytest.raises(ModelError, match=r"tracks: found drums, bass, keys, expected 'banjo' for genre pop"):
        OnnxGenerator(path, banjo)
    drummed = replace(POP, parts=(Part("drums", "comp", 5),))
    with pytest.raises(ModelError, match=r"tracks\.drums\.kind"):
        OnnxGenerator(path, drummed)
    high = replace(POP, parts=(Part("bass", "bass", 2, 33, 50, 70),))
    with pytest.raises(ModelError, match=r"tracks\.bass: found .*, expected 12 semitones in common"):
        OnnxGenerator(path, high)


def test_a_genre_may_leave_out_parts_of_the_model(models: Path) -> None:
    duo = replace(POP, parts=POP.parts[2:])
    (section,) = OnnxGenerator(models / "pop.onnx", duo).compose(jam(duo, 24, drums_until=24)).sections
    assert section.parts == {0}
    assert all(note.part == 0 for note in section.notes)
