"""`composerd-export evaluate --chords`: compares planned chords with people's."""

from __future__ import annotations

from pathlib import Path

from composerd.generators.session import load_model
from composerd.generators.tables import shipped
from composerd.music.harmony.encoding import STYLES
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.harmony.styles import of_song, style_of
from composerd_export.data.harmony.songs import TuneWithChords, read_file
from composerd_export.evaluation.chords import System, report, textbook, whole
from composerd_export.evaluation.halves import in_half
from composerd_export.evaluation.known import KNOWN, known_tunes
from composerd_export.evaluation.live_chords import compared, live, memory_report
from composerd_export.evaluation.people import agreements


def chord_table(model: str, songs: list[TuneWithChords], mode: str, half: str) -> str:
    """The table of chords planned by `model`'s harmonist against people's, for `half` (of HALVES) of the songs.

    `plain` and genres have the shipped harmonist. Beside the styles of the songs stand ten well-known tunes, planned
    without a style.
    """
    net = load_model(Path(model)).harmony if model.endswith(".onnx") else None
    chosen = [song for song in songs if in_half(song.title, half)]
    harmonists = {style: Harmonist(net or shipped(), of_song(style)) for style in STYLES}
    harmonists[KNOWN] = Harmonist(net or shipped(), style_of("pop"))
    systems: dict[str, System] = {"textbook": textbook}
    if mode == "both":
        songs_and_tunes = [*chosen, *known_tunes()]
        found = {song: compared(harmonists[song.style], song) for song in songs_and_tunes}
        systems["phrase"] = lambda song: found[song].phrase
        systems["jam"] = lambda song: found[song].jam.chords
        systems["jam+memory"] = lambda song: found[song].memory.chords
        return f"{report(songs_and_tunes, systems)}\n{memory_report(list(found.values()))}"
    if mode == "phrase":
        systems["phrase"] = lambda song: whole(harmonists[song.style], song)
    else:
        systems["jam"] = lambda song: live(harmonists[song.style], song).chords
        systems["jam+memory"] = lambda song: live(harmonists[song.style], song, memory=True).chords
    return report([*chosen, *known_tunes()], systems)


def people_lines(files: list[Path]) -> str:
    """The agreement between people on the songs of `files`, a line a style. Raises ConfigError for another file."""
    songs = [song for path in files for song in read_file(path, "--people")]
    return "\n".join(
        f"people with people, the same two bars, {one.style}: {one.share:.2f} of {one.pairs} pairs"
        for one in agreements(songs)
    )
