"""The page in a real Chromium, against the real daemon over JACK's dummy driver."""

from __future__ import annotations

import io
import json
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

pytest.importorskip("playwright")

import soundfile
from playwright.sync_api import Browser, Locator, Page

from browser import READY, SIZES, VIEWS, chromium, eventually, launched, opened, play, show, until, window
from composerd.control.client import ask
from composerd.engine.commands.band import Quit
from composerd.engine.messages import TimedCommand
from composerd.files.midi_file import write_tracks
from composerd.files.midi_notes import read_notes
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack
from jackd import JackServer, jack_server
from studio_process import FakeBand, Studio, folders, studio

pytestmark = [
    pytest.mark.jack,
    pytest.mark.timeout(400),
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
]
ELSEWHERE = {"song", "chord_loop", "preset", "set_list", "entry"}
"""tried by themselves"""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""all of axe's rules"""
OF_THEME, OF_SIZE = ["color-contrast"], ["target-size", "scrollable-region-focusable"]
"""axe's rules that another theme, or another size, can break"""
MOUSE = (("desktop", "dark", STANDARDS), ("desktop", "light", OF_THEME))
TOUCH = (("phone", "dark", STANDARDS), ("phone", "light", OF_THEME), ("tablet", "light", OF_SIZE))
RUN_AXE = "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'], preload: false })"
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def server() -> Iterator[JackServer]:
    with jack_server(256) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio-page")


@pytest.fixture(scope="module")
def page_of(server: JackServer, home: Path) -> Iterator[Studio]:
    """`composerd studio` on a machine where no composerd runs."""
    env = folders(home, JACK_DEFAULT_SERVER=server.name, JACK_NO_START_SERVER="1", COMPOSERD_TAKES__PAUSE_S="2")
    with studio(env, "--midi-api", "jack", "--genre", "pop", "--bpm", "120", "--no-audio") as running:
        yield running


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def _page(page_of: Studio, chrome: Browser) -> Iterator[Page]:
    with window(chrome) as context:
        yield opened(context, page_of.url)


@pytest.fixture
def page(_page: Page) -> Page:
    """The page that all tests look at, in its live view."""
    _page.evaluate("location.hash = 'live'")
    until(_page, "document.querySelector('.live')")
    return _page


def status(home: Path) -> dict[str, Any]:
    found = ask([home / "run" / "composerd" / "control.sock"], {"do": "status"})["status"]
    assert isinstance(found, dict)
    return found


def notes_of(page: Page, who: str) -> int:
    """Notes of the player's or the band's that the page has drawn."""
    mine = "===" if who == "player" else "!=="
    return int(page.evaluate(f"studio.live.score.notes.filter(note => note.part {mine} null).length"))


def stop(page: Page, home: Path) -> None:
    page.evaluate("studio.link.do('panic')")
    eventually(page, "silence", lambda: status(home)["state"] == "ready")


def test_a_newcomer_plays_on_the_computers_keys_and_the_band_plays_along(page: Page, home: Path) -> None:
    play(page, 10)
    assert notes_of(page, "player") >= 10
    eventually(page, "drums", lambda: notes_of(page, "band") > 8)
    parts = page.evaluate("[...new Set(studio.live.score.notes.map(note => note.part))]")
    assert len(parts) >= 3, "the player, the drums and some harmony"
    assert status(home)["state"] == "playing"
    assert page.evaluate("studio.live.score.ahead.length") > 0, "what is planned is known before it sounds"
    assert page.evaluate("studio.live.piano.latency.value") > 0
    stop(page, home)


def test_a_key_that_is_touched_plays_and_is_let_go(page: Page, home: Path) -> None:
    key = page.locator("button[data-pitch='64']")
    box = key.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.9)
    page.mouse.down()
    eventually(page, "the note", lambda: page.evaluate("studio.live.mine.has(64)"))
    page.mouse.up()
    eventually(page, "its end", lambda: not page.evaluate("studio.live.mine.has(64)"))
    stop(page, home)


