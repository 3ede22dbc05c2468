"""The judge: what it measures, and that it tells what can be told and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from composerd.engine.messages import Composed, Mode, Request
from composerd.errors import ConfigError, ModelError
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.genre import Part
from composerd_export.cli import main
from composerd_export.data.corpus import BAND_TRACKS, Corpus, Piece, write_corpus
from composerd_export.evaluation.generators import Strict
from composerd_export.evaluation.halves import in_half, is_reported
from composerd_export.evaluation.judge.classify import (
    GROUPS,
    FeatureTable,
    area,
    comparable,
    giveaways,
    of_group,
    verdict,
)
from composerd_export.evaluation.judge.features import OF_MELODY, features
from composerd_export.evaluation.judge.genres import GenreTest
from composerd_export.evaluation.judge.judge import Judge, halves
from composerd_export.evaluation.judge.people import people_of, table_of
from composerd_export.evaluation.judge.performances import melody_of, played
from composerd_export.evaluation.judge.real_bands import BEFORE, ROWS, distance_left, read_real_bands
from composerd_export.evaluation.judge.report import as_text, sheets, values
from composerd_export.evaluation.judge.report import giveaways as giveaways_of
from composerd_export.evaluation.judge.solo import guitar_can, hands_can, longest_stretch, solo
from composerd_export.evaluation.judge.windows import BAR, KEY, OFF, ON, windows_of
from judged import every_bar, notes, window

MELODY, DRUMS, BASS, GUITAR, KEYS = range(5)
TREES = 20


def piece(name: str, seed: int, bars: int = 16, derived: bool = False) -> Piece:
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, int, int, int]] = []
    for bar in range(bars):
        at, root = 96 * bar, int(rng.choice((36, 41, 43)))
        rows += [(at + 24 * beat, 24, 72 + int(rng.choice((0, 4, 7))), 80, MELODY) for beat in range(4)]
        rows += [(at + 24 * beat, 20, root, 70 + int(rng.integers(20)), BASS) for beat in range(4)]
        rows += [(at + 48 * half, 48, root + tone, 60, KEYS) for half in range(2) for tone in (24, 28, 31)]
        rows += [(at + 12 * eighth, 6, 42, 60 + int(rng.integers(40)), DRUMS) for eighth in range(8)]
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    meta = {"id": name, "bpm": 120.0, **({"derived": ["keys"]} if derived else {})}
    return Piece(np.array(sorted(rows), np.int32), np.array(grid, np.int32), meta)


def named(half: str, count: int) -> list[str]:
    """Names of works that belong to a half."""
    return [name for name in (f"work{index}" for index in range(99)) if in_half(name, half)][:count]


def test_a_work_belongs_to_one_half_by_its_name_alone() -> None:
    names = [f"song {index}" for index in range(200)]
    reported = [name for name in names if is_reported(name)]
    assert 70 < len(reported) < 130
    assert [name for name in names if in_half(name, "reported")] == reported
    assert {name for name in names if in_half(name, "tuning")} == set(names) - set(reported)
    assert all(in_half(name, "both") for name in names)


def test_windows_are_of_different_pieces_first_and_of_the_half_that_is_asked_for() -> None:
    names = [*named("reported", 3), *named("tuning", 2)]
    corpus = Corpus(BAND_TRACKS, tuple(piece(name, index, 32) for index, name in enumerate(names)))
    found = windows_of([corpus], 16, 6, "reported")
    assert [one.work for one in found[:3]] == [one.work for one in found[3:]]
    assert {one.work for one in found} == set(names[:3])
    assert all(one.steps == 256 and set(one.parts) == {"bass", "keys"} for one in found)
    assert len(windows_of([corpus], 16, 99, "reported")) == 9, "two side by side and one across, of each"


def test_windows_may_be_of_genuine_pieces_or_of_others() -> None:
    corpus = Corpus(BAND_TRACKS, (piece("people", 1), piece("rules", 2, derived=True)))
    assert [one.work for one in windows_of([corpus], 16, 9, genuine=True)] == ["people"]
    assert [one.work for one in windows_of([corpus], 16, 9, genuine=False)] == ["rules"]


def test_rhythm_is_counted_from_bar_2_on() -> None:
    found = features(window(5, bass=np.concatenate([every_bar(1, 1, 2, 3), every_bar(5, 0, 8)])))
    assert found["bass.onsets"] == 2.0
    assert (found["bass.pos0"], found["bass.pos1"], found["bass.pos8"]) == (1.0, 0.0, 1.0)
    assert found["bass.patterns"] == 1 / 4
    assert found["bass.lag1"] == 1.0
    assert np.isnan(found["bass.lag8"])


def test_bars_that_take_turns_are_alike_two_apart() -> None:
    turns = [*((BAR * bar + step, BAR * bar + step + 1.0, 36, 80) for bar in range(9)
               for step in ((0, 4) if bar % 2 else (2, 6)))]  # fmt: skip
    found = features(window(9, bass=notes(*turns)))
    assert (found["bass.lag1"], found["bass.lag2"], found["bass.lag4"]) == (0.0, 1.0, 1.0)
    assert found["bass.patterns"] == 2 / 8


def test_a_bass_that_falls_on_the_kick_is_in_step_with_it() -> None:
    drums = every_bar(4, 0, 8, key=36)
    assert features(window(4, bass=every_bar(4, 0, 8), drums=drums))["sync.bass_kick"] == 1.0
    assert features(window(4, bass=every_bar(4, 0, 4), drums=drums))["sync.bass_kick"] == 0.5


def test_the_basss_intervals_are_shares_by_size() -> None:
    line = [36, 38, 36, 43, 43, 55]
    bass = notes(*((BAR + 2.0 * at, BAR + 2.0 * at + 2, key, 80) for at, key in enumerate(line)))
    found = features(window(4, bass=bass))
    shares = [found[f"bass.iv_{name}"] for name in ("step", "fourthfifth", "rep", "octave")]
    assert shares == [0.4, 0.2, 0.2, 0.2]
    assert found["bass.range"] == 19.0


def test_chords_struck_together_have_a_size_and_lead_on() -> None:
    chords = [(60, 64, 67), (60, 65, 69), (60, 65, 69)]
    keys = notes(*((BAR * (bar + 1), BAR * (bar + 2), key, 80) for bar, chord in enumerate(chords) for key in chord))
    found = features(window(4, keys=keys))
    assert found["band.chordsize"] == 3.0
    assert found["band.voicelead"] == pytest.approx((0 + 1 + 2) / 3 / 2)
    assert found["band.samechord"] == 0.5


def test_harmony_that_changes_on_every_bar_line_changes_there_alone() -> None:
    roots = (48, 53, 55, 48, 53)
    keys = notes(*((BAR * bar, BAR * (bar + 1), root + tone, 80) for bar, root in enumerate(roots)
                   for tone in (0, 4, 7)))  # fmt: skip
    found = features(window(5, keys=keys, bass=every_bar(5, 0, key=36)))
    assert (found["harm.change_line"], found["harm.change_half"]) == (1.0, 0.0)
    assert found["harm.minor"] == 0.0
    assert found["harm.chordtones"] > 0.9


def test_a_silent_band_has_features_too() -> None:
    found = features(window(4))
    assert set(found) == set(features(window(4, bass=every_bar(4, 0), keys=every_bar(4, 0, key=60))))
    assert found["bass.onsets"] == 0.0


def table(seed: int, works: int = 8, shift: float = 0.0) -> FeatureTable:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, (3 * works, 4))
    values[:, 1] += shift
    return FeatureTable(("bass.lag1", "bass.lag2", "harm.top", "sync.band_melody"), values,
                 tuple(f"{seed}-{row // 3}" for row in range(3 * works)))  # fmt: skip


def test_what_is_alike_cannot_be_told_apart_and_what_differs_can() -> None:
    alike, apart = verdict(table(1), table(2), trees=TREES), verdict(table(1), table(2, shift=4.0), trees=TREES)
    assert alike is not None
    assert apart is not None
    assert alike.auc < 0.75
    assert apart.auc > 0.95
    assert alike.low <= alike.auc <= alike.high
    assert giveaways(table(1), table(2, shift=4.0), apart, 1)[0][0] == "bass.lag2"


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    labels = np.array([0, 0, 1, 1])
    assert area(labels, np.array([0.1, 0.2, 0.3, 0.4])) == 1.0
    assert area(labels, np.array([0.4, 0.3, 0.2, 0.1])) == 0.0
    assert area(labels, np.array([0.1, 0.3, 0.2, 0.4])) == 0.75
    assert area(labels, np.full(4, 0.5)) == 0.5
    assert area(labels, np.array([0.1, 0.3, 0.2, 0.4]), np.array([1.0, 0.0, 1.0, 1.0])) == 1.0
    assert np.isnan(area(labels[:2], np.array([0.1, 0.2])))


def test_the_same_seed_gives_the_same_verdict() -> None:
    assert verdict(table(1), table(2), 3, TREES) == verdict(table(1), table(2), 3, TREES)


def test_a_judge_needs_two_works() -> None:
    one = table(1).rows(range(3))
    assert verdict(one, one, trees=TREES) is None


def test_a_work_of_people_cannot_be_learnt_by_heart() -> None:
    """The same windows on both sides: whoever knew the works would be wrong rather than right."""
    people = table(1)
    found = verdict(people, people, trees=TREES)
    assert found is not None
    assert found.auc <= 0.55


def test_features_of_the_melody_count_only_where_the_melodies_are_the_same() -> None:
    assert "sync.band_melody" in comparable(table(1), table(2), True)
    assert "sync.band_melody" not in comparable(table(1), table(2), False)
    assert comparable(table(1), table(2), False, ["harm.top"]) == ["bass.lag1", "bass.lag2"]
    assert of_group(["bass.lag1", "harm.top", "band.dur50", "drums.kick"], "repetition") == ["bass.lag1"]


def test_every_feature_but_the_likeness_of_whole_bars_is_in_a_group() -> None:
    names = list(features(window(4, bass=every_bar(4, 0))))
    grouped = {name for group in GROUPS for name in of_group(names, group)}
    assert {name for name in names if name not in grouped} == {"band.cover", "score.rep", "score.simmean"}
    assert set(OF_MELODY) <= set(names)
    assert set(ROWS) <= set(names)


def test_halves_of_a_table_share_no_work() -> None:
    one, two = halves(table(1))
    assert set(one.works).isdisjoint(two.works)
    assert len(one) + len(two) == len(table(1))


def test_what_is_left_of_the_first_bands_distance() -> None:
    was = BEFORE["rock"]["bass.patterns"]
    assert distance_left("rock", "bass.patterns", 0.36, was) == pytest.approx(1.0)
    assert distance_left("rock", "bass.patterns", 0.36, 0.36) == 0.0
    assert np.isnan(distance_left("symphony", "bass.patterns", 0.36, 0.5))


def test_the_genre_test_names_the_genre_that_it_has_heard() -> None:
    test = GenreTest({"rock": table(1), "pop": table(2, shift=6.0)}, trees=TREES)
    assert test.name(table(3), "rock").right > 0.9
    found = test.name(table(4, shift=6.0), "rock")
    assert found.right < 0.1
    assert found.named["pop"] > 0.9


def test_a_guitar_holds_chords_with_a_string_for_each_note() -> None:
    assert guitar_can([40, 47, 52, 56, 59, 64]), "open E"
    assert guitar_can([45, 52, 57]), "a power chord"
    assert not guitar_can([40, 41]), "both on the lowest string"
    assert not guitar_can([53, 54, 55, 56]), "neighbours"
    assert not guitar_can([38, 45]), "below the lowest string"


def test_two_hands_hold_five_keys_each_within_a_tenth() -> None:
    assert hands_can([36, 48, 60, 64, 67, 72])
    assert not hands_can([24, 48, 72]), "three octaves apart"
    assert not hands_can(list(range(60, 72))), "twelve keys"


def test_a_player_breathes_in_rests_of_an_eighth() -> None:
    assert longest_stretch(notes((0, 8, 60, 80), (8, 16, 62, 80), (17, 20, 60, 80))) == 20.0
    assert longest_stretch(notes((0, 8, 60, 80), (10, 14, 62, 80))) == 8.0


def test_a_part_alone_has_leaps_repeats_and_a_touch() -> None:
    part = Part("bass", "bass", 2, 33, 30, 50)
    line = [40, 40, 42, 60]
    bass = notes(*((BAR + 4.0 * at, BAR + 4.0 * at + 2, key, 70 + 10 * at) for at, key in enumerate(line)))
    found = solo([window(4, bass=bass)], part)
    assert found["repeated"] == pytest.approx(1 / 3)
    assert found["wide"] == pytest.approx(1 / 3)
    assert found["outside"] == 0.25
    assert found["velocity"] == pytest.approx(float(np.std([70, 80, 90, 100])))
    assert np.isnan(found["hands"])
    assert solo([window(4)], part) == {}


def test_the_melody_is_pressed_near_its_moments_and_let_go() -> None:
    one = window(2)
    song = melody_of(one, np.random.default_rng(0))
    pressed = [message.tick for message in song.messages if message.message.starts_note]
    assert len(pressed) == 8
    assert all(abs(tick - 480 * beat) < 480 * 0.1 for beat, tick in enumerate(pressed))
    exact = melody_of(one, np.random.default_rng(0), noise=0.0)
    assert [m.tick for m in exact.messages if m.message.starts_note] == [480 * beat for beat in range(8)]


@pytest.mark.parametrize("mode", list(Mode))
def test_the_rules_play_a_window_as_they_are_rendered(mode: Mode) -> None:
    genre = load_genre("rock")
    melody = window(4)
    found = played(PlainGenerator(genre), genre, [melody], mode)[0]
    assert set(found.parts) <= {"bass", "guitar", "keys"}
    assert len(found.drums)
    assert all((rows[:, ON] < melody.steps).all() for rows in found.parts.values())
    assert len(np.unique(found.parts["bass"][:, KEY])) > 1
    again = played(PlainGenerator(genre), genre, [melody], mode)[0]
    assert all((found.parts[name] == again.parts[name]).all() for name in found.parts)


def test_a_jam_goes_on_to_the_windows_end_where_the_melody_rests_before_it() -> None:
    genre, whole = load_genre("rock"), window(8)
    half = replace(whole, melody=whole.melody[whole.melody[:, OFF] <= whole.steps // 2])
    found = played(PlainGenerator(genre), genre, [half], Mode.JAM)[0]
    assert found.drums[:, ON].max() > half.steps - 16
    assert found.parts["bass"][:, ON].max() > half.steps - 16


class _Broken:
    def compose(self, request: Request) -> Composed:
        return Composed(request.serial, (), problem=f"{request.genre.name}: it broke")


def test_a_net_that_fails_fails_the_evaluation() -> None:
    genre = load_genre("rock")
    with pytest.raises(ModelError, match="it broke"):
        played(Strict(_Broken()), genre, [window(4)], Mode.JAM)


def test_people_of_the_training_split_stand_in_where_the_half_has_too_few() -> None:
    splits = {
        "valid": [Corpus(BAND_TRACKS, tuple(piece(name, 1, derived=True) for name in named("reported", 4)))],
        "train": [Corpus(BAND_TRACKS, tuple(piece(f"train{index}", index) for index in range(6)))],
    }
    found = people_of("rock", lambda _, split: splits[split], 8, 16, "reported", 0)
    assert not found.same_melodies
    assert len(found.windows) == len(found.others) == 3
    assert {one.work for one in found.melodies} == set(named("reported", 4))


def test_a_table_of_real_bands_is_read_and_anything_else_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "bands.npz"
    np.savez(file, names=np.array(["bass.lag1"]), rock=np.ones((4, 1)), rock_song=np.array([1, 1, 2, 2]))
    assert read_real_bands(file)["rock"].works == ("real 1", "real 1", "real 2", "real 2")
    file.write_bytes(b"no")
    with pytest.raises(ConfigError, match="not a table"):
        read_real_bands(file)
    with pytest.raises(ConfigError, match="no such file"):
        read_real_bands(tmp_path / "missing")


def test_the_report_puts_a_band_beside_people_and_people_beside_people() -> None:
    corpus = Corpus(BAND_TRACKS, tuple(piece(f"work{index}", index) for index in range(8)))
    people = people_of("rock", lambda *_: [corpus], 8, 16, "both", 0)
    real = table_of(people.others)
    genre = load_genre("rock")
    judge = Judge(genre, "rock", people, real, GenreTest({"rock": real, "pop": real}, trees=TREES), trees=12)
    heard = [*judge.humans(), judge.band("plain", PlainGenerator(genre), Mode.PHRASE)]
    found = json.loads(json.dumps(values(heard, {"half": "both"}), allow_nan=False))
    told = {sheet.title: sheet for sheet in sheets("rock", found["judge"])}
    assert told["distinguished from people (8 windows), area under the curve"].columns == (
        "other people (8)",
        "plain, phrase (8)",
    )
    assert told["distinguished from real bands (8 windows), area under the curve"].columns == (
        "real bands (4)", "people (8)", "plain, phrase (8)",
    )  # fmt: skip
    assert told["genre named by a classifier trained on human bands"].columns == (
        "people", "other people", "plain, phrase",
    ), "not those that the classifier was trained on"  # fmt: skip
    assert "bass alone" in told
    assert "first bands" in as_text(list(told.values()))
    assert [sheet.title for sheet in giveaways_of(found["judge"])] == [
        "what tells plain, phrase from people", "what tells plain, phrase from real bands",
    ]  # fmt: skip
    band = found["judge"][-1]
    assert (band["name"], band["mode"]) == ("plain", "phrase")
    area, low, high = band["judgements"][0]["auc"]
    assert area > 0.8
    assert low <= area <= high
    assert set(band["judgements"][0]["groups"]) == set(GROUPS)
    assert band["means"]["bass.onsets"] > 0


def test_evaluate_refuses_to_judge_without_people_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "valid"):
        write_corpus(tmp_path / "rock" / f"{split}.npz", Corpus(BAND_TRACKS, (piece(named("reported", 1)[0], 1),)))
    command = ["evaluate", "plain", "--dataset", "rock", "--data", str(tmp_path), "--judge"]
    assert main(command) == 2
    assert "expected some of two works" in capsys.readouterr().err
    assert main([*command, "--real-bands", str(tmp_path / "none.npz")]) == 2
    assert "none.npz: no such file" in capsys.readouterr().err
