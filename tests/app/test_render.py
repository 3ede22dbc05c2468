from __future__ import annotations

from dataclasses import replace

from composerd.app.heard_melody import heard_of
from composerd.app.render import RenderedPerformance, backing, chord_track, render
from composerd.cli.commands.render import lead_sheet
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.settings import EngineSettings
from composerd.files.charts.text import read_text
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, MetreChange, TempoChange, TrackMessage, at_tempo
from fakes import duo, echo_bass

TPB = 480


class Rule:
    def compose(self, request: Request) -> Composed:
        return echo_bass(request)


def song(
    notes: list[tuple[float, float, int]],
    tempos: tuple[TempoChange, ...] = (TempoChange(0, 500_000),),
    metres: tuple[MetreChange, ...] = (MetreChange(0, Metre(4, 4)),),
) -> MelodyTrack:
    """Notes as (beat, beats, pitch)."""
    axis = Axis(TPB, tempos, metres)
    events = []
    for beat, length, pitch in notes:
        events.append((round(beat * TPB), 1, note_on(3, pitch, 80)))
        events.append((round((beat + length) * TPB), 0, note_off(3, pitch)))
    ordered = sorted(events, key=lambda event: event[:2])
    messages = tuple(TrackMessage(tick, axis.second_at(tick), message) for tick, _, message in ordered)
    return MelodyTrack(axis, "lead", messages, ordered[-1][0])


def onsets(performance: RenderedPerformance, part: str | None) -> list[float]:
    """Beats at which the part begins a note."""
    return [
        tick / TPB
        for tick, sender, message in performance.lines
        if message.starts_note and (sender.name if sender else None) == part
    ]


QUARTERS = [(float(beat), 0.9, 60 + beat % 5) for beat in range(12)]


def test_the_players_notes_keep_their_ticks_and_go_to_channel_one_in_both_modes() -> None:
    for mode in Mode:
        done = render(song(QUARTERS), duo(), mode, Rule(), EngineSettings())
        assert onsets(done, None) == [float(beat) for beat in range(12)]
        channels = {sender.channel for _, sender, _ in done.lines if sender}
        assert 1 not in channels


def test_in_jam_the_band_joins_at_bar_two_of_the_file() -> None:
    done = render(song(QUARTERS), duo(), Mode.JAM, Rule(), EngineSettings())
    assert onsets(done, "drums")[0] == 0.0
    assert onsets(done, "bass")[0] == 4.0


def test_in_phrase_the_accompaniment_starts_with_bar_one() -> None:
    done = render(song(QUARTERS), duo(), Mode.PHRASE, Rule(), EngineSettings())
    assert onsets(done, "bass") == [float(beat) for beat in range(12)]