def test_a_page_that_goes_away_leaves_no_key_held(page_of: Studio, page: Page, chrome: Browser, home: Path) -> None:
    with window(chrome) as context:
        other = opened(context, page_of.url)
        other.keyboard.down("KeyA")
        until(page, "studio.live.mine.has(60)")
    until(page, "!studio.live.mine.has(60)")
    stop(page, home)


def test_every_switch_slider_and_choice_changes_what_the_status_says(page: Page, home: Path) -> None:
    before = status(home)["controls"]
    if page.locator(".side details:not([hidden])").count():
        page.locator(".side details summary").click()
    for button in page.locator(".side .switch").all():
        button.click()
    for button in page.locator(".strip .mute, .strip .solo").all():
        button.click()
    eventually(page, "mutes", lambda: all(status(home)["controls"]["mute"].values()))
    eventually(page, "solos", lambda: all(status(home)["controls"]["solo"].values()))
    for button in page.locator(".strip .mute, .strip .solo").all():
        button.click()
    eventually(page, "none of them", lambda: not status(home)["muted"] and not status(home)["solo"])
    for select in page.locator(".strip select").all():
        select.select_option(label="Jazz kit" if "drums" in str(select.get_attribute("aria-label")) else "Banjo")
    eventually(page, "instruments", lambda: set(status(home)["controls"]["instrument"].values()) == {32, 105})
    for select in page.locator(".strip select").all():
        select.select_option(index=0)
    eventually(page, "their own", lambda: status(home)["controls"]["instrument"] == before["instrument"])
    for slider in page.locator(".side input[type=range]").all():
        slider.evaluate(MOVED)
    page.get_by_role("group", name="How full the band plays").get_by_role("button", name="Fuller").click()
    for select in page.locator(".controls select").all():
        select.select_option(index=1)
    words = [word for word, value in before.items() if not isinstance(value, dict) and word not in ELSEWHERE]
    eventually(page, "all of them", lambda: not unchanged(words, before, home))
    assert status(home)["bpm"] != 120.0
    page.evaluate(AS_BEFORE)
    eventually(page, "as before", lambda: status(home)["controls"]["genre"] == "pop")


AS_BEFORE = """
for (const word of ["follow", "metronome", "left_hand"]) studio.link.do(word, { on: false });
studio.link.do("genre", { name: "pop" });
studio.link.do("mode", { mode: "jam" });
studio.link.do("metre", { name: "4/4" });
studio.link.do("tempo", { bpm: 120 });
studio.link.do("key", { name: "none" });
studio.link.do("variation", { name: "A" });
"""
MOVED = """one => {
  one.value = (Number(one.min) + 2 * Number(one.max)) / 3;
  one.dispatchEvent(new Event("input"));
}"""


def unchanged(words: list[str], before: dict[str, Any], home: Path) -> list[str]:
    """Commands whose quantity stands where it stood."""
    after = status(home)["controls"]
    return [word for word in words if after.get(word) == before[word]]


def test_transposed_keys_sound_higher_and_are_lit_where_they_are(page: Page, home: Path) -> None:
    page.evaluate("studio.link.do('transpose_keys', { semitones: 2 })")
    until(page, "studio.live.keys === 2")
    page.keyboard.down("KeyA")
    until(page, "studio.live.mine.has(60)")
    assert page.evaluate("studio.live.score.notes.findLast(note => note.part === null).pitch") == 62
    page.keyboard.up("KeyA")
    until(page, "!studio.live.mine.has(60)")
    page.evaluate("studio.link.do('transpose_keys', { semitones: 0 })")
    stop(page, home)


def test_a_chord_loop_is_recorded_and_cleared(page: Page, home: Path) -> None:
    page.get_by_role("button", name="Chord loop 2").click()
    eventually(page, "recording", lambda: status(home)["controls"]["chord_loop"] == "recording 2")
    until(page, "document.querySelector('.slots [aria-pressed=true]')?.textContent === '2'")
    page.get_by_role("button", name="Clear …").click()
    page.get_by_role("button", name="Chord loop 2").click()
    eventually(page, "nothing", lambda: status(home)["controls"]["chord_loop"] == "off")


