from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from composerd.engine.messages import Composed, Mode, Request
from composerd.music.genre import Genre, Part
from composerd.music.harmony.labelling import KeyFit
from composerd.music.metre import Metre
from composerd.music.notes import PartNote, Section
from composerd.music.roll import ONSET, REST, MelodyRoll
from composerd_export.evaluation.songs import SongClip
from composerd_export.evaluation.systems import BandPerformance, Bold, jam, keys, note_runs, perform, phrase
from composerd_export.evaluation.trials import outcome, trials, tried
from composerd_export.metrics.consonance import harmony
from composerd_export.metrics.distance import BandRows

GENRE = Genre(
    "test", "Test", "plain", 100,
    (Part("drums", "drums", 10), Part("bass", "bass", 2, low=28, high=55), Part("keys", "comp", 3, low=48, high=84)),
)  # fmt: skip


@dataclass(slots=True)
class Octaves:
    """Doubles the melody an octave below in the keys as far as it knows it; drums on every beat."""

    seen: list[Request] = field(default_factory=list)

    def compose(self, request: Request) -> Composed:
        self.seen.append(request)
        melody = request.melody.window(request.step, request.until)
        notes = []
        for step, pitch in enumerate(melody.pitch.tolist(), request.step):
            heard = pitch if step < request.melody.end else self._last(request)
            if heard != REST and step >= request.harmony_from:
                notes.append(PartNote(step, 2, heard - 12, 80, 1))
        beats = range(request.drums_from + -request.drums_from % 4, request.drums_until, 4)
        drums = tuple(PartNote(step, 0, 36, 80, 1) for step in beats)
        return Composed(
            request.serial,
            (
                Section(frozenset({1, 2}), request.step, request.until, tuple(notes)),
                Section(frozenset({0}), request.drums_from, request.drums_until, drums),
            ),
        )

    def _last(self, request: Request) -> int:
        return int(request.melody.pitch[-1]) if len(request.melody.pitch) else REST


def song(*runs: tuple[int, int], bpm: float = 100.0) -> SongClip:
    pitch = np.concatenate([np.full(steps, pitch, np.int16) for pitch, steps in runs])
    onset = np.zeros(len(pitch), np.bool_)
    onset[np.cumsum([0, *(steps for _, steps in runs)])[:-1]] = True
    melody = MelodyRoll(0, pitch, onset & (pitch != REST))
    return SongClip("tune", "tune", melody, np.zeros((3, len(pitch), 128), np.uint8), bpm, KeyFit(0, False, 1.0))


TUNE = song(*[(60 + tone, 4) for tone in (0, 4, 7, 4, 5, 9, 12, 9, 7, 11, 14, 11, 0, 4, 7, 12)])


def test_phrase_is_one_request_that_knows_the_whole_melody() -> None:
    generator = Octaves()
    played = phrase(generator, GENRE, TUNE)
    assert [(request.mode, request.melody.end) for request in generator.seen] == [(Mode.PHRASE, 64)]
    assert np.argwhere(played.cells[2])[:, 1].tolist() == (TUNE.melody.pitch - 12).tolist()


@pytest.mark.parametrize("bpm", [60.0, 100.0, 200.0])
def test_jam_plays_the_key_that_is_pressed_in_spite_of_human_timing(bpm: float) -> None:
    tune = song(*[(int(pitch), 2) for pitch in TUNE.melody.pitch], bpm=bpm)
    played = jam(Octaves(), GENRE, tune)
    steps, pitches = np.nonzero(played.cells[2])
    assert set(steps[steps >= 16].tolist()) == set(range(16, tune.steps))
    wrong = np.mean(pitches != tune.melody.pitch[steps] - 12)
    assert wrong < {60.0: 0.02, 100.0: 0.02, 200.0: 0.08}[bpm]


def test_jam_hears_every_key_before_it_decides_and_nothing_after() -> None:
    generator = Octaves()
    jam(generator, GENRE, TUNE, noise=0.0)
    keyed = {request.step for request in generator.seen if request.melody.end == request.step + 1}
    assert keyed == set(np.flatnonzero(TUNE.melody.onset).tolist())
    assert all(request.melody.end <= request.step + 1 for request in generator.seen)


