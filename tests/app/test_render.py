from __future__ import annotations

from composerd.app.render import Performance, at_tempo, heard_of, render
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.settings import EngineSettings
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.song import Axis, MetreChange, Song, SongMessage, TempoChange
from fakes import duo, echo_bass

TPB = 480


class Rule:
    def compose(self, request: Request) -> Composed:
        return echo_bass(request)


def song(
    notes: list[tuple[float, float, int]],
    tempos: tuple[TempoChange, ...] = (TempoChange(0, 500_000),),
    metres: tuple[MetreChange, ...] = (MetreChange(0, Metre(4, 4)),),
) -> Song:
    """Notes as (beat, beats, pitch)."""
    axis = Axis(TPB, tempos, metres)
    events = []
    for beat, length, pitch in notes:
        events.append((round(beat * TPB), 1, note_on(3, pitch, 80)))
        events.append((round((beat + length) * TPB), 0, note_off(3, pitch)))
    ordered = sorted(events, key=lambda event: event[:2])
    messages = tuple(SongMessage(tick, axis.second_at(tick), message) for tick, _, message in ordered)
    return Song(axis, "lead", messages, ordered[-1][0])


def onsets(performance: Performance, part: str | None) -> list[float]:
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
    roll, _ = heard_of(song([(0.0, 1.0, 60), (1.0, 0.5, 64), (1.5, 0.5, 64)]))
    assert roll.pitch.tolist() == [60, 60, 60, 60, 64, 64, 64, 64]
    assert [i for i, onset in enumerate(roll.onset) if onset] == [0, 4, 6]


def test_of_two_hands_the_settings_say_which_is_melody_and_which_is_chords() -> None:
    hands = song([(0.0, 2.0, 48), (0.0, 2.0, 51), (0.0, 2.0, 55), (0.0, 1.0, 72), (1.0, 1.0, 74)])
    bottom, _ = heard_of(hands, settings=EngineSettings(melody="bottom"))
    assert set(bottom.pitch.tolist()) == {48}
    top, chords = heard_of(hands, settings=EngineSettings(left_hand=True))
    assert top.pitch.tolist() == [72] * 4 + [74] * 4
    assert chords is not None
    assert str(chords.chords[-1].chord) == "Cm"
