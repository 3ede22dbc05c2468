"""The conductor: waits on the inbox, plays what is due, and passes commands to the band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf

from composerd.engine.band import PEDAL_UP, Band
from composerd.engine.command_table import Command
from composerd.engine.commands import TABLE
from composerd.engine.commands.mixer import SetInstrument
from composerd.engine.commands.song import SetListEntry
from composerd.engine.controls.current_keyboard import CurrentKeyboard
from composerd.engine.messages import (
    ClockHeard,
    Composed,
    ControlsChanged,
    Crashed,
    Delegated,
    Finish,
    GenreLoaded,
    HoldKeyboard,
    Inbox,
    KeyboardChanged,
    KeyboardMessage,
    LoopsKept,
    Message,
    Mode,
    PresetLoaded,
    SetEngine,
    SetListMoved,
    Snapshot,
    SongbookLoaded,
    SongLoaded,
    Stop,
    TimedCommand,
)
from composerd.engine.mode import End
from composerd.engine.outlook import Outlook
from composerd.engine.output.stage import Stage
from composerd.engine.ports import Composer
from composerd.engine.settings import EngineSettings
from composerd.engine.tempo.band_clocks import BandClocks
from composerd.engine.tempo.clock_out import Send
from composerd.engine.transposition import KeyTransposer
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.metre import BarGrid
from composerd.music.midi import PROGRAM, note_off
from composerd.music.tempo import Tempo

HEARTBEAT = 1.0
"""longest wait [s], after which the supervisor gets a sign of life"""
VIEW_SECONDS = 0.01
"""time before the next deadline that is needed to compute the view and send it, so that it delays no note [s]"""


@dataclass(frozen=True, slots=True)
class Start:
    """How a conductor begins."""

    mode: Mode = Mode.JAM
    bpm: float = 100.0
    grid: BarGrid = field(default_factory=BarGrid)
    fixed_at: float | None = None
    """second of bar 1, beat 1 where the bars are given (a file, a clock); None: the first key is"""
    rests_end: bool = True
    """whether bars without a key end the band; for a file, only its end does"""


class Conductor:
    """Owns the musical state: takes messages from the inbox and plays what is due."""

    def __init__(
        self,
        inbox: Inbox,
        composer: Composer,
        stage: Stage,
        settings: EngineSettings,
        start: Start,
        report: Callable[[Snapshot], None] = lambda _: None,
        delegate: Callable[[Delegated], None] = lambda _: None,
        clock: Send = lambda _, __: None,
        view: Callable[[Callable[[], Outlook]], None] = lambda _: None,
    ) -> None:
        """`delegate` gets the commands that the app carries out; `clock` sends MIDI clock if the settings say so.

        `view` is called when the outlook has changed, with the function that computes it.
        """
        self._inbox, self._composer, self._stage, self._settings = inbox, composer, stage, settings
        self._publish, self._view = report, view
        self._given = start.fixed_at is not None
        self._keyboard = CurrentKeyboard(self._current)
        self._by_rules: dict[str, str] = {}
        """genre whose model failed -> the reason; the rules of `plain` play it"""
        self._keys = KeyTransposer()
        self.band = Band(
            stage,
            composer,
            TABLE,
            settings,
            start.mode,
            Tempo(start.bpm, start.fixed_at or 0.0),
            start.grid,
            given=self._given,
            rests_end=start.rests_end,
            now=inbox.now,
            report=self._report,
            delegate=delegate,
        )
        self._due: float | None = None
        """the mode's next deadline; None if it has to be asked for again"""
        self._unseen = False
        """whether the plan has changed since the view was computed"""
        self._clocks = BandClocks(self.band, clock)
        self._handlers: dict[type, Callable[..., None]] = {
            KeyboardMessage: self._heard,
            Composed: self._composed,
            Crashed: self._crashed,
            KeyboardChanged: self._keyboard_changed,
            Finish: lambda _: self.band.finish(),
            Stop: self._stop,
            SetEngine: self._set_engine,
            GenreLoaded: self._genre_loaded,
            SongLoaded: self._song_loaded,
            LoopsKept: lambda kept: self.band.set_loops(kept.slots),
            PresetLoaded: self._preset_loaded,
            SetListMoved: self._set_list_moved,
            SongbookLoaded: lambda loaded: self.band.set_book(loaded.book),
            ClockHeard: self._clock_heard,
            HoldKeyboard: self._hold_keyboard,
            ControlsChanged: self._keyboard.set_controls,
            TimedCommand: lambda asked: self._carry_out(asked.command, asked.at),
        }

    def run(self, alive: Callable[[float, float], None] = lambda *_: None) -> None:
        """Play until stopped. In every case, errors included, all sounding notes are released and the sinks closed.

        `alive` is called with the moment and the mode's next deadline in every iteration, at least every HEARTBEAT.
        """
        try:
            self._report(self._inbox.now())
            while not self.over:
                self.step()
                alive(self._inbox.now(), self._next_due())
        finally:
            now = self._inbox.now()
            self.band.mode.end(End.NOW, now)
            self._clocks.stop(now)
            self._stage.release_player(now)
            self._composer.close()
            self._stage.close()

    @property
    def over(self) -> bool:
        """Whether the program was stopped, or the end was requested and nothing is left to play."""
        ends_at = self.band.ends_at
        return ends_at < inf and (not self.band.mode.playing or self._inbox.now() >= ends_at)

    def step(self) -> None:
        """Wait for the next message or deadline and process it."""
        mode = self.band.mode
        until = min(self._next_due(), self._clocks.deadline(self._settings.clock_out), self.band.ends_at)
        if not self._given:
            until = min(until, self._inbox.now() + HEARTBEAT)
        if self._unseen and until - self._inbox.now() >= VIEW_SECONDS:
            self._unseen = False
            self._view(lambda: self.band.outlook(self._inbox.now()))
        message = self._inbox.receive(until)
        if message is None:
            self._due = mode.tick(self._inbox.now())
        else:
            self._due = None
            self.handle(message)
        if self._clocks.tend(self._inbox.now(), self._settings.clock_out):
            self._due = None

    def _next_due(self) -> float:
        """The moment at which the mode has something to do next."""
        if self._due is None:
            self._due = self.band.mode.deadline()
        return self._due

    def handle(self, message: Message) -> None:
        if isinstance(message, Command):
            self._carry_out(message, self._inbox.now())
        else:
            self._handlers[type(message)](message)

    def _carry_out(self, command: Command, at: float) -> None:
        """Carry out a command given at `at` and report the new state."""
        self.band.led = self._clocks.leading
        command.apply(self.band, at)
        self.band.changed()
        self._report(self._inbox.now())

    def _heard(self, heard: KeyboardMessage) -> None:
        message, mode = heard.message, self.band.mode
        if self._keyboard.ignored and heard.mapped:
            return
        if (commands := self._keyboard.commands(heard)) is not None:
            for command in commands:
                self._carry_out(command, heard.at)
            return
        if message.kind == PROGRAM and self.band.set_list.name:
            self._carry_out(SetListEntry(message.data1 + 1), heard.at)
            return
        sounds, heard_by_band = self._keys.read(message, self.band.choices.transposition)
        self._stage.player(heard.at, sounds, mode.beat_at(heard.at))
        mode.tick(heard.at)
        if self.band.ends_at == inf or not message.starts_note:  # the program ends: keys start nothing
            mode.heard(heard.at, heard_by_band)

    def _current(self, command: Command) -> float | None:
        """Current value of the quantity that `command` sets; None if it sets none."""
        found = command.current(self.band)
        return float(found) if isinstance(found, int | float) else None

    def _composed(self, answer: Composed) -> None:
        if answer.problem:
            self._by_rules[self._stage.genre.name] = answer.problem
        self.band.mode.composed(answer, self._inbox.now())
        self._unseen = True

    def _keyboard_changed(self, change: KeyboardChanged) -> None:
        self._keyboard.change(change)
        if change.name is None:
            self._release_keyboard(change.at)
        self._report(change.at)

    def _hold_keyboard(self, message: HoldKeyboard) -> None:
        """Ignore the keyboard, or no longer; held notes are released, since their note-offs may be ignored."""
        self._keyboard.ignored = message.on
        if message.on:
            self._release_keyboard(self._inbox.now())

    def _preset_loaded(self, message: PresetLoaded) -> None:
        self.band.preset = message.name
        self._keyboard.set_preset(message.controls)
        self.band.mixer.reset(self.band.genre_ahead)
        for command in message.commands:
            if isinstance(command, SetInstrument):  # the preset's genre may still wait for its bar line
                command.choose(self.band, self.band.genre_ahead)
            else:
                self._carry_out(command, self._inbox.now())
        self.band.mix()
        self.band.changed()
        self._report(self._inbox.now())

    def _set_list_moved(self, message: SetListMoved) -> None:
        self.band.set_list = message
        self.band.changed()
        self._report(self._inbox.now())

    def _release_keyboard(self, at: float) -> None:
        """Release the keys and pedals that the keyboard held."""
        self._stage.release_player(at)
        for pitch in self._keys.release_all():
            self.band.mode.heard(at, note_off(PLAYER_CHANNEL, pitch))
        self.band.mode.heard(at, PEDAL_UP)

    def _crashed(self, message: Crashed) -> None:
        raise message.error

    def _stop(self, _: Stop) -> None:
        self.band.ends_at = self._inbox.now()

    def _clock_heard(self, clock: ClockHeard) -> None:
        if self._settings.sync == "midi":
            self._clocks.heard(clock, self._inbox.now())

    def _set_engine(self, message: SetEngine) -> None:
        self._settings = message.settings
        self.band.set_settings(message.settings)

    def _genre_loaded(self, message: GenreLoaded) -> None:
        now = self._inbox.now()
        self._by_rules.pop(message.genre.name, None)
        if message.notice:
            self._by_rules[message.genre.name] = message.notice
        self.band.set_genre(message.genre)
        self._report(now)

    def _song_loaded(self, message: SongLoaded) -> None:
        self.band.play_song(message)
        self._report(self._inbox.now())

    def _report(self, at: float) -> None:
        snapshot = self.band.snapshot(at, self._keyboard.name)
        if problem := self._by_rules.get(snapshot.genre):
            snapshot = replace(snapshot, notes=(*snapshot.notes, f"plays by rules ({problem})"))
        self._publish(snapshot)
        self._unseen = True
