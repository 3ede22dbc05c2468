"""Textures: the pitches of each character of a rhythm, inside the part's range and of its chord."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.arranging.pattern_tables import BASS, CHORDS, LOW, PAD, STRIKES, WALK, PartTable
from composerd.music.arranging.scene import Scene
from composerd.music.arranging.textures import TEXTURES, PatternEvent, VoicedChord
from composerd.music.arranging.voicing import Pitches
from composerd.music.chords import QUALITIES, Chord
from composerd.music.genre import Part
from scenes import AM, BAR, G7, C, F, held_melody, plan_of, scene_of

CHORD = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))
KEYS = Part("keys", "comp", 3, low=48, high=79, voices=4)
CONTRABASS = Part("bass", "bass", 2, low=28, high=55)
ROOM = (KEYS, CONTRABASS, Part("cello", "pad", 4, low=36, high=60, voices=3), Part("drum", "comp", 5, low=40, high=52))


def table(texture: str, voices: int = 4, rootless: bool = False) -> PartTable:
    return PartTable(texture, a=(), b=(), three=(), voices=voices, rootless=rootless)


def sounded(
    char: str,
    texture: str = CHORDS,
    *,
    chord: Chord = C,
    part: Part = KEYS,
    before: Pitches = (),
    same: bool = False,
    scene: Scene | None = None,
    start: int = 0,
) -> VoicedChord:
    event = PatternEvent(start, start + 4, char, chord)
    return TEXTURES[texture](scene or scene_of(plan_of([chord])), part, table(texture), event, before, same)


@given(
    st.sampled_from(sorted(TEXTURES)), st.sampled_from("xXotbw12345n358am"), CHORD, CHORD, st.sampled_from(ROOM),
    st.booleans(), st.integers(0, 50),
)  # fmt: skip
def test_whatever_a_rhythm_asks_for_is_inside_the_parts_range(
    texture: str, char: str, chord: Chord, coming: Chord, part: Part, same: bool, seed: int
) -> None:
    scene = scene_of(plan_of([chord, coming]), held_melody([76, 74, 72, 71] * 2), seed=seed)
    first = sounded(char, texture, chord=chord, part=part, scene=scene)
    then = sounded(char, texture, chord=chord, part=part, scene=scene, before=first.voicing, same=same, start=12)
    for voice in (first, then):
        assert voice.pitches
        assert all(part.low <= pitch <= part.high for pitch in (*voice.pitches, *voice.voicing))


@pytest.mark.parametrize("texture", [CHORDS, PAD])
def test_the_characters_of_a_chord_choose_among_its_voices(texture: str) -> None:
    full = sounded("x", texture).voicing
    assert len(full) == 4
    assert sounded("x", texture).pitches == full
    assert sounded("o", texture).pitches == full[1:]
    assert sounded("t", texture).pitches == full[-2:]
    assert sounded("b", texture).pitches == full[:2]
    assert sounded("w", texture).pitches == (full[0], full[-1])
    assert [sounded(char, texture).pitches for char in "1234"] == [(pitch,) for pitch in full]
    assert sounded("5", texture).pitches == (full[-1],), "there is no fifth voice: the highest"


def test_a_chord_that_stays_keeps_its_voicing_and_a_new_one_moves_little() -> None:
    first = sounded("x").voicing
    assert sounded("x", before=first, same=True).voicing == first
    second = sounded("x", chord=F, before=first).voicing
    assert second != first
    assert sum(abs(one - other) for one, other in zip(first, second, strict=True)) <= 8


def test_a_chord_stays_below_a_high_melody_and_takes_no_notice_of_a_low_one() -> None:
    high = scene_of(plan_of([C]), held_melody([67] * 4))
    low = scene_of(plan_of([C]), held_melody([50] * 4))
    assert max(sounded("x", scene=high).pitches) <= 67
    assert sounded("x", scene=low).pitches == sounded("x").pitches


def test_the_melody_is_doubled_an_octave_lower_with_a_chord_tone_below() -> None:
    scene = scene_of(plan_of([C]), held_melody([76] * 4))
    below, above = sounded("m", scene=scene).pitches
    assert above == 64
    assert below % 12 in C.pitch_classes
    assert 3 <= above - below <= 9


def test_without_a_melody_to_double_the_chord_sounds() -> None:
    assert sounded("m").pitches == sounded("x").pitches


@pytest.mark.parametrize(("key", "minor", "neighbour"), [(0, False, 1), (9, True, 1)])
def test_a_neighbour_is_the_next_tone_of_the_scale(key: int, minor: bool, neighbour: int) -> None:
    scene = scene_of(plan_of([C], key=key, minor=minor))
    (pitch,) = sounded("n", scene=scene, before=(52, 55, 60, 64), same=True).pitches
    assert pitch == 64 + neighbour, "F above E"


@pytest.mark.parametrize(("char", "above"), [("x", 0), ("3", 4), ("5", 7), ("8", 12)])
def test_the_bass_counts_its_tones_from_the_root(char: str, above: int) -> None:
    root = sounded("x", BASS, part=CONTRABASS).pitches[0]
    assert root % 12 == 0
    assert sounded(char, BASS, part=CONTRABASS).pitches == (root + above,)


def test_a_bass_tone_above_the_range_sounds_an_octave_lower() -> None:
    narrow = Part("bass", "bass", 2, low=36, high=47)
    assert sounded("8", BASS, part=narrow).pitches == (36,)


@given(st.integers(0, 40))
def test_an_approach_is_a_step_from_the_next_root(seed: int) -> None:
    scene = scene_of(plan_of([C, F]), seed=seed)
    (pitch,) = sounded("a", BASS, part=CONTRABASS, scene=scene, start=BAR - 4).pitches
    root = sounded("x", BASS, part=CONTRABASS, chord=F, before=sounded("x", BASS, part=CONTRABASS).voicing).pitches[0]
    assert 1 <= abs(pitch - root) <= 2


def test_where_the_chord_stays_an_approach_is_its_fifth() -> None:
    scene = scene_of(plan_of([C, C]))
    assert sounded("a", BASS, part=CONTRABASS, scene=scene, start=BAR - 4).pitches[0] % 12 == 7


@given(st.integers(0, 40))
def test_a_walking_line_never_repeats_its_note_within_a_chord(seed: int) -> None:
    scene = scene_of(plan_of([C]), seed=seed)
    line = sounded("x", WALK, part=CONTRABASS, scene=scene).pitches
    for step in (4, 8):
        line = (*line, *sounded("x", WALK, part=CONTRABASS, scene=scene, before=line, same=True, start=step).pitches)
    assert all(one != other for one, other in pairwise(line))
    assert {pitch % 12 for pitch in line} <= set(C.pitch_classes)


def test_low_strings_have_the_root_below_and_the_chord_a_fifth_above_it() -> None:
    cello = ROOM[2]
    voice = sounded("x", LOW, part=cello, chord=AM)
    assert voice.pitches[0] % 12 == 9
    assert all(pitch >= voice.pitches[0] + 7 for pitch in voice.pitches[1:])
    assert sounded("1", LOW, part=cello, chord=AM).pitches == voice.pitches[:1]


def test_timpani_have_the_keys_tonic_and_dominant_where_the_chord_has_them() -> None:
    drum, plan = ROOM[3], plan_of([C], key=0)
    tones = {
        str(chord): [
            sounded(char, STRIKES, part=drum, chord=chord, scene=scene_of(plan)).pitches[0] % 12 for char in "x5"
        ]
        for chord in (C, G7, F, Chord(2, "m"))
    }
    assert tones == {"C": [0, 7], "G7": [7, 7], "F": [0, 0], "Dm": [2, 2]}
