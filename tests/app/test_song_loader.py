"""Charts and learned songs are read beside the music."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from composerd.app.song_loader import SongLoader
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.song import ChooseSong
from composerd.engine.messages import KeepLoop, LoopsKept, Message, SongbookLoaded, SongLoaded
from composerd.files.charts.text import read_text

TIMEOUT = 30
TUNE = "title: {}\n[A]\n| C | F | G7 | C |\n~ | C4:4 D4:4 E4:4 F4:4 | A4:16 | B4:16 | C5:16 |\n"


class Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "composerd" / "songs"
        self.folder.mkdir(parents=True)
        self.told: SimpleQueue[Message] = SimpleQueue()
        self.genres: SimpleQueue[ChooseGenre] = SimpleQueue()
        self.loader = SongLoader(self.told.put, self.genres.put)
        assert self.told.get(timeout=TIMEOUT) == LoopsKept(frozenset())

    def add(self, name: str) -> None:
        (self.folder / f"{name}.chart").write_text(TUNE.format(name))

    def book(self) -> list[str]:
        """Titles of the songbook that comes next."""
        loaded = self.told.get(timeout=TIMEOUT)
        assert isinstance(loaded, SongbookLoaded)
        return [chart.title for chart in loaded.book.charts]


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loader]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = Loader(tmp_path)
    yield found
    found.loader.close()


def test_learned_songs_are_read_and_read_again_where_one_was_added_or_removed(loader: Loader) -> None:
    loader.add("one")
    loader.loader.recognise_learned(True)
    assert loader.book() == ["one"]
    loader.add("two")
    loader.loader.recognise_learned(True)
    assert loader.book() == ["one", "two"]
    (loader.folder / "one.chart").unlink()
    loader.loader.recognise_learned(True)
    assert loader.book() == ["two"]


def test_without_the_setting_no_song_is_in_the_book(loader: Loader) -> None:
    loader.add("one")
    loader.loader.recognise_learned(True)
    assert loader.book() == ["one"]
    loader.loader.recognise_learned(False)
    assert loader.book() == []


def test_a_song_that_cannot_be_read_is_left_out_of_the_book(loader: Loader, caplog: pytest.LogCaptureFixture) -> None:
    loader.add("one")
    (loader.folder / "broken.chart").write_text("| Xyz |\n")
    loader.loader.recognise_learned(True)
    assert loader.book() == ["one"]
    assert "the song is not recognised" in caplog.text


def test_a_song_is_chosen_and_let_go(loader: Loader) -> None:
    loader.add("one")
    loader.loader.ask(ChooseSong("one"))
    loader.loader.ask(ChooseSong("none"))
    loaded = [loader.told.get(timeout=TIMEOUT) for _ in range(2)]
    assert [one.chart.title if isinstance(one, SongLoaded) and one.chart else "none" for one in loaded] == [
        "one",
        "none",
    ]


def test_loops_are_kept_as_songs_over_a_restart_and_read_as_they_were_edited(loader: Loader) -> None:
    chart = read_text("title: Loop 2\n| C | Am |\n")
    loader.loader.ask(KeepLoop("2", chart))
    loader.loader.ask(ChooseSong("loop-2"))
    assert loader.told.get(timeout=TIMEOUT) == SongLoaded(chart, name="loop-2", loop="2")
    again = SongLoader(loader.told.put, loader.genres.put)
    assert loader.told.get(timeout=TIMEOUT) == LoopsKept(frozenset({"2"}))
    file = loader.folder / "loop-2.chart"
    file.write_text(file.read_text().replace("Am", "Dm"))
    again.ask(ChooseSong("loop-2"))
    loaded = loader.told.get(timeout=TIMEOUT)
    assert isinstance(loaded, SongLoaded)
    assert loaded.chart == read_text("title: Loop 2\n| C | Dm |\n")
    again.ask(KeepLoop("2", None))
    again.ask(ChooseSong("loop-2"))
    assert loader.told.get(timeout=TIMEOUT) == LoopsKept(frozenset()), "it is gone"
    again.close()