def test_the_stages_buttons_command_the_band(page: Page, home: Path) -> None:
    page.get_by_role("button", name="Start").click()
    eventually(page, "the band", lambda: status(home)["state"] != "ready")
    for name in ("Fill", "Break", "Fuller more notes", "Tap"):
        page.get_by_role("region", name="Stage").get_by_role("button", name=name).click()
    eventually(page, "a fuller band", lambda: status(home)["controls"]["variation"] == "B")
    page.get_by_role("button", name="Ordinary fewer notes").click()
    eventually(page, "an ordinary one", lambda: status(home)["controls"]["variation"] == "A")
    page.get_by_role("button", name="Panic all silent").click()
    eventually(page, "silence", lambda: status(home)["state"] == "ready")


def record_take(page: Page, home: Path) -> None:
    """Play ten notes, and wait until they and all played before are takes."""
    play(page, 10)
    stop(page, home)
    folder = home / ".local" / "share" / "composerd" / "takes"
    eventually(page, "all takes on disk", lambda: [*folder.glob("*.mid")] and not [*folder.glob("*.journal")])


@pytest.fixture
def takes(page: Page, home: Path) -> Locator:
    """The page's list of takes, which has at least one."""
    if not [*home.glob(".local/share/composerd/takes/*.mid")]:
        record_take(page, home)
    page.evaluate("location.hash = 'takes'")
    page.wait_for_selector(".take")
    return page.locator(".take")


def test_a_take_is_found_looked_at_heard_renamed_downloaded_and_thrown_away(page: Page, home: Path) -> None:
    record_take(page, home)
    page.evaluate("location.hash = 'takes'")
    takes = page.locator(".take")
    look_at_first(page, takes)
    page.wait_for_selector(".look canvas")
    page.get_by_label("Title").fill("First song")
    page.get_by_label("Title").press("Enter")
    page.wait_for_selector(".take b:has-text('First song')")
    files = {kind: saved(page, kind) for kind in ("MIDI", "MusicXML", "WAV", "FLAC")}
    take = home / "take.mid"
    take.write_bytes(files["MIDI"])
    assert len(read_notes(take).notes) > 20
    assert Xml.fromstring(files["MusicXML"].decode().partition('partwise.dtd">')[2]).tag == "score-partwise"
    with wave.open(io.BytesIO(files["WAV"])) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert seconds > 4
    assert files["FLAC"].startswith(b"fLaC")
    assert soundfile.info(io.BytesIO(files["FLAC"])).duration == pytest.approx(seconds)
    page.get_by_role("button", name="Listen").first.click()
    until(page, "document.querySelector('audio').currentTime > 0.2")
    page.get_by_role("button", name="Keep when space runs out").click()
    page.wait_for_selector(".take .pill")
    shown = takes.count()
    page.get_by_role("button", name="Delete").click()
    eventually(page, "the bin", lambda: takes.count() == shown - 1)
    page.get_by_role("button", name="Undo").click()
    eventually(page, "it is back", lambda: takes.count() == shown)


