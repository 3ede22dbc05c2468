from composerd.app.demo_player import DemoPlayer, jam_script, phrase_script
from composerd.app.demo_tunes import demo_melody
from composerd.devices.system.inbox import RealInbox
from composerd.engine.commands.band import EndBand
from composerd.engine.messages import Crashed, KeyboardMessage, Snapshot, Stop
from composerd.library.genre_files import load_genre

SONG = demo_melody(load_genre("pop"), 60)


def test_in_jam_the_whole_tune_is_played_and_the_band_asked_to_end_with_it() -> None:
    script = jam_script(SONG)
    assert len([message for _, message in script if isinstance(message, KeyboardMessage)]) == len(SONG.messages)
    assert script[-1] == (SONG.seconds, EndBand())
    assert [second for second, _ in script] == sorted(second for second, _ in script)


def test_in_phrase_mode_so_many_bars_are_played_and_the_answer_asked_for() -> None:
    script = phrase_script(SONG, 8)
    keys = [(second, message.message) for second, message in script if isinstance(message, KeyboardMessage)]
    ends = [second for second, message in script if isinstance(message, EndBand)]
    assert max(second for second, _ in keys) <= 8 * 4
    assert ends == [max(second for second, _ in keys)]


def test_every_key_of_a_cut_phrase_is_let_go() -> None:
    held: set[int] = set()
    for second, message in phrase_script(SONG, 3):
        if isinstance(message, KeyboardMessage):
            assert second <= 3 * 4
            (held.add if message.message.starts_note else held.discard)(message.message.data1)
    assert held == set()


def test_the_program_is_stopped_once_the_band_is_ready_again() -> None:
    inbox, shown = RealInbox(), list[Snapshot]()
    player = DemoPlayer(((0.0, EndBand()),), 1000.0, shown.append)
    ready = Snapshot("ready", "pop", 60.0)
    player.start(inbox)
    assert inbox.receive(inbox.now() + 20) == EndBand()
    while (message := inbox.receive(inbox.now() + 0.01)) is None:
        player.show(ready)
    assert isinstance(message, Stop)
    assert shown[0] == ready


def test_a_demo_that_fails_ends_the_program_instead_of_leaving_it_to_wait() -> None:
    inbox = RealInbox()
    DemoPlayer((("soon", EndBand()),), 1000.0, lambda _: None).start(inbox)  # type: ignore[arg-type]  # a mistake
    message = inbox.receive(inbox.now() + 20)
    assert isinstance(message, Crashed)
    assert isinstance(message.error, TypeError)
