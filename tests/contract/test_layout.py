"""The columns of a players' net: each has one owner, and all of them are used."""

from __future__ import annotations

import pytest

from composerd.contract.layout import DRUM_CLASSES, DRUMS, MONO, POLY, Layout, Track
from layouts import BAND, CHORALE

LAYOUTS = pytest.mark.parametrize("layout", [Layout(BAND), Layout(CHORALE)], ids=["band", "chorale"])


@LAYOUTS
def test_the_blocks_lie_side_by_side_and_fill_the_width(layout: Layout) -> None:
    for blocks, width in ((layout.inputs, layout.width), (layout.outputs, layout.out_width)):
        ends = [block.start + block.size for block in blocks]
        assert [block.start for block in blocks] == [0, *ends[:-1]]
        assert ends[-1] == width
        assert all(block.size > 0 for block in blocks)
        assert len({block.name for block in blocks}) == len(blocks)


@LAYOUTS
def test_every_track_has_its_own_columns_and_they_are_all_there_are(layout: Layout) -> None:
    owned = [layout.out_columns_of(track) for track in layout.tracks]
    assert [one.start for one in owned] == [0, *(one.stop for one in owned[:-1])]
    assert owned[-1].stop == layout.out_width
    for track, columns in zip(layout.tracks, owned, strict=True):
        names = [name for name, block in layout.output_columns.items() if name.startswith(f"{track.name}.")]
        assert all(columns.start <= layout.output_columns[name].start < columns.stop for name in names)


@LAYOUTS
def test_a_track_is_conditioned_by_the_melody_and_each_of_its_sources(layout: Layout) -> None:
    for track in layout.tracks:
        heard = {
            name.partition("~")[2]
            for name in layout.output_columns
            if name.startswith(f"{track.name}.") and "~" in name
        }
        assert heard == (set() if track.kind == DRUMS else {"melody", *track.sources})


def test_a_track_has_a_row_for_each_pitch_or_drum() -> None:
    assert [track.rows for track in BAND] == [len(DRUM_CLASSES), 28, 42]


def test_tracks_are_found_by_name_and_kind() -> None:
    layout = Layout(BAND)
    assert [layout.index(track.name) for track in BAND] == [0, 1, 2]
    assert [layout.index_of_kind(kind) for kind in (DRUMS, MONO, POLY)] == [0, 1, 2]
    with pytest.raises(KeyError, match="tuba"):
        layout.index("tuba")
    with pytest.raises(KeyError, match="poly"):
        Layout(CHORALE).index_of_kind(POLY)


def test_no_drum_key_is_of_two_classes_and_each_class_plays_one_of_its_own() -> None:
    keys = [key for _, _, keys in DRUM_CLASSES for key in keys]
    assert len(set(keys)) == len(keys)
    assert all(played in keys for _, played, keys in DRUM_CLASSES)


def test_a_higher_range_has_more_rows_and_columns() -> None:
    wide = Track("keys", "comp", POLY, 30, 90)
    assert Layout((wide,)).out_width > Layout((Track("keys", "comp", POLY, 43, 84),)).out_width