def saved(page: Page, kind: str) -> bytes:
    """A downloaded file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {kind}", exact=True).click()
    return Path(download.value.path()).read_bytes()


def look_at_first(page: Page, takes: Locator) -> None:
    """Choose the first take, and wait until it is shown."""
    takes.first.click()
    page.wait_for_selector("li:first-child > .take[aria-current]")


def accompany(page: Page, genre: str, mode: str) -> None:
    """Let another band accompany the take that is shown, until its picture is there."""
    page.get_by_label("Genre of the other band").select_option(genre)
    page.get_by_label("How it accompanies").select_option(mode)
    page.get_by_role("button", name="Accompany", exact=True).click()
    page.wait_for_selector(f"[aria-label='Piano roll, {genre}, {mode}']")


def test_a_take_is_accompanied_again_by_other_bands_side_by_side(page: Page, takes: Locator) -> None:
    look_at_first(page, takes)
    accompany(page, "jazz", "jam")
    accompany(page, "rock", "phrase")
    first, second = (page.get_by_role("region", name=name).bounding_box() for name in ("jazz, jam", "rock, phrase"))
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"], "side by side"


def test_a_take_that_is_chosen_while_an_answer_is_late_keeps_what_is_made_of_it(page: Page, takes: Locator) -> None:
    page.evaluate("location.hash = 'live'")
    page.reload()
    until(page, "window.studio && studio.link.connected")
    page.evaluate(FIRST_ANSWER_LATE)
    page.evaluate("location.hash = 'takes'")
    until(page, "'answer' in window")
    look_at_first(page, takes)
    accompany(page, "pop", "jam")
    takes.first.click()
    page.evaluate("answer()")
    assert page.locator("[aria-label='Piano roll, pop, jam']").count() == 1
    assert page.locator(".look canvas").count() > 1


FIRST_ANSWER_LATE = """() => {
  const ask = studio.link.ask.bind(studio.link);
  studio.link.ask = async (word, fields) => {
    const found = await ask(word, fields);
    if (word === "take" && !window.answer) await new Promise(resolve => { window.answer = resolve; });
    return found;
  };
}"""
"""keeps the first take that the page asks for until `answer()`"""


def test_a_take_is_accompanied_in_all_five_genres_and_all_are_there_after_a_reload(page: Page, takes: Locator) -> None:
    look_at_first(page, takes)
    page.get_by_role("button", name="In all genres").click()
    jams = [f"[aria-label='Piano roll, {genre}, jam']" for genre in ("bach", "jazz", "pop", "rock", "symphony")]
    for roll in jams:
        page.wait_for_selector(roll)
    before = page.locator(".compare canvas").count()
    page.reload()
    look_at_first(page, takes)
    for roll in jams:
        page.wait_for_selector(roll)
    assert page.locator(".compare canvas").count() == before
    assert page.get_by_label("Genre of the other band").locator("option").count() >= 5


CIRCLE = "title: Circle\nkey: C\n\n[A]\nC | F | G | C\n"


def songs_are(home: Path, **songs: str) -> Path:
    """Put these songs into the user's folder, without others, presets or set lists: a test may be tried again."""
    data = home / ".local" / "share" / "composerd"
    for folder in ("songs", "presets", "sets"):
        shutil.rmtree(data / folder, ignore_errors=True)
    (data / "songs").mkdir(parents=True)
    for name, text in songs.items():
        (data / "songs" / f"{name}.chart").write_text(text)
    return data / "songs"


def test_a_song_is_typed_and_played_by(page: Page, home: Path) -> None:
    songs = songs_are(home)
    page.evaluate("location.hash = 'songs'")
    page.get_by_role("button", name="New", exact=True).click()
    text = page.get_by_label("Chart as text")
    text.fill(CIRCLE)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector(".song")
    eventually(page, "its bars", lambda: page.locator(".bars li").all_inner_texts() == ["C", "F", "G", "C"])
    page.get_by_label("A semitone higher").click()
    until(page, "document.querySelector('.bars li').innerText === 'D♭'")
    page.get_by_role("button", name="Play this song").click()
    eventually(page, "the song", lambda: status(home)["controls"].get("song") == "Circle")
    page.evaluate("studio.link.do('song', {name: 'none'})")
    page.evaluate("location.hash = 'songs'")
    page.locator(".song").first.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    eventually(page, "no song", lambda: page.locator(".song").count() == 0)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".song")
    page.locator(".song").first.click()
    page.get_by_role("button", name="Edit", exact=True).click()
    text.fill("title: Circle\n\n[A]\nAm | F |\n")
    page.get_by_role("button", name="New", exact=True).click()
    page.locator(".song").first.click()
    page.get_by_role("button", name="Edit", exact=True).click()
    eventually(page, "what is not saved yet", lambda: "Am | F" in text.input_value())
    page.get_by_role("button", name="Discard changes").click()
    eventually(page, "what is saved", lambda: "C | F | G | C" in text.input_value())
    assert [file.name for file in songs.iterdir()] == ["circle.chart"]


