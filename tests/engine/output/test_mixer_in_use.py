"""What is muted is shown where there is such a part."""

from __future__ import annotations

from composerd.engine.output.mixer import Mixer
from composerd.music.genre import Genre, Part

CHOIR = Genre("bach", "Bach", "plain", 80.0, (Part("alto", "voice", 2), Part("bass", "voice", 3)))


def test_muted_drums_are_not_shown_where_there_are_none_and_are_remembered() -> None:
    mixer = Mixer()
    for name in ("drums", "bass", "voice"):
        mixer.mute(name, True)
    assert mixer.in_use(mixer.muted, CHOIR) == ("bass", "voice")
    assert mixer.muted == ("bass", "drums", "voice")
