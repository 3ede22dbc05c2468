"""Reads and writes chord tracks of MIDI files: text events or Yamaha XF's chord events (.CLD), and section markers.

XF: sequencer-specific meta event 43 7B 01, then root, type, bass and its type (Yamaha, XF Format Specifications 2.01).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from io import BytesIO

import mido

from composerd.files.charts.problem import ChartProblem
from composerd.files.midi_events import KEY_SIGNATURE, LYRIC, MARKER, SPECIFIC, TEXT
from composerd.files.midi_reader import MidiFile, MidiTrack, parse_midi
from composerd.files.midi_text import decoded
from composerd.music.charts.chart import MOST_BARS, Bar, Chart, ChartNote, ChartSection, bar_of, with_text
from composerd.music.charts.spelling import chord_name, key_name
from composerd.music.charts.symbols import KINDS, NO_CHORD_NAMES, ChordSymbol, parse_symbol
from composerd.music.metre import Metre
from composerd.music.tempo import MAX_BPM, MIN_BPM

Messages = list[tuple[int, mido.Message | mido.MetaMessage]]
"""absolute tick, message"""
TICKS = 480
XF = (0x43, 0x7B, 0x01)
_XF_KINDS = (
    "", "6", "maj7", "maj7#11", "add9", "maj9", "69", "aug", "m", "m6", "m7", "m7b5", "madd9", "m9", "m11", "mmaj7",
    "mmaj9", "dim", "dim7", "7", "7sus4", "7b5", "9", "7#11", "13", "7b9", "7b13", "7#9", "maj7#5", "7#5", "5", "5",
    "sus4", "sus2",
)  # fmt: skip
"""by XF's chord type"""
_XF_NONE = 34
_XF_NOTES = (0, 2, 4, 5, 7, 9, 11)
_MOSTLY = 0.8
"""least share of a track's texts that must be chords for it to be a chord track"""
_MELODY = "melody"
_ABOUT = ("composer", "style", "genre")

Found = tuple[int, ChordSymbol | None]
"""tick, chord"""


def read_midi_chart(data: bytes) -> Chart:
    """Read the chart in a MIDI file. Raises ChartProblem."""
    try:
        file = parse_midi(data)
    except ValueError as problem:
        raise ChartProblem(1, 1, str(problem)) from None
    chords = _chords(file)
    if not chords:
        raise ChartProblem(1, 1, "found no chords, expected text events such as Am7 or Yamaha XF's chord events")
    key, minor = _key(file)
    chart = Chart(
        _sections(file, _bars(file, chords)),
        key=key,
        minor=minor,
        bpm=_bpm(file),
        melody=tuple(_melody(file)),
    )
    for name, text in _texts_about(file):
        chart = with_text(chart, name, text)
    return chart


def _notes(track: MidiTrack, *kinds: int) -> Iterator[tuple[int, str]]:
    """Yield (tick, text) of a track's texts of these kinds that are not empty."""
    texts = ((tick, decoded(data).strip("\0 \t\r\n")) for tick, kind, data in track.notes if kind in kinds)
    return ((tick, text) for tick, text in texts if text)


def _chords(file: MidiFile) -> list[Found]:
    """The chords of the track that has most of them; XF events only if no track has chords as text."""
    texts = [found for track in file.tracks if (found := _text_chords(track))]
    events = texts or [found for track in file.tracks if (found := list(_xf_chords(track)))]
    longest = max(events, key=lambda event: len(event), default=[])
    return sorted(longest, key=lambda found: found[0])


def _text_chords(track: MidiTrack) -> list[Found]:
    texts = list(_notes(track, TEXT, LYRIC))
    found = [(tick, symbol) for tick, text in texts for symbol in _as_chord(text)]
    return found if texts and len(found) >= _MOSTLY * len(texts) else []


def _as_chord(text: str) -> tuple[ChordSymbol | None, ...]:
    """Read `text` as one chord; an empty tuple if it is none."""
    if text.upper() in NO_CHORD_NAMES:
        return (None,)
    try:
        return (parse_symbol(text),)
    except ValueError:
        return ()