def test_a_preset_is_kept_and_used_and_a_set_list_is_written_and_played(page: Page, home: Path) -> None:
    songs_are(home, circle=CIRCLE)
    page.evaluate("location.hash = 'songs'")
    keep = page.get_by_role("button", name="Save as a preset")
    keep.click()
    page.wait_for_selector(".toast.bad:has-text('Give the preset a name')")
    page.get_by_label("Name of the preset").fill("a/b")
    keep.click()
    page.wait_for_selector(".toast.bad:has-text(\"Save preset: name: found 'a/b', expected 1 to 60 letters\")")
    page.get_by_label("Name of the preset").fill("Slow")
    page.evaluate("studio.link.do('tempo', { bpm: 70 })")
    eventually(page, "70", lambda: status(home)["bpm"] == 70)
    keep.click()
    page.wait_for_selector(".toast:has-text('Preset Slow is saved')")
    page.evaluate("studio.link.do('tempo', { bpm: 120 })")
    page.get_by_role("button", name="Use preset Slow").click()
    eventually(page, "the preset", lambda: status(home)["bpm"] == 70)
    page.get_by_role("button", name="New set list").click()
    page.get_by_role("button", name="Save set list").click()
    page.wait_for_selector(".toast.bad:has-text('Give the set list a name')")
    page.get_by_label("Name of the set list").fill("Saturday")
    for entry in ("Slow", "Circle"):
        page.get_by_label("Song or preset to add").select_option(index=["Slow", "Circle"].index(entry))
        page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Circle earlier").click()
    page.get_by_role("button", name="Save set list").click()
    page.get_by_role("button", name="Open this set list").click()
    eventually(page, "the first song", lambda: status(home)["controls"]["song"] == "Circle")
    page.get_by_role("button", name="Next song").last.click()
    eventually(page, "the preset", lambda: status(home)["controls"]["entry"] == 2)
    page.wait_for_selector(".entries li:nth-child(2).lit")
    page.get_by_role("button", name="Close it").click()
    eventually(page, "no set list", lambda: status(home)["controls"]["set_list"] == "none")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Undo").last.click()
    page.wait_for_selector(".song:has-text('Saturday')")
    page.get_by_role("button", name="Delete preset Slow").click()
    eventually(page, "no preset", lambda: page.get_by_role("button", name="Use preset Slow").count() == 0)
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_role("button", name="Use preset Slow").wait_for()
    assert [*home.rglob("*.removed")] == []
    page.evaluate("studio.link.do('tempo', { bpm: 120 }); studio.link.do('song', { name: 'none' })")