def test_progress_grows_to_the_whole_in_both_modes() -> None:
    for mode in Mode:
        seen: list[float] = []
        render(song(QUARTERS), duo(), mode, Rule(), EngineSettings(), seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
    assert len(seen) == 1, "phrase mode is one question to the generator"


def test_a_pick_up_stays_one_and_harmony_waits_for_the_bar_line() -> None:
    done = render(
        song([(3.0, 0.9, 60), *((4.0 + b, 0.9, 62) for b in range(8))]), duo(), Mode.JAM, Rule(), EngineSettings()
    )
    assert onsets(done, "drums")[0] == 3.0
    assert onsets(done, "bass")[0] == 4.0


def test_tempo_changes_of_the_file_keep_the_band_on_its_beats() -> None:
    tempos = (TempoChange(0, 500_000), TempoChange(5 * TPB, 1_000_000), TempoChange(9 * TPB, 123_456))
    done = render(song(QUARTERS, tempos), duo(), Mode.JAM, Rule(), EngineSettings())
    assert onsets(done, "drums")[:12] == [float(beat) for beat in range(12)]


def test_a_tempo_outside_what_a_player_may_set_is_followed_in_a_file() -> None:
    tempos = (TempoChange(0, 3_000_000), TempoChange(2 * TPB, 150_000))
    done = render(song(QUARTERS, tempos), duo(), Mode.JAM, Rule(), EngineSettings())
    assert onsets(done, "drums")[:12] == [float(beat) for beat in range(12)]


def test_harmony_enters_at_the_second_bar_in_three_four() -> None:
    done = render(song(QUARTERS, metres=(MetreChange(0, Metre(3, 4)),)), duo(), Mode.JAM, Rule(), EngineSettings())
    assert onsets(done, "bass")[0] == 3.0


def test_a_given_tempo_replaces_the_files() -> None:
    faster = at_tempo(song(QUARTERS), 240)
    assert faster.seconds == song(QUARTERS).seconds / 2
    assert [m.tick for m in faster.messages] == [m.tick for m in song(QUARTERS).messages]


def test_the_same_song_renders_to_the_same_lines() -> None:
    first, second = (render(song(QUARTERS), duo(), Mode.JAM, Rule(), EngineSettings()) for _ in range(2))
    assert first == second


def test_every_note_of_a_performance_ends() -> None:
    done = render(song(QUARTERS), duo(), Mode.JAM, Rule(), EngineSettings())
    held: set[tuple[int, int]] = set()
    for _, _, message in done.lines:
        key = (message.channel, message.data1)
        (held.add if message.starts_note else held.discard)(key)
    assert held == set()


def test_the_melody_of_a_song_is_one_pitch_per_step() -> None:
    roll = heard_of(song([(0.0, 1.0, 60), (1.0, 0.5, 64), (1.5, 0.5, 64)])).melody
    assert roll.pitch.tolist() == [60, 60, 60, 60, 64, 64, 64, 64]
    assert [i for i, onset in enumerate(roll.onset) if onset] == [0, 4, 6]


def test_of_two_hands_the_settings_say_which_is_melody_and_which_is_chords() -> None:
    hands = song([(0.0, 2.0, 48), (0.0, 2.0, 51), (0.0, 2.0, 55), (0.0, 1.0, 72), (1.0, 1.0, 74)])
    bottom = heard_of(hands, settings=EngineSettings(melody="bottom")).melody
    assert set(bottom.pitch.tolist()) == {48}
    top, chords, _ = heard_of(hands, settings=EngineSettings(left_hand=True))
    assert top.pitch.tolist() == [72] * 4 + [74] * 4
    assert chords is not None
    assert str(chords.chords[-1].chord) == "Cm"


def bars_played(performance: RenderedPerformance, part: str) -> set[int]:
    return {int(beat // 4) for beat in onsets(performance, part)}


RESTS = [*((float(b), 0.9, 60 + b % 5) for b in range(9, 20)), *((float(b), 0.9, 60 + b % 5) for b in range(76, 84))]
"""A tune that begins in bar 3 and rests from bar 6 to bar 19"""


def test_in_jam_a_rest_inside_the_piece_does_not_end_the_band() -> None:
    done = render(song(RESTS), duo(), Mode.JAM, Rule(), EngineSettings())
    assert bars_played(done, "drums") >= set(range(2, 21))
    assert bars_played(done, "bass") >= set(range(3, 21))
    assert max(bars_played(done, "drums")) == 21, "the last chord's bar"


def test_in_both_modes_the_band_begins_in_the_bar_that_the_tune_begins_in() -> None:
    late = song([(90.0 + beat, 0.9, 60) for beat in range(30)])
    for mode in Mode:
        assert min(bars_played(render(late, duo(), mode, Rule(), EngineSettings()), "drums")) == 22


def test_in_phrase_a_tune_after_bars_of_silence_is_accompanied_like_one_that_begins_at_once() -> None:
    bars = 30
    metres = (MetreChange(0, Metre(4, 4)), MetreChange(bars * 4 * TPB, Metre(3, 4)))
    late = render(
        song([(beat + 4 * bars, length, pitch) for beat, length, pitch in QUARTERS], metres=metres),
        duo(), Mode.PHRASE, Rule(), EngineSettings(left_hand=True),
    )  # fmt: skip
    waltz = (MetreChange(0, Metre(3, 4)),)
    soon = render(song(QUARTERS, metres=waltz), duo(), Mode.PHRASE, Rule(), EngineSettings(left_hand=True))
    for part in ("drums", "bass"):
        assert [beat - 4 * bars for beat in onsets(late, part)] == onsets(soon, part)


PULLING = [(beat * 1.06, 0.5, 60 + beat % 5) for beat in range(64)]
"""A player 6 % slower than the file says"""


def test_in_jam_the_band_follows_a_player_off_the_files_tempo_where_that_is_set() -> None:
    kept = onsets(render(song(PULLING), duo(), Mode.JAM, Rule(), EngineSettings()), "drums")
    followed = onsets(render(song(PULLING), duo(), Mode.JAM, Rule(), EngineSettings(follow=True)), "drums")
    assert kept == [float(beat) for beat in range(len(kept))]
    own = [beat for beat, _, _ in PULLING[16:60]]
    assert all(min(abs(beat - drum) for drum in followed) < 0.06 for beat in own)


TRIADS = [(0.0, 3.9, 48), (0.0, 3.9, 52), (0.0, 3.9, 55), (4.0, 3.9, 53), (4.0, 3.9, 57), (4.0, 3.9, 60)]


class ByTheHands:
    """Follows the chords that the player plays, and has F sharp where there are none."""

    def compose(self, request: Request) -> Composed:
        own = ChordPlan((PlannedChord(0, 400, Chord(6)),), key=0)
        return replace(echo_bass(request), plan=own.led_by(request.plan))


def test_chords_held_below_a_melody_are_the_plan_in_both_modes_without_any_setting() -> None:
    tune = [(float(beat), 0.9, 72 + beat % 3) for beat in range(8)]
    for mode in Mode:
        done = render(song(tune + TRIADS), duo(), mode, ByTheHands(), EngineSettings())
        plan = done.chords
        assert [str(plan.at(step).chord) for step in (0, 8, 16, 28)] == ["C", "C", "F", "F"]  # type: ignore[union-attr]


def test_the_chords_become_a_track_of_texts_and_lines_of_bars() -> None:
    tune = [(float(beat), 0.9, 72 + beat % 3) for beat in range(8)]
    done = render(song(tune + TRIADS), duo(), Mode.PHRASE, ByTheHands(), EngineSettings())
    track = chord_track(done)
    assert track.texts == ((0, "C"), (4 * TPB, "F"))
    assert lead_sheet(done) == "| C | F |"


def test_a_chart_whose_metre_changes_brings_its_metres_into_the_file() -> None:
    chart = read_text("title: T\ntempo: 120\n| C | (3/4) F | G7 | (4/4) C |\n")
    done = render(backing(chart, 100), duo(), Mode.JAM, Rule(), EngineSettings(), chart=chart, choruses=2)
    metres = [(change.tick * 4 // done.axis.ticks_per_beat, str(change.metre)) for change in done.axis.metres]
    assert metres[:5] == [(0, "4/4"), (16, "3/4"), (40, "4/4"), (72, "3/4"), (96, "4/4")]
    assert all(change.tick <= done.end_tick for change in done.axis.metres)
