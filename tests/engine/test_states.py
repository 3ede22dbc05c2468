"""Mode, metre and settings change in the middle of a count-in, a break or an ending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from composerd.engine.commands.band import SetMode, StartBand, ToggleBand
from composerd.engine.commands.form import Break
from composerd.engine.commands.time import SetMetre
from composerd.engine.messages import KeyboardMessage, Message, SetEngine
from composerd.engine.settings import EngineSettings
from composerd.music.midi import note_off, note_on
from fakes import overlaps
from performed import Line, Performed

COUNTED = EngineSettings(count_in_bars=1)


class Evening(Performed):
    """The same with a count-in."""

    def __init__(self, lines: list[Line], until: float = 20.0, settings: EngineSettings = COUNTED) -> None:
        super().__init__(lines, until, settings=settings)

    def clicks(self) -> list[float]:
        return [p.at for p in self.sink.heard if p.is_click and p.message.starts_note]


def key(at: float, pitch: int = 60, length: float = 0.4) -> list[Line]:
    return [
        (at, KeyboardMessage(at, note_on(1, pitch, 80))),
        (at + length, KeyboardMessage(at + length, note_off(1, pitch))),
    ]


def keys(first: float, until: float) -> list[Line]:
    return [line for beat in range(int((until - first) / 0.5)) for line in key(first + beat * 0.5)]


COUNT_IN: list[Line] = [(0.0, StartBand())]
"""clicks until second 2"""
BREAK: list[Line] = [*keys(0.0, 9.9), (2.5, Break())]
"""silence from second 4 to 6"""
ENDING: list[Line] = [*keys(0.0, 3.9), (4.6, ToggleBand())]
"""the last chord falls on second 6 and rings to second 8"""
SITUATIONS = {"count-in": (COUNT_IN, 1.2), "break": (BREAK, 4.7), "ending": (ENDING, 5.2), "last chord": (ENDING, 6.7)}
CHANGES: dict[str, Callable[[], Message]] = {
    "mode": lambda: SetMode(),
    "metre": lambda: SetMetre("3/4"),
    "settings": lambda: SetEngine(replace(COUNTED, final_chord=False, swing=1.0, follow=True, dynamics=0.0)),
}


@pytest.mark.parametrize("change", list(CHANGES))
@pytest.mark.parametrize("situation", list(SITUATIONS))
def test_a_change_in_between_leaves_no_note_and_the_next_key_is_answered(situation: str, change: str) -> None:
    lines, at = SITUATIONS[situation]
    evening = Evening([*lines, (at, CHANGES[change]()), *key(15.0, 72, 1.0)], 24.0)
    assert evening.sink.sounding == set()
    assert overlaps(played.message for played in evening.sink.heard) == []
    assert (15.0, 72) in evening.sink.onsets(None)
    assert any(at > 15.0 for at in evening.drums()), "the band, or the answer to a phrase"


def test_another_mode_ends_a_count_in() -> None:
    evening = Evening([*COUNT_IN, (1.2, SetMode())])
    assert evening.clicks() == [0.0, 0.5, 1.0]
    assert evening.drums() == []
    assert evening.shown[-1].state == "ready"


def test_another_mode_silences_a_break_and_the_next_key_begins_a_phrase() -> None:
    evening = Evening([*BREAK, (4.7, SetMode("phrase"))], 5.5)
    assert evening.drums()[-1] < 4.0
    assert evening.shown[-2].state == "listening"


@pytest.mark.parametrize("at", [5.2, 6.7])
def test_another_mode_silences_an_ending_at_once(at: float) -> None:
    evening = Evening([*ENDING, (at, SetMode())], 12.0)
    assert max(p.at for p in evening.sink.heard if p.part is not None) <= at
    assert evening.shown[-1].state == "ready"


def test_a_metre_set_in_the_count_in_holds_from_bar_one_and_the_count_in_goes_on() -> None:
    evening = Evening([*COUNT_IN, (1.2, SetMetre("3/4")), *keys(2.0, 11.9)], 12.0)
    assert evening.clicks() == [0.0, 0.5, 1.0, 1.5]
    assert evening.drums()[0] == 2.0
    bars = {(snapshot.bar, snapshot.beat) for snapshot in evening.shown if snapshot.bar}
    assert max(beat for _, beat in bars) == 3
    assert {"3/4"} == {snapshot.metre for snapshot in evening.shown if snapshot.bar > 1}


def test_a_metre_set_in_a_break_holds_from_the_next_bar_line_and_the_break_lasts_its_bar() -> None:
    evening = Evening([*BREAK, (4.7, SetMetre("3/4"))], 9.9)
    assert [at for at in evening.drums() if 3.9 < at < 6.1] == [6.0]
    last = evening.shown[-2]
    assert (last.metre, last.bar) == ("3/4", 6)


def test_a_metre_set_in_an_ending_leaves_the_last_chord_where_it_was() -> None:
    evening = Evening([*ENDING, (5.2, SetMetre("3/4"))], 12.0)
    assert evening.composer.requests[-1].directions.ending_at == 48
    assert max(at for at, _ in evening.sink.onsets(1)) < 7.5, "it rings for a bar of the new metre"
    assert evening.shown[-1].state == "ready"


def test_settings_read_again_in_a_count_in_hold_from_bar_one() -> None:
    later = replace(COUNTED, harmony_entry_bars=0, metronome=True)
    evening = Evening([*COUNT_IN, (1.2, SetEngine(later)), *keys(2.0, 7.9)], 8.0)
    assert evening.drums()[0] == 2.0
    assert [at for at in evening.clicks() if at >= 4.0][:4] == [4.0, 4.5, 5.0, 5.5], "from the next bar on"


def test_settings_read_again_in_an_ending_may_spare_its_last_chord() -> None:
    evening = Evening([*ENDING, (5.2, SetEngine(replace(COUNTED, final_chord=False)))], 12.0)
    ends = [played.at for played in evening.sink.heard if played.part is not None]
    assert max(ends) < 8.0
    assert evening.shown[-1].state == "ready"


def test_settings_read_again_in_a_break_do_not_end_it() -> None:
    evening = Evening([*BREAK, (4.7, SetEngine(replace(COUNTED, plan_ahead_steps=16, grace_ms=0.0)))], 9.9)
    assert [at for at in evening.drums() if 3.9 < at < 6.1] == [6.0]