def test_a_midi_file_is_brought_and_accompanied(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "tune.mid"
    events = [(step * 240, note_on(1, 60 + step % 8, 80)) for step in range(16)]
    events += [(step * 240 + 200, note_off(1, 60 + step % 8)) for step in range(16)]
    write_tracks(file, Axis.steady(120.0, Metre()), [FileTrack("flute", tuple(sorted(events, key=lambda one: one[0])))])
    page.evaluate("location.hash = 'songs'")
    page.get_by_label("Chart or MIDI file").set_input_files(file)
    page.get_by_label("Track of the melody").select_option("1")
    assert "1 track" in page.locator(".pill").all_inner_texts()
    page.get_by_role("button", name="Accompany", exact=True).click()
    page.wait_for_selector(".compare canvas")
    page.reload()
    page.get_by_role("button", name="tune.mid").click()
    page.wait_for_selector(".compare canvas")


def test_a_setting_is_changed_in_the_users_page_and_one_that_the_start_refuses_is_not(page: Page, home: Path) -> None:
    page.evaluate("location.hash = 'machine'")
    assert page.get_by_label("band.bpm").input_value() == "", "not `null`"
    field = page.get_by_label("engine.dynamics")
    field.fill("0.7")
    field.press("Enter")
    written = home / ".config" / "composerd" / "config.yaml"
    eventually(page, "the page", lambda: written.is_file())
    assert "dynamics: 0.7" in written.read_text()
    page.get_by_label("band.bpm").fill("1000")
    page.get_by_label("band.bpm").press("Enter")
    page.wait_for_selector(".toast.bad")
    refused = "band.bpm: found '1000', expected a number from 30 to 300 or nothing"
    assert page.locator(".toast.bad").last.inner_text() == refused
    page.get_by_label("band.genre").select_option("jazz")
    eventually(page, "the genre", lambda: "genre: jazz" in written.read_text())
    assert "bpm" not in written.read_text()
    written.unlink()


def test_settings_that_were_changed_elsewhere_are_shown_when_the_view_is_entered_again(page: Page, home: Path) -> None:
    show(page, "machine")
    written = home / ".config" / "composerd" / "config.yaml"
    written.write_text("engine: {dynamics: 0.3, follow: false}\nlog: {level: debug}\n")
    show(page, "models")
    show(page, "machine")
    dynamics, follow = page.get_by_label("engine.dynamics"), page.get_by_label("engine.follow", exact=True)
    eventually(page, "the value in the file", lambda: dynamics.input_value() == "0.3")
    assert follow.input_value() == "false"
    row = page.locator("tr", has=page.get_by_text("log.level", exact=True))
    assert row.locator("td").nth(1).inner_text() == "debug", "one that is not set here"
    assert str(written) in row.locator("td").nth(3).inner_text()
    dynamics.fill("7")
    dynamics.press("Enter")
    page.wait_for_selector(".toast.bad")
    eventually(page, "the value before the refused one", lambda: dynamics.input_value() == "0.3")
    written.unlink()


def test_an_examination_shows_what_it_finds_while_it_runs_and_afterwards(page: Page) -> None:
    page.evaluate("location.hash = 'machine'")
    page.get_by_role("button", name="Examine this machine").click()
    page.wait_for_selector("text=Examining for")
    page.wait_for_selector(".finding")
    page.reload()
    page.wait_for_selector(".finding:has-text('midi')")
    page.wait_for_selector("text=Examined just now")
    assert page.get_by_role("button", name="Examine this machine").is_enabled()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_directly_and_after_a_reload(page_of: Studio, chrome: Browser, view: str) -> None:
    with window(chrome) as context:
        page = context.new_page()
        page.goto(f"{page_of.url}#{view}")
        until(page, READY[view])
        page.reload()
        until(page, READY[view])
        assert page.locator(".toast").all_inner_texts() == []


def test_after_a_reload_while_the_band_plays_the_chord_is_there_at_once(page: Page, home: Path) -> None:
    play(page, 8)
    assert status(home)["state"] == "playing"
    page.reload()
    until(page, "document.querySelector('.chord').textContent.match(/^[A-G]/)")
    stop(page, home)


def test_at_no_width_does_anything_in_the_card_of_now_lie_over_another(page: Page, home: Path) -> None:
    page.evaluate("studio.link.do('start')")
    until(page, "document.querySelectorAll('.lamp').length")
    page.evaluate(LONG_TEXTS)
    for width in (360, 480, 721, 780, 820, 1000, 1001, 1121, 1280, 1399, 1400, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERLAPS) == [], width
    page.set_viewport_size({"width": 1440, "height": 900})
    stop(page, home)


LONG_TEXTS = """() => {
  studio.live.show = () => undefined;
  studio.live.now.form.hidden = false;
  studio.live.now.place.textContent = "Chorus, second time, bar 12 of 16";
  studio.live.now.chord.textContent = "E♭maj7";
  studio.live.now.next.textContent = "A♭maj7";
  studio.live.now.key.textContent = "E♭ minor";
}"""
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll(".now .chord, .now .next, .now .bar, .now .lamps, .now .fact")]
    .filter(one => one.checkVisibility()).map(one => [one.className, one.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([name, box], index) =>
    boxes.slice(index + 1).filter(([, other]) => over(box, other)).map(([other]) => [name, other]));
}"""


def test_a_page_comes_back_by_itself_when_the_studio_does(server: JackServer, chrome: Browser, tmp_path: Path) -> None:
    env = folders(tmp_path, JACK_DEFAULT_SERVER=server.name, JACK_NO_START_SERVER="1")
    with FakeBand(env), window(chrome) as context:
        with studio(env) as first:
            page = context.new_page()
            page.goto(f"{first.url}#songs")
            until(page, READY["songs"])
        page.wait_for_selector("text=studio does not answer")
        page.evaluate("location.hash = 'models'")
        with studio(env, "--port", str(first.port)):
            until(page, READY["models"])
            page.evaluate("location.hash = 'machine'")
            until(page, READY["machine"])


def test_the_program_is_ended_only_by_a_second_press(server: JackServer, chrome: Browser, tmp_path: Path) -> None:
    env = folders(tmp_path, JACK_DEFAULT_SERVER=server.name, JACK_NO_START_SERVER="1")
    with FakeBand(env) as band, studio(env) as running, window(chrome) as context:
        page = context.new_page()
        page.goto(running.url)
        page.locator("summary", has_text="More").click()
        button = page.get_by_role("button", name="End the program")
        button.click()
        page.wait_for_selector("text=End the program? Press again")
        page.keyboard.press("Tab")
        assert button.inner_text() == "End the program", "whoever goes on to another control has changed their mind"
        button.click()
        assert band.heard() == []
        button.click()
        eventually(page, "the end", lambda: TimedCommand(band.now, Quit()) in band.heard())
        assert button.inner_text() == "End the program"


def test_no_request_leaves_the_machine_and_nothing_goes_wrong(page_of: Studio, chrome: Browser) -> None:
    asked: list[str] = []
    with window(chrome) as context:
        context.on("request", lambda request: asked.append(request.url))
        context.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: asked.append(str(error.error)))
        page = opened(context, page_of.url)
        for view in VIEWS:
            show(page, view)
    assert [one for one in asked if not one.startswith((page_of.url, "blob:"))] == []
    assert len(asked) > len(VIEWS)


def test_every_control_is_reached_and_used_by_the_keyboard_alone(page: Page, home: Path) -> None:
    wanted = page.evaluate(TABBABLE)
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert len(reached) >= wanted
    page.locator("button[data-pitch='60']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.down("Space")
    until(page, "studio.live.mine.has(62)")
    page.keyboard.up("Space")
    until(page, "!studio.live.mine.has(62)")
    stop(page, home)


TABBABLE = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()).length"""