def test_jam_keeps_harmony_out_of_bar_one_and_drums_on_the_grid() -> None:
    played = jam(Octaves(), GENRE, TUNE)
    assert not played.cells[1:, :15].any()
    assert np.flatnonzero(played.cells[0, :, 36] == ONSET).tolist() == list(range(0, 64, 4))


def test_the_same_seed_plays_the_same_and_another_seed_other_timing() -> None:
    one, again = (jam(Octaves(), GENRE, TUNE, seed=3) for _ in range(2))
    assert (one.cells == again.cells).all()
    runs = list(note_runs(TUNE.melody))
    timing = [[at for at, _ in keys(runs, 0.15, 0.015, np.random.default_rng(seed))] for seed in (1, 2)]
    assert timing[0] != timing[1]


def test_keys_never_overlap_and_stay_near_the_grid() -> None:
    played = list(keys(list(note_runs(TUNE.melody)), 0.15, 0.015, np.random.default_rng(0)))
    moments = [at for at, _ in played]
    assert moments == sorted(moments)
    assert [message.starts_note for _, message in played] == [True, False] * 16
    offsets = np.array(moments[::2]) - (1.0 + 0.6 * np.arange(16))
    assert 0.005 < offsets.std() < 0.03


def test_repeated_and_resting_notes_are_runs_of_their_own() -> None:
    tune = song((60, 4), (60, 4), (REST, 4), (62, 4))
    assert list(note_runs(tune.melody)) == [(0, 4, 60), (4, 8, 60), (12, 16, 62)]


def test_doubling_the_melody_is_all_consonance_in_jam_from_bar_two_on() -> None:
    played = jam(Octaves(), GENRE, TUNE, noise=0.0)
    assert harmony(TUNE.melody.pitch[16:], played.cells[1:, 16:])["nic"] == 1.0


def test_creativity_reaches_the_generator() -> None:
    generator = Octaves()
    phrase(Bold(generator, 0.9), GENRE, TUNE)
    assert generator.seen[0].directions.creativity == 0.9


def test_the_band_may_start_without_a_key() -> None:
    played = perform(Octaves(), GENRE, [], 64, 100.0, Metre())
    assert np.flatnonzero(played.cells[0, :, 36] == ONSET).tolist() == list(range(0, 64, 4))


def test_a_chord_is_pressed_and_held_together() -> None:
    pressed = list(keys([(0, 8, 60), (0, 8, 64), (8, 16, 65)], 0.15, 0.0, np.random.default_rng(0)))
    assert [(message.data1, message.starts_note) for _, message in pressed] == [
        (60, True), (64, True), (60, False), (64, False), (65, True), (65, False),
    ]  # fmt: skip


def test_a_band_that_stops_is_frozen_and_a_silent_one_silent() -> None:
    band, cells = BandRows.of(GENRE), np.zeros((3, 128, 128), np.uint8)
    assert outcome("x", BandPerformance(cells), band).verdict == "silent"
    cells[1, 16:96:4, 40] = ONSET
    assert (
        outcome("x", BandPerformance(cells), band).verdict,
        outcome("x", BandPerformance(cells), band).longest_wait,
    ) == (
        "frozen",
        35,
    )
    cells[1, 96:128:4, 40] = ONSET
    found = outcome("x", BandPerformance(cells), band)
    assert (found.verdict, found.onsets, found.bars) == ("ok", 4.0, 1)
    cells[1, 127, 90] = ONSET
    assert outcome("x", BandPerformance(cells), band).verdict == "out of range"


def test_doubling_what_is_heard_survives_every_trial_with_a_key_but_not_silence() -> None:
    verdicts = {found.name: found.verdict for found in tried(Octaves(), GENRE)}
    assert set(verdicts) == {trial.name for trial in trials()}
    assert verdicts["nothing"] == "silent"
    assert verdicts["the lowest octave"] == "out of range"