def _xf_chords(track: MidiTrack) -> Iterator[Found]:
    for tick, kind, data in track.notes:
        if kind == SPECIFIC and len(data) >= 5 and tuple(data[:3]) == XF:
            yield tick, _xf_chord(data[3], data[4], data[5] if len(data) > 5 else 127)


def _xf_chord(root: int, kind: int, bass: int) -> ChordSymbol | None:
    pitch = _xf_pitch(root)
    if pitch is None or kind >= len(_XF_KINDS):
        return None
    under = _xf_pitch(bass)
    return ChordSymbol(pitch, _XF_KINDS[kind], None if under == pitch else under)


def _xf_pitch(code: int) -> int | None:
    """The pitch class of an XF code: low four bits 1 to 7 are C to B; high bits are accidentals, 3 for none."""
    step, accidental = code & 15, (code >> 4) - 3
    return (_XF_NOTES[step - 1] + accidental) % 12 if 1 <= step <= 7 and -3 <= accidental <= 3 else None


def _bars(file: MidiFile, chords: list[Found]) -> list[Bar]:
    """The bars from tick 0 to the end of the file."""
    end = max([chords[-1][0] + 1, *(track.last for track in file.tracks)])
    starts = [tick for tick, _ in chords]
    bars: list[Bar] = []
    tick = 0
    while tick < end:
        if len(bars) >= MOST_BARS:
            raise ChartProblem(1, 1, f"found more than {MOST_BARS} bars")
        metre = next((change.metre for change in reversed(file.metres) if change.tick <= tick), Metre())
        if metre.denominator > 16:
            raise ChartProblem(1, 1, f"found {metre}, expected beats of at least a 16th")
        beat = 4 * file.ticks_per_beat / metre.denominator
        heard = [bisect_left(starts, tick + (index + 0.5) * beat) for index in range(metre.numerator)]
        bars.append(bar_of([chords[count - 1][1] if count else None for count in heard], metre))
        tick = round(tick + metre.numerator * beat)
    return bars


def _sections(file: MidiFile, bars: list[Bar]) -> tuple[ChartSection, ...]:
    """The sections, separated at markers."""
    marks = {
        tick: decoded(data)[:60].strip() for track in file.tracks for tick, kind, data in track.notes if kind == MARKER
    }
    sections: list[tuple[str, list[Bar]]] = []
    start = 0
    for bar in bars:
        end = start + bar.metre.bar_steps * file.ticks_per_beat // 4
        mark = next((name for tick, name in marks.items() if start <= tick < end), None)
        if mark is not None or not sections:
            sections.append((mark or "", []))
        sections[-1][1].append(bar)
        start = end
    return tuple(ChartSection(name, tuple(own)) for name, own in sections)


def _key(file: MidiFile) -> tuple[int | None, bool]:
    """(tonic, is minor) of the first key signature."""
    for track in file.tracks:
        for _, kind, data in track.notes:
            if kind == KEY_SIGNATURE and len(data) >= 2:
                sharps, minor = (data[0] + 128) % 256 - 128, data[1] == 1
                return (7 * sharps + (9 if minor else 0)) % 12, minor
    return None, False


def _bpm(file: MidiFile) -> float | None:
    bpm = round(file.tempos[0].bpm, 3) if file.tempos else 0.0
    return bpm if MIN_BPM <= bpm <= MAX_BPM else None