@pytest.fixture(scope="module", params=["mouse", "touch"])
def looked_at(request: pytest.FixtureRequest, page_of: Studio, chrome: Browser) -> Iterator[Page]:
    """A page with axe in it."""
    if not AXE.is_file():
        pytest.skip("npm ci in tests/studio brings axe-core")
    with window(chrome, "desktop" if request.param == "mouse" else "phone", bypass=True) as context:
        page = opened(context, page_of.url)
        page.evaluate(AXE.read_text() + "; 0")
        yield page


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_violation_in_any_size_or_theme_and_nothing_is_wider_than_the_screen(
    looked_at: Page, view: str
) -> None:
    show(looked_at, view)
    touch = looked_at.evaluate("matchMedia('(pointer: coarse)').matches || navigator.maxTouchPoints > 0")
    for size, theme, rules in TOUCH if touch else MOUSE:
        width, height = SIZES[size]
        looked_at.set_viewport_size({"width": width, "height": height})
        looked_at.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # dark or light
        found = looked_at.evaluate(RUN_AXE, rules)
        assert [violation(one) for one in found["violations"]] == [], (size, theme)
        assert looked_at.evaluate("document.documentElement.scrollWidth") <= width, (size, theme)


def violation(found: dict[str, Any]) -> str:
    return f"{found['id']}: {json.dumps([node['html'][:120] for node in found['nodes'][:4]])}"


def test_with_reduced_motion_the_roll_steps_from_beat_to_beat(page: Page, home: Path) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(DRAWN)
    play(page, 6)
    drawn = page.evaluate("window.drawn")
    page.emulate_media(reduced_motion="no-preference")
    page.evaluate("delete studio.live.roll.draw")
    stop(page, home)
    assert len(drawn) > 2
    assert [beat for beat in drawn if abs(beat - round(beat)) > 1e-4] == []


DRAWN = """() => {
  const { live, link } = studio, draw = live.roll.draw.bind(live.roll);
  window.drawn = [];
  live.roll.draw = (second, outlook) => {
    if (outlook?.beat != null && live.isPlaying(link.snapshot))
      window.drawn.push(outlook.beat + (second - outlook.at) * outlook.bpm / 60);
    draw(second, outlook);
  };
}"""
"""keeps the beat of every drawing while the band plays"""
