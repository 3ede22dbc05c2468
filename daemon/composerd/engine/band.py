"""The band that commands act on: performance mode, mixer and the player's choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from composerd.engine.choices import AUTO, Choices
from composerd.engine.command_table import CurrentValue, Table
from composerd.engine.controls.tap import TapTempo
from composerd.engine.jam.mode import Jam
from composerd.engine.messages import Delegated, KeepPreset, Mode, SetListMoved, Snapshot, SongLoaded
from composerd.engine.mode import Cue, End, PerformanceMode
from composerd.engine.outlook import Outlook
from composerd.engine.output.mixer import Mixer
from composerd.engine.output.stage import Stage
from composerd.engine.output.touch import Touch
from composerd.engine.phrase.mode import Phrase
from composerd.engine.ports import Composer
from composerd.engine.preset import preset_values
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.song.chord_loops import ChordLoops
from composerd.engine.transposition import Transposition
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.harmony.key import Key
from composerd.music.metre import BarGrid, Metre
from composerd.music.midi import SUSTAIN_PEDAL, control
from composerd.music.songbook import Songbook
from composerd.music.tempo import MAX_BPM, MIN_BPM, Tempo

PANIC_WITHIN = 0.7
"""seconds within which a second press of Stop means panic"""
LONGEST_ENDING = 8.0
"""seconds that a last chord may ring before the program ends anyway: a supervisor waits ten"""
PEDAL_UP = control(PLAYER_CHANNEL, SUSTAIN_PEDAL, 0)


class Band:
    """What commands and the conductor change and ask: the mode, the mixer, the choices, song, preset and set list."""

    def __init__(
        self,
        stage: Stage,
        composer: Composer,
        table: Table,
        settings: EngineSettings,
        mode: Mode,
        tempo: Tempo,
        grid: BarGrid,
        given: bool,
        rests_end: bool,
        now: Callable[[], float],
        report: Callable[[float], None],
        delegate: Callable[[Delegated], None],
    ) -> None:
        """`given`: bars are those of `tempo` and `grid` (a file's); `rests_end`: bars without a key end the band.

        `delegate` gets the commands that the app carries out.
        """
        self.stage, self.chosen_mode, self.choices, self.delegate = stage, mode, Choices.of(settings), delegate
        self._composer, self._table, self._settings, self._grid = composer, table, settings, grid
        self._given, self._rests_end = given, rests_end
        self._now, self._report = now, report
        self._tap, self._stopped_at = TapTempo(), -inf
        self.ends_at = inf
        """the moment at which the program ends [s]; infinity until the end is requested"""
        self.led = False
        """whether another machine's MIDI clock sets the tempo"""
        self.state = stage.state
        """genre, swing and mixer"""
        self.state.set_swing(settings.swing)
        stage.transpose(self.choices.transposition.band, now())
        self._loops = ChordLoops(self)
        self.preset = ""
        """name of the preset that was applied last"""
        self.genre_ahead = stage.genre
        """the genre that plays, or the one that follows it at the next bar line"""
        self.set_list = SetListMoved()
        self.mode = self._new_mode(tempo)
        self.changed()

    # -- called by commands

    @property
    def mixer(self) -> Mixer:
        """The mixer; call `mix` after a change."""
        return self.state.mixer

    @property
    def metre(self) -> Metre:
        """The metre of the next bars."""
        return self._grid.place(0).metre

    def mix(self) -> None:
        """Send the mixer's state to the sinks."""
        self.stage.mix(self._now())

    def choose(
        self, *, follow: bool | None = None, left_hand: bool | None = None, metronome: bool | None = None
    ) -> None:
        """Replace the given choices."""
        given = self.choices
        self.choices = replace(
            given,
            follow=given.follow if follow is None else follow,
            left_hand=given.left_hand if left_hand is None else left_hand,
            metronome=given.metronome if metronome is None else metronome,
        )

    def direct(self, *, variation: str | None = None, creativity: float | None = None) -> None:
        """Replace the given directions for the generator."""
        given = self.choices.directions
        directions = replace(
            given,
            variation=given.variation if variation is None else variation,
            creativity=given.creativity if creativity is None else creativity,
        )
        self.choices = replace(self.choices, directions=directions)

    def transpose(self, *, keys: int | None = None, band: int | None = None) -> None:
        """Set the given transpositions [semitones]; held keys keep theirs."""
        given = self.choices.transposition
        new = Transposition(given.keys if keys is None else keys, given.band if band is None else band)
        self.choices = replace(self.choices, transposition=new)
        self.stage.transpose(new.band, self._now())

    def set_key(self, key: Key | None) -> None:
        """Set the key the player plays in; None: it is estimated."""
        self.choices = replace(self.choices, directions=replace(self.choices.directions, key=key))

    def set_tempo(self, bpm: float, beat_at: float | None = None) -> None:
        """Play at `bpm`, unless another machine leads; `beat_at` is a moment on which a beat was tapped."""
        if not self.led:
            limited = bpm if self._given else min(MAX_BPM, max(MIN_BPM, bpm))  # a file's tempo is what it is
            self.mode.retune(limited, self._now(), beat_at)

    def set_metre(self, metre: Metre) -> None:
        """Set the metre from the next bar line on; at once if a bar line is now."""
        self._grid = BarGrid.of(metre)
        self.mode.change(metre, self._now())

    def set_mode(self, mode: str | None) -> None:
        """Change to `mode`, None: the other one; the running performance is silenced."""
        other = Mode.JAM if self.chosen_mode is Mode.PHRASE else Mode.PHRASE
        wanted = Mode(mode) if mode else other
        if wanted is not self.chosen_mode:
            self.mode.end(End.NOW, self._now())
            self.chosen_mode = wanted
            self.mode = self._new_mode(self.mode.tempo)

    def tapped(self, at: float) -> None:
        """Take a tap at `at`, which is a beat unless it is an outlier."""
        bpm = self._tap.tap(at)
        if bpm is not None:
            self.set_tempo(bpm, at if self._tap.on_beat else None)

    def stop(self, at: float) -> None:
        """The Stop control: end with a last chord; twice within PANIC_WITHIN seconds: panic."""
        again = 0 <= at - self._stopped_at <= PANIC_WITHIN
        self._stopped_at = at
        if again:
            self.panic()
        else:
            self.mode.carry_out(Cue.STOP, at)

    def panic(self) -> None:
        now = self._now()
        self.mode.end(End.NOW, now)
        self.stage.release_player(now)
        self.mode.heard(now, PEDAL_UP)
        self.stage.panic(now)

    def finish(self) -> None:
        """End the music with a last chord, then the program."""
        now = self._now()
        self.ends_at = min(self.ends_at, now + LONGEST_ENDING)
        self.mode.end(End.NEXT_BEAT, now)

    def turn_loop(self, slot: str) -> None:
        """Advance the chord loop of `slot`: record it, play the recorded or kept one, or leave it."""
        if not self._given:
            self._loops.turn(slot)

    def keep_preset(self, name: str | None) -> None:
        """Save the current state as the preset `name`, else as the one applied last."""
        if wanted := name or self.preset:
            self.preset = wanted
            self.delegate(KeepPreset(wanted, preset_values(self.choices, self.state, self.mode.bpm, self.metre)))

    def clear_loop(self, slot: str) -> None:
        """Delete the chord loop of `slot`; if it plays or is recorded, leave it first."""
        self._loops.clear(slot)

    @property
    def loop_state(self) -> str:
        """`off`, `recording N` or `looping N`."""
        return self._loops.state

    # -- called by the conductor

    def set_loops(self, slots: frozenset[str]) -> None:
        """Set the slots that hold a chord loop."""
        self._loops.kept = slots

    def set_genre(self, genre: Genre) -> None:
        """Play `genre` from the next bar line on."""
        self.genre_ahead = genre
        self.mode.change(genre, self._now())

    def play_song(self, chosen: SongLoaded, first: int | None = None) -> None:
        """Play by a chart or by none from the bar line `first` on, else from the next one.

        Its tempo and metre are taken over if the band does not play yet.
        """
        self.choices = replace(self.choices, song=chosen.chart, choruses=chosen.choruses)
        self.choices = replace(self.choices, song_name=chosen.name, loop=chosen.loop)
        if chosen.chart is not None and not self.mode.playing and not self._given:
            if chosen.chart.bpm is not None:
                self.set_tempo(chosen.chart.bpm)
            self.set_metre(chosen.chart.metre)
        if first is not None and isinstance(self.mode, Jam):
            self.mode.begin_song(chosen, first)
        else:
            self.mode.change(chosen, self._now())
        self.changed()

    def set_book(self, book: Songbook) -> None:
        """Set the learned songs, which are recognised from the next performance on."""
        self.choices = replace(self.choices, book=book)

    def set_settings(self, settings: EngineSettings) -> None:
        self.choices = self.choices.renewed(self._settings, settings)
        if settings.swing != self._settings.swing:
            self.state.set_swing(settings.swing)
        self.stage.transpose(self.choices.transposition.band, self._now())
        self._settings = settings
        self.changed()

    def changed(self) -> None:
        """Refresh the values shown for commands: after a command, and for another genre."""
        self._values, self._values_of = current_values(self._table, self), self.state.genre

    def snapshot(self, at: float, keyboard: str | None) -> Snapshot:
        """The state of the performance and the player's choices."""
        found, choices = self.mode.snapshot(at, keyboard), self.choices
        if self._values_of is not self.state.genre:
            self.changed()
        chosen = choices.directions.variation
        now = f"{AUTO} {found.variation}".strip()
        return replace(
            found,
            variation=now if chosen == AUTO else chosen,
            muted=self.mixer.in_use(self.mixer.muted, self.stage.genre),
            solo=self.mixer.in_use(self.mixer.solos, self.stage.genre),
            follow=choices.follow,
            left_hand=choices.left_hand,
            metre=found.metre or str(self.metre),
            controls=self._values,
            preset=self.preset,
            set_list=str(self.set_list),
        )

    def outlook(self, at: float) -> Outlook:
        """The planned notes and chords, at the pitches that will sound."""
        semitones, drums = self.choices.transposition.band, self.state.genre.drum_parts
        return self.mode.outlook(at).moved(semitones, drums) if semitones else self.mode.outlook(at)

    def _new_mode(self, tempo: Tempo) -> PerformanceMode:
        services = ModeServices(
            self.stage,
            self._composer,
            lambda: self._settings,
            lambda: self.choices,
            self._report,
            Touch(lambda: self._settings),
        )
        if self.chosen_mode is Mode.PHRASE:
            return Phrase(services, tempo, self.metre)
        return Jam(services, tempo, self._grid, self._given, self._rests_end)


def current_values(table: Table, band: Band) -> dict[str, CurrentValue | Mapping[str, CurrentValue]]:
    """Command word -> current value of the quantity it sets; for commands about parts, part -> value.

    Quantities that also change without a command (Command.varies) are left out; a Snapshot has them.
    """
    found: dict[str, CurrentValue | Mapping[str, CurrentValue]] = {}
    for word in table.words.values():
        if word.command.varies:
            continue
        if word.part is not None:
            names = [part.name for part in band.state.genre.parts]
            found[word.name] = {name: word.example(name).current(band) for name in names}
        elif (value := word.example("").current(band)) is not None:
            found[word.name] = value
    return found
