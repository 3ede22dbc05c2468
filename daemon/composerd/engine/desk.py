"""The player's desk: what the controls choose, between the keyboard and the way of playing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from composerd.engine.controls import ControlMap, ControlReader
from composerd.engine.form import AUTO, Choices
from composerd.engine.messages import (
    Break,
    ChooseGenre,
    Command,
    Delegated,
    Fill,
    KeyboardChanged,
    Mute,
    Panic,
    SaveTake,
    SetCreativity,
    SetFollow,
    SetLeftHand,
    SetMetronome,
    SetPace,
    SetPan,
    SetSwing,
    SetTempo,
    SetVariation,
    SetVolume,
    Snapshot,
    Solo,
    StepGenre,
    StopBand,
    Tap,
    ToggleBand,
)
from composerd.engine.stage import Stage
from composerd.engine.tap import TapTempo
from composerd.music.midi import Midi

PANIC_WITHIN = 0.7
"""seconds between two presses of Stop that mean panic"""
Direct = Fill | Break | SetPace
"""commands that only a running performance can answer"""


class Act(Protocol):
    """What the desk asks of a way to play."""

    @property
    def bpm(self) -> float: ...
    def toggle(self, at: float) -> None: ...
    def stop(self, at: float) -> None: ...
    def direct(self, command: Direct) -> None: ...
    def beat_tapped(self, at: float, bpm: float) -> None: ...


class Desk:
    def __init__(
        self,
        act: Callable[[], Act],
        stage: Stage,
        choices: Choices,
        now: Callable[[], float],
        carry_out: Callable[[Command], None],
        pages: Callable[[str | None, str], ControlMap] = lambda _, __: ControlMap(),
        delegate: Callable[[Delegated], None] = lambda _: None,
    ) -> None:
        """`pages` finds a keyboard's control page by port name and USB id; `delegate` gets what the app must do."""
        self._act, self._stage, self._now = act, stage, now
        self._carry_out, self._pages, self._delegate = carry_out, pages, delegate
        self._choices = choices
        self._reader = ControlReader(pages(None, ""))
        self._tap = TapTempo()
        self._stopped_at = float("-inf")

    def handlers(self) -> dict[type, Callable[..., None]]:
        return {
            ToggleBand: lambda command: self._act().toggle(command.at),
            StopBand: self._stop,
            Tap: self._tapped,
            SetVolume: self._set_volume,
            SetPan: self._set_pan,
            SetSwing: self._set_swing,
            SetMetronome: self._set_metronome,
            SetCreativity: lambda command: self._direct(creativity=min(1.0, max(0.0, command.amount))),
            SetVariation: self._set_variation,
            SetFollow: self._set_follow,
            SetLeftHand: self._set_left_hand,
            Mute: self._mute,
            Solo: self._mute,
            **dict.fromkeys((Fill, Break, SetPace), lambda command: self._act().direct(command)),
            **dict.fromkeys((SaveTake, StepGenre, ChooseGenre), self._delegate),
        }

    def keyboard_changed(self, change: KeyboardChanged) -> None:
        """Another keyboard, another page; the same one again picks its knobs up anew."""
        if change.name is not None:
            self._reader = ControlReader(self._pages(change.name, change.usb))

    def takes(self, at: float, message: Midi) -> bool:
        """Carry out what `message` commands; False where it is music."""
        commands = self._reader.read(at, message, self._values())
        for command in commands or ():
            self._carry_out(command)
        return commands is not None

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """With what the player chose."""
        choices, mixer = self._choices, self._stage.mixer
        chosen = choices.directions.variation
        now = f"{AUTO} {snapshot.variation}".strip()
        return replace(
            snapshot,
            variation=now if chosen == AUTO else chosen,
            muted=mixer.muted,
            solo=mixer.solos,
            follow=choices.follow,
            left_hand=choices.left_hand,
        )

    def _values(self) -> Mapping[str, float]:
        mixer = self._stage.mixer
        parts = {one.part for one in self._reader.page.controls if one.part}
        return {
            "tempo": self._act().bpm,
            "band_volume": mixer.band,
            "master_volume": mixer.master,
            "creativity": self._choices.directions.creativity,
            "swing": self._stage.genre.feel.swing,
            **{f"part_volume {part}": mixer.level(part) for part in parts},
            **{f"pan {part}": mixer.place(part) for part in parts},
        }

    def _stop(self, command: StopBand) -> None:
        again = 0 <= command.at - self._stopped_at <= PANIC_WITHIN
        self._stopped_at = command.at
        if again:
            self._carry_out(Panic())
        else:
            self._act().stop(command.at)

    def _tapped(self, tap: Tap) -> None:
        bpm = self._tap.tap(tap.at)
        if bpm is not None:
            self._carry_out(SetTempo(bpm))
            if self._tap.on_beat:
                self._act().beat_tapped(tap.at, bpm)

    def _set_volume(self, command: SetVolume) -> None:
        self._stage.mixer.set_volume(command.who, min(1.0, max(0.0, command.level)))
        self._stage.mix(self._now())

    def _set_pan(self, command: SetPan) -> None:
        self._stage.mixer.set_place(command.who, min(1.0, max(-1.0, command.place)))
        self._stage.mix(self._now())

    def _set_swing(self, command: SetSwing) -> None:
        self._stage.set_swing(None if command.amount is None else min(1.0, max(0.0, command.amount)))

    def _set_metronome(self, command: SetMetronome) -> None:
        self._choices.metronome = not self._choices.metronome if command.on is None else command.on

    def _mute(self, command: Mute | Solo) -> None:
        turn = self._stage.mixer.mute if isinstance(command, Mute) else self._stage.mixer.solo
        turn(command.part, command.on)
        self._stage.mix(self._now())

    def _set_variation(self, command: SetVariation) -> None:
        other = "A" if self._choices.directions.variation == "B" else "B"
        name = command.name or other
        if name in ("A", "B", AUTO):
            self._direct(variation=name)

    def _direct(self, **changes: object) -> None:
        self._choices.directions = replace(self._choices.directions, **changes)  # type: ignore[arg-type]  # by name

    def _set_follow(self, command: SetFollow) -> None:
        self._choices.follow = not self._choices.follow if command.on is None else command.on

    def _set_left_hand(self, command: SetLeftHand) -> None:
        self._choices.left_hand = not self._choices.left_hand if command.on is None else command.on
