"""Parts of the evaluation, a case at a time: songs, baselines, generators, provenance, known tunes, figures' text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from composerd.app.generator_bank import PLAIN
from composerd.contract.card import Card, Grid
from composerd.engine.messages import Composed, Request
from composerd.errors import ConfigError, ModelError
from composerd.library.genre_files import load_genre
from composerd.music.harmony.labelling import KeyFit
from composerd.music.roll import HELD, ONSET, REST, Cells, MelodyRoll
from composerd_export.data.corpus import BAND_TRACKS, Corpus, Piece
from composerd_export.data.harmony.songs import NO_CHORD
from composerd_export.evaluation.baselines import (
    NearestNeighbour,
    another_song_in_key,
    fitted,
    others,
    shifted,
    transposed,
)
from composerd_export.evaluation.diversity import between_seeds, between_songs
from composerd_export.evaluation.generators import Opened, Strict, opened
from composerd_export.evaluation.known import known_tunes
from composerd_export.evaluation.people import LEAST_NOTES, MOST_SONGS, agreements
from composerd_export.evaluation.provenance import command, hyperparameters, training
from composerd_export.evaluation.readme import curves_of, table
from composerd_export.evaluation.songs import SongClip, choose, melody_key, tracks_of
from composerd_export.evaluation.trials import BAR, BARS, Outcome, different_bars, longest_wait, trials
from composerd_export.training.hyperparameters import Hyper, preset
from composerd_export.training.voicing_trainer import VoicingHyper
from layouts import BAND

ROCK = load_genre("rock")
MELODY, DRUMS, BASS, GUITAR, KEYS = range(5)
Row = tuple[int, int, int, int, int]


def piece(name: str, bars: int = 8, start: int = 0, tracks: tuple[int, ...] = (MELODY, BASS, GUITAR), root: int = 0,
          **meta: object) -> Piece:  # fmt: skip
    """A note a beat on each track from tick `start` on, in bars of 4/4."""
    pitch = {MELODY: 72, DRUMS: 42, BASS: 36, GUITAR: 55, KEYS: 64}
    notes = [
        (at, 24, pitch[track] + root * (track != DRUMS), 80, track)
        for at in range(start, 96 * bars, 24)
        for track in tracks
    ]
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    return Piece(np.array(sorted(notes), np.int32).reshape(-1, 5), np.array(grid, np.int32), {"id": name, **meta})


def chosen(*pieces: Piece, count: int = 9, bars: int = 4, **more: object) -> list[SongClip]:
    corpus = Corpus(BAND_TRACKS, pieces)
    return choose(corpus, ROCK, tracks_of(ROCK, corpus), count, bars, **more)  # type: ignore[arg-type]


# -- clips


def test_a_clip_is_of_whole_bars_and_named_by_the_beat_on_which_it_begins() -> None:
    found = chosen(piece("one", bars=11, bpm=140.0))
    assert [song.name for song in found] == ["one@0", "one@16"]
    assert [(song.steps, song.bpm, song.work) for song in found] == [(64, 140.0, "one")] * 2


def test_a_piece_without_a_tempo_has_the_genres() -> None:
    (song,) = chosen(piece("one", bars=4))
    assert song.bpm == ROCK.bpm


@pytest.mark.parametrize(
    ("one", "usable"),
    [
        (piece("a", 4), True), (piece("a", 4, tracks=(MELODY, BASS)), False),
        (piece("a", 4, tracks=(BASS, GUITAR)), False),
        (piece("a", 4, start=96), False), (piece("a", 3), False), (piece("a", 4, tracks=(MELODY, DRUMS, BASS)), False),
    ],
)  # fmt: skip
def test_a_clip_needs_a_melody_from_its_first_bar_on_and_two_pitched_parts(one: Piece, usable: bool) -> None:
    assert bool(chosen(one)) == usable


def test_a_melody_may_rest_in_half_of_the_bars_and_no_more() -> None:
    def with_tune(bars: int) -> Piece:
        whole = piece("a", 4)
        kept = (whole.notes[:, 4] != MELODY) | (whole.notes[:, 0] < 96 * bars)
        return replace(whole, notes=whole.notes[kept])

    assert [bool(chosen(with_tune(bars))) for bars in (1, 2, 3)] == [False, True, True]


def test_derived_pieces_and_the_other_half_are_left_out_where_asked() -> None:
    pieces = (piece("POP909 001"), piece("bwv253", derived=["bass"]), piece("bwv254"))
    assert {song.work for song in chosen(*pieces, genuine=True)} == {"POP909 001", "bwv254"}
    assert {song.work for song in chosen(*pieces, half="reported")} == {"POP909 001"}
    assert {song.work for song in chosen(*pieces, half="tuning")} == {"bwv253", "bwv254"}
    assert [song.genuine for song in chosen(pieces[1], count=1)] == [False]


def test_equal_seeds_choose_equal_clips_and_every_piece_comes_before_a_second_clip() -> None:
    pieces = [piece(f"song {index}") for index in range(6)]
    first, again = (chosen(*pieces, seed=3) for _ in range(2))
    assert [song.name for song in first] == [song.name for song in again]
    assert len({song.work for song in first[:6]}) == 6
    assert len({tuple(song.name for song in chosen(*pieces, seed=seed)) for seed in range(4)}) > 1


def test_the_key_is_the_melodys_and_silence_has_one_too() -> None:
    scale = np.repeat(np.array([67, 69, 71, 72, 74, 76, 78, 79], np.int16), 2)
    onset = np.arange(16) % 2 == 0
    assert melody_key(MelodyRoll(0, scale, onset)).tonic == 7
    assert melody_key(MelodyRoll(0, np.full(16, REST, np.int16), onset)).tonic == 0


# -- baselines


def clip(name: str, cells: Cells, tonic: int = 0, minor: bool = False, melody: int = 72) -> SongClip:
    steps = cells.shape[1]
    roll = MelodyRoll(0, np.full(steps, melody, np.int16), np.arange(steps) % 4 == 0)
    return SongClip(name, name, roll, cells, 100.0, KeyFit(tonic, minor, 1.0))


def held(pitch: int, steps: int = 32, part: int = 1) -> Cells:
    cells = np.zeros((4, steps, 128), np.uint8)
    cells[part, :, pitch], cells[part, 0, pitch] = HELD, ONSET
    return cells


@pytest.mark.parametrize(
    ("mine", "theirs", "moved"),
    [((0, False), (0, False), 0), ((2, False), (0, False), 2), ((11, False), (0, False), -1),
     ((6, False), (0, False), 6), ((0, False), (9, True), 0), ((9, True), (0, False), 0), ((4, True), (0, False), -5)],
)  # fmt: skip
def test_another_song_moves_to_the_nearest_place_of_the_key_or_its_relative(
    mine: tuple[int, bool], theirs: tuple[int, bool], moved: int
) -> None:
    found = another_song_in_key(clip("a", held(48), *mine), clip("b", held(48), *theirs), (1,))
    assert np.flatnonzero(found[1].any(0)).tolist() == [48 + moved]


def test_drums_are_not_transposed_and_what_leaves_midi_is_dropped() -> None:
    cells = held(126) | held(36, part=0)
    found = transposed(cells, 3, (1,))
    assert not found[1].any()
    assert np.array_equal(found[0], cells[0])
    assert np.array_equal(transposed(cells, 0, (1,)), cells)
    assert cells[1].any(), "the original stays"


@pytest.mark.parametrize("steps", [8, 32, 80])
def test_an_accompaniment_is_repeated_or_cut(steps: int) -> None:
    cells = held(48)
    found = fitted(cells, steps)
    assert found.shape == (4, steps, 128)
    assert all(np.array_equal(found[:, step], cells[:, step % 32]) for step in range(steps))


def test_a_bar_late_the_last_bar_comes_first() -> None:
    cells = held(48)
    cells[:, 16:] = 0
    assert np.array_equal(shifted(clip("a", cells))[:, 16:], cells[:, :16])
    assert not shifted(clip("a", cells))[:, :16].any()


def test_strangers_are_spread_over_the_songs_and_of_other_works() -> None:
    songs = [clip(f"song {index}", held(48)) for index in range(9)]
    assert [song.name for song in others(songs, 0, 2)] == ["song 1", "song 8"]
    assert len(others(songs[:3], 1)) == 2
    same = [replace(song, work="one") for song in songs]
    with pytest.raises(ValueError, match="two works"):
        others(same, 0)


def test_the_nearest_bar_is_the_one_that_agrees_in_most_steps_moved_as_little_as_possible() -> None:
    corpus = Corpus(BAND_TRACKS, (piece("low"), piece("high", root=2)))
    nearest = NearestNeighbour.learn(corpus, ROCK, tracks_of(ROCK, corpus))
    for melody, bass in ((72, 36), (74, 38), (73, 37), (77, 41)):
        found = nearest.accompany(clip("x", held(48, 16), melody=melody))
        rows = [row for row, part in enumerate(ROCK.parts) if part.role == "bass"]
        assert np.flatnonzero(found[rows[0]].any(0)).tolist() == [bass]


# -- variety


def test_only_works_of_one_mode_are_compared_and_without_two_there_is_no_figure() -> None:
    one, two = clip("a", held(48)), clip("b", held(48))
    assert between_songs([one, two], [one.cells, two.cells], (1,)) == pytest.approx(1.0)
    minor = clip("b", held(48), minor=True)
    assert np.isnan(between_songs([one, minor], [one.cells, minor.cells], (1,)))
    again = replace(two, work="a")
    assert np.isnan(between_songs([one, again], [one.cells, again.cells], (1,)))


def test_bar_1_is_not_counted_as_variety() -> None:
    plain, other = held(48), held(48)
    other[1, :16] = 0
    other[1, :16, 61] = HELD
    assert between_seeds([plain], [other], (1,)) == pytest.approx(1.0)
    assert between_seeds([plain, plain], [plain, held(61)], (1,)) == pytest.approx(0.5)


# -- generators


@dataclass
class Fails:
    problem: str

    def compose(self, request: Request) -> Composed:
        return Composed(request.serial, (), problem=self.problem)


def test_a_model_that_fails_is_no_figure() -> None:
    from composerd.engine.messages import Directions
    from composerd.engine.phrase.request import phrase_request
    from composerd.music.metre import BarGrid

    song = clip("a", held(48))
    request = phrase_request(ROCK, BarGrid(), 100.0, song.melody, song.steps, seed=0, directions=Directions())
    assert Strict(Fails("")).compose(request).serial == request.serial
    with pytest.raises(ModelError, match="the net is broken"):
        Strict(Fails("the net is broken")).compose(request)


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [("plain", "plain", "plain"), ("rock", "rock", "rock"), ("the rules=plain", "plain", "the rules")],
)
def test_a_generator_is_opened_by_name_and_may_be_called_otherwise(
    text: str, name: str, label: str, tmp_path: Path
) -> None:
    found = opened(text, tmp_path)
    assert (found.name, found.label, found.file, found.card) == (name, label, None, None)
    assert Opened("runs/best.pt").label == "best"
    assert PLAIN == "plain"


@pytest.mark.parametrize("text", ["polka", "a=model.txt", "", "folder/"])
def test_what_is_neither_a_name_nor_a_file_of_ours_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"MODEL: found .*, expected plain, a genre, an \.onnx file or a checkpoint"):
        opened(text, tmp_path)


# -- provenance


def card(genre: str = "pop", family: str = "musegan", **hyper: Any) -> Card:
    whole = {**Hyper().to_json(), **preset(None, genre), **hyper}
    return Card(
        name=genre, family=family, genre=genre, tracks=BAND, inputs=(), outputs=(), grid=Grid(), hyperparameters=whole
    )


@pytest.mark.parametrize(
    ("hyper", "said"),
    [
        ({}, "--epochs 40"),
        ({"epochs": 12, "batch": 24}, "--epochs 12 --batch 24"),
        ({"learning_rate": 0.003, "dropout": 0.5}, "--epochs 40 --learning-rate 0.003 --dropout 0.5"),
        ({**preset("wgan-gp", "pop"), "recipe": "wgan-gp"}, "--recipe wgan-gp --epochs 40"),
    ],
)
def test_the_training_names_what_differs_from_what_is_usual(hyper: dict[str, Any], said: str) -> None:
    assert training(card(**hyper)) == f"composerd-export train --dataset pop --model musegan {said}"
    assert training(card(**hyper), "runs/x").endswith(" --out runs/x")


def test_a_datasets_own_usual_values_are_not_named() -> None:
    assert training(card("bach", "unet")) == "composerd-export train --dataset bach --model unet --epochs 40"
    assert "--dropout 0.1" in training(card("bach", "unet", dropout=0.1))


@pytest.mark.parametrize(
    ("genre", "together", "options"),
    [
        ("rock", "rock pop jazz", f"--epochs {VoicingHyper().epochs}"),
        ("polka", "polka", f"--epochs {VoicingHyper().epochs}"),
        ("symphony", "symphony", "--epochs 14 --dropped 0 --added 0"),
        ("bach", "bach", "--epochs 12 --free-bass 0.5 --dropped 0 --added 0"),
    ],
)  # fmt: skip
def test_four_commands_make_a_model_again(genre: str, together: str, options: str) -> None:
    first, groove, voicing, export = command(card(genre)).splitlines()
    assert first == training(card(genre))
    assert groove.startswith(f"composerd-export train-groove --datasets {together} --epochs 8")
    assert voicing == f"composerd-export train-voicing --datasets {together} {options}"
    nets = together.replace(" ", "-")
    assert export == (
        f"composerd-export export runs/{genre}-musegan/best.pt --groove runs/groove-{nets}/best.pt "
        f"--voicing runs/voicing-{nets}/best.pt -o models/{genre}.onnx"
    )


def test_every_hyperparameter_is_told_in_words() -> None:
    said = hyperparameters(card(learning_rate=0.0015))
    assert said.startswith("Hyperparameters: ")
    assert said.endswith(".\n")
    assert "learning rate 0.0015" in said
    assert said.count(",") == len(Hyper().to_json()) - 1


def test_a_table_in_markdown_has_a_line_below_its_head() -> None:
    assert table(["a", "b"], [["1", "2"], ["3", "4"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n"


def test_curves_come_back_without_what_an_epoch_lacked() -> None:
    curves: dict[str, list[float | None]] = {"epoch": [1.0, 2.0], "loss": [0.5, None]}
    assert curves_of(replace_metrics(curves)) == [{"epoch": 1.0, "loss": 0.5}, {"epoch": 2.0}]
    assert curves_of(replace_metrics({})) == []


def replace_metrics(curves: dict[str, list[float | None]]) -> Card:
    return Card(
        name="m", family="unet", genre="pop", tracks=BAND, inputs=(), outputs=(), grid=Grid(),
        metrics=json.loads(json.dumps({"curves": curves} if curves else {})),
    )  # fmt: skip


# -- known tunes and people


def test_the_known_tunes_have_a_chord_in_every_bar_but_pickups() -> None:
    for tune in known_tunes():
        lines = [slot.start for slot in tune.slots if slot.index == 0]
        without = [bar for bar, line in enumerate(lines) if tune.chords[line, 0] == NO_CHORD]
        assert without in ([], [0])
        assert (tune.onset <= (tune.pitch >= 0)).all()
        assert 48 <= tune.pitch[tune.pitch >= 0].min() < tune.pitch.max() <= 84


def test_a_song_is_no_pair_with_itself_and_many_versions_are_not_all_compared() -> None:
    one = known_tunes()[1]
    assert agreements([one, one]) == [], "one name is one song"
    many = [replace(one, name=f"version {index}") for index in range(MOST_SONGS + 3)]
    (two,), (all_,) = agreements(many[:2]), agreements(many)
    assert all_.pairs == two.pairs * MOST_SONGS * (MOST_SONGS - 1) // 2
    assert all_.share == 1.0


def test_bars_with_few_notes_are_not_taken_for_the_same_tune() -> None:
    one = known_tunes()[1]
    sparse = replace(one, onset=one.onset & (np.arange(one.steps) % 16 == 0))
    assert LEAST_NOTES > 2
    assert agreements([sparse, replace(sparse, name="other")]) == []


# -- trials


def test_every_trial_lasts_eight_bars_and_lies_on_the_keyboard() -> None:
    names = [trial.name for trial in trials()]
    assert len(set(names)) == len(names)
    for trial in trials():
        assert all(0 <= first < end <= BARS * BAR for first, end, _ in trial.keys)
        assert all(0 <= pitch <= 127 for *_, pitch in trial.keys)


@pytest.mark.parametrize(("onsets", "wait"), [((), 32), ((0,), 31), ((31,), 31), ((0, 16), 15), (tuple(range(32)), 0)])
def test_the_longest_wait_counts_from_the_beginning_to_the_end(onsets: tuple[int, ...], wait: int) -> None:
    parts = np.zeros((2, 32, 128), np.uint8)
    for step in onsets:
        parts[step % 2, step, 60] = ONSET
    assert longest_wait(parts) == wait


def test_bars_are_different_by_notes_and_onsets() -> None:
    parts = np.zeros((1, 48, 128), np.uint8)
    parts[0, [0, 16], 60] = ONSET
    parts[0, 32, 60] = HELD
    assert different_bars(parts) == 2
    assert different_bars(np.zeros((1, 48, 128), np.uint8)) == 1


@pytest.mark.parametrize(
    ("onsets", "wait", "inside", "verdict"),
    [(0.0, 0, 0.5, "silent"), (2.0, 32, 0.5, "frozen"), (2.0, 31, 0.5, "out of range"), (2.0, 31, 1.0, "ok")],
)
def test_the_worst_of_a_trial_is_its_verdict(onsets: float, wait: int, inside: float, verdict: str) -> None:
    outcome = Outcome("a trial", onsets, wait, inside, 3, 1)
    assert outcome.verdict == verdict
    assert str(outcome).startswith(f"a trial             {verdict}")
    assert f"longest wait {wait} 16ths" in str(outcome)