def _texts_about(file: MidiFile) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of the first track: its name is the title, texts such as `composer: NAME` are fields."""
    yield "title", file.tracks[0].name
    for _, text in _notes(file.tracks[0], TEXT):
        name, colon, value = text.partition(": ")
        if colon and name in _ABOUT:
            yield name, value


def _melody(file: MidiFile) -> Iterator[ChartNote]:
    """Yield the notes of the track called `melody`; the first track's name may be the song's title."""
    called = [track for track in file.tracks if track.name.lower() == _MELODY]
    track = next((track for track in called if any(message.starts_note for _, message in track.events)), None)
    sounding: dict[int, int] = {}
    notes: list[ChartNote] = []
    for tick, message in track.events if track is not None else ():
        pitch = message.data1
        if (message.starts_note or message.ends_note) and pitch in sounding:
            first = round(4 * sounding.pop(pitch) / file.ticks_per_beat)
            notes.append(ChartNote(first, max(1, round(4 * tick / file.ticks_per_beat) - first), pitch))
        if message.starts_note:
            sounding[pitch] = tick
    yield from sorted(notes, key=lambda note: note.step)


def write_midi_chart(chart: Chart) -> bytes:
    """Write a type-1 file: tempo, metre and markers; chords as text and as XF events; the melody, if any."""
    tracks = [_conductor(chart), _track("chords", _chord_events(chart), chart)]
    if chart.melody:
        tracks.append(_track(_MELODY, _note_events(chart), chart))
    buffer = BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8", tracks=tracks).save(file=buffer)
    return buffer.getvalue()


def _conductor(chart: Chart) -> mido.MidiTrack:
    events: Messages = [
        (0, mido.MetaMessage("text", text=f"{name}: {value}")) for name in _ABOUT if (value := getattr(chart, name))
    ]
    if chart.bpm is not None:
        events.append((0, mido.MetaMessage("set_tempo", tempo=round(60e6 / chart.bpm))))
    if chart.key is not None:
        events.append((0, mido.MetaMessage("key_signature", key=key_name(chart.key, chart.minor))))
    tick, metre = 0, None
    for section in chart.sections:
        events.append((tick, mido.MetaMessage("marker", text=section.name)))
        for bar in section.bars:
            if bar.metre != metre:
                metre = bar.metre
                sign = {"numerator": metre.numerator, "denominator": metre.denominator}
                events.append((tick, mido.MetaMessage("time_signature", **sign)))
            tick += bar.metre.bar_steps * TICKS // 4
    return _track(chart.title, events, chart)


def _chord_events(chart: Chart) -> Messages:
    events: Messages = []
    start = 0
    for bar in chart.bars:
        for change in bar.changes:
            tick = start + change.beat * 4 * TICKS // bar.metre.denominator
            events.append((tick, mido.MetaMessage("text", text=chord_name(change.chord, chart.key, chart.minor))))
            events.append((tick, mido.MetaMessage("sequencer_specific", data=_xf_data(change.chord))))
        start += bar.metre.bar_steps * TICKS // 4
    return events


def _xf_data(symbol: ChordSymbol | None) -> tuple[int, ...]:
    if symbol is None:
        return (*XF, 0x31, _XF_NONE, 127, 127)
    kind = min(range(len(_XF_KINDS)), key=lambda index: len({*KINDS[_XF_KINDS[index]]} ^ {*KINDS[symbol.kind]}))
    bass = 127 if symbol.bass is None else _xf_code(symbol.bass)
    return (*XF, _xf_code(symbol.root), kind, bass, 127)


def _xf_code(pitch: int) -> int:
    if pitch in _XF_NOTES:
        return 0x30 | (_XF_NOTES.index(pitch) + 1)
    return 0x20 | (_XF_NOTES.index(pitch + 1) + 1)


def _note_events(chart: Chart) -> Messages:
    step = TICKS // 4
    events: Messages = []
    for note in chart.melody:
        events.append((note.step * step, mido.Message("note_on", note=note.pitch, velocity=90)))
        events.append(((note.step + note.length) * step, mido.Message("note_off", note=note.pitch)))
    return events


def _track(name: str, events: Iterable[tuple[int, mido.Message | mido.MetaMessage]], chart: Chart) -> mido.MidiTrack:
    track, before = mido.MidiTrack(), 0
    if name:
        track.append(mido.MetaMessage("track_name", name=name))
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        track.append(message.copy(time=tick - before))
        before = tick
    end = chart.steps * TICKS // 4
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - before)))
    return track
