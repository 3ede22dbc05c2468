"""Settings of the performance, each with its unit; default.yaml holds the same values, commented for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from composerd.music.voice import Voice

A_KEY = "a key such as Eb or F#m, or nothing"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of the band and of how it follows the player."""

    grace_ms: Annotated[float, Meta(ge=0, le=60)] = 20.0
    """milliseconds after a step during which a key still counts as pressed on it"""
    harmony_entry_bars: Annotated[int, Meta(ge=0, le=8)] = 1
    """whole bars the drums play alone: 1 lets the harmony enter at bar 2"""
    plan_ahead_steps: Annotated[int, Meta(ge=1, le=32)] = 1
    """16ths planned beyond the beat that is being decided"""
    pause_bars: Annotated[int, Meta(ge=1, le=16)] = 2
    """bars without a key after which the band ends at the next bar line"""
    final_chord: bool = True
    """whether the band closes on a chord that rings for at most a bar"""
    phrase_bars: Annotated[int, Meta(ge=1, le=32)] = 8
    """longest phrase, in bars, that phrase mode records before it answers"""
    phrase_repeat: bool = True
    """whether a phrase repeats until the next key"""
    count_in_bars: Annotated[int, Meta(ge=0, le=4)] = 0
    """bars of clicks before the band starts when it is started by a control; the first key never waits"""
    metronome: bool = False
    """whether the metronome clicks on every pulse while the player plays, with an accent on the first of a bar"""
    memory: Literal["song", "book", "off"] = "song"
    """song: where the melody comes back that was played before, the band foresees how it goes on; book: learned songs
    are recognised as well; off: neither"""
    follow: bool = False
    """whether the band's tempo and beat track the player's"""
    follow_range: Annotated[float, Meta(ge=1, le=25)] = 12.0
    """percent by which the tempo may go above and below the one set while it follows"""
    follow_latency_ms: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """output latency [ms], by which the player hears the band, and answers it, later"""
    melody: Voice = "top"
    """which of the keys that sound together is the melody"""
    left_hand: bool = False
    """whether keys below the split point are chords for the band instead of melody"""
    split_pitch: Annotated[int, Meta(ge=0, le=127)] = 60
    """MIDI pitch of the lowest key that is melody where the keyboard is split; 60 is middle C"""
    sync: Literal["own", "midi"] = "own"
    """whose tempo and bars the band keeps: its own, or those of MIDI clock that comes in (see midi.clock_in)"""
    clock_out: bool = False
    """whether MIDI clock is sent while the band plays"""
    swing: Annotated[float, Meta(ge=0, le=1)] | None = None
    """how late off-beats are: 0 straight, 1 on the triplet; nothing: as the genre has it"""
    dynamics: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """how far the band's loudness follows the player's: 0 not at all, 1 fully; twice as far for soft playing"""
    key: Annotated[str, Meta(pattern=r"^([A-Ga-g][b#♭♯]? ?(m|min|minor|maj|major)?)?$", description=A_KEY)] = ""
    """the key you play in, such as Eb or F#m; empty: the band finds it"""
    transpose_keys: Annotated[int, Meta(ge=-11, le=11)] = 0
    """semitones that your keys sound higher than they are"""
    transpose_band: Annotated[int, Meta(ge=-11, le=11)] = 0
    """semitones by which the band is transposed; the player's notes are given to it transposed by as much downwards"""
    guard: bool = True
    """whether notes a semitone off the melody are moved to a consonant chord tone"""
    threads: Annotated[int, Meta(ge=1, le=8)] = 1
    """cores that one run of a model may use; `composerd doctor` measures which number is best"""
    precision: Literal["auto", "fp32", "int8"] = "auto"
    """int8: a model's quantised file (NAME-int8.onnx) where there is one; auto: on processors that are quicker so"""
    seed: Annotated[int, Meta(ge=0)] = 0
    """seed of every random choice"""
