"""The mixing desk: what its settings send, once each, and what a reset puts back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.output.mixer import BAND, CENTRE, FULL, MASTER, METRONOME, ORDINARY, Mixer
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import PAN, VOLUME, Midi, control, program

TRIO = Genre(
    "trio", "Trio", "plain", 100.0,
    (Part("drums", "drums", 10), Part("contrabass", "bass", 2, program=32), Part("piano", "comp", 3, program=0)),
)  # fmt: skip
OTHER = Genre("other", "Other", "plain", 100.0, (Part("guitar", "comp", 3, program=25),))
LEVEL = st.integers(0, 127)


def volumes(mixer: Mixer, clicks: bool = False, genre: Genre = TRIO) -> dict[int, int]:
    """Channel -> controller 7 that is due."""
    return {message.channel: message.data2 for _, message in mixer.due_volumes(genre, clicks)}


def test_a_new_mixer_has_nothing_to_say() -> None:
    mixer = Mixer()
    assert volumes(mixer, clicks=True) == {}
    assert [*mixer.due_places(TRIO)] == [*mixer.due_programs(TRIO)] == []


def test_a_volume_is_sent_once_and_again_when_it_changes() -> None:
    mixer = Mixer()
    mixer.set_volume("piano", 40)
    assert volumes(mixer) == {3: 40}
    assert volumes(mixer) == {}
    mixer.set_volume("piano", 50)
    assert volumes(mixer) == {3: 50}


def test_a_part_is_found_by_its_role_and_its_name_is_stronger() -> None:
    mixer = Mixer()
    mixer.set_volume("comp", 40)
    assert volumes(mixer) == {3: 40}
    mixer.set_volume("piano", 90)
    assert volumes(mixer) == {3: 90}
    assert volumes(mixer, genre=OTHER) == {3: 40}, "the guitar has the role's volume"


def test_the_bands_volume_scales_its_parts_and_the_masters_all() -> None:
    mixer = Mixer()
    mixer.set_volume("piano", 50)
    mixer.set_volume(BAND, 50)
    assert volumes(mixer) == {10: 50, 2: 50, 3: 25}
    mixer.set_volume(MASTER, 50)
    assert volumes(mixer, clicks=True) == {PLAYER_CHANNEL: 50, 10: 25, 2: 25, 3: 12, METRONOME_CHANNEL: 50}


@given(LEVEL, LEVEL, LEVEL)
def test_no_volume_leaves_the_controllers_range(part: int, band: int, master: int) -> None:
    mixer = Mixer()
    for who, level in (("piano", part), (BAND, band), (MASTER, master), (METRONOME, part)):
        mixer.set_volume(who, level)
    assert all(0 <= value <= FULL for value in volumes(mixer, clicks=True).values())


@given(st.lists(st.tuples(st.sampled_from(["piano", "comp", "drums", BAND, MASTER, METRONOME]), LEVEL), max_size=8))
def test_after_any_changes_the_channels_stand_where_the_faders_say(changes: list[tuple[str, int]]) -> None:
    """Sent bit by bit or all at once: in the end it is the same."""
    gradual, sudden, stands = Mixer(), Mixer(), dict[int, int]()
    for who, level in changes:
        gradual.set_volume(who, level)
        stands |= volumes(gradual, clicks=True)
        sudden.set_volume(who, level)
    channels = {PLAYER_CHANNEL, METRONOME_CHANNEL, 2, 3, 10}
    at_once = volumes(sudden, clicks=True)
    assert {one: stands.get(one, ORDINARY) for one in channels} == {one: at_once.get(one, ORDINARY) for one in channels}


def test_without_clicks_the_metronomes_volume_waits() -> None:
    mixer = Mixer()
    mixer.set_volume(METRONOME, 30)
    assert volumes(mixer) == {}
    assert volumes(mixer, clicks=True) == {METRONOME_CHANNEL: 30}


def test_a_place_is_sent_again_after_another_genre_because_sinks_forget_it() -> None:
    mixer = Mixer()
    mixer.set_place("piano", 20)
    due: list[tuple[int, Midi]] = [(2, control(3, PAN, 20))]
    assert [*mixer.due_places(TRIO)] == due
    assert [*mixer.due_places(TRIO)] == []
    mixer.new_genre()
    assert [*mixer.due_places(TRIO)] == due


def test_an_instrument_belongs_to_its_genre() -> None:
    mixer = Mixer()
    mixer.set_program("comp", 4, TRIO)
    assert mixer.program("piano", TRIO) == 4
    assert mixer.program("comp", OTHER) == 25
    assert [*mixer.due_programs(TRIO)] == [(2, program(3, 4))]
    mixer.new_genre()
    assert [*mixer.due_programs(OTHER)] == []
    mixer.new_genre()
    assert [*mixer.due_programs(TRIO)] == [(2, program(3, 4))]


def test_the_genres_own_instrument_comes_back() -> None:
    mixer = Mixer()
    mixer.set_program("bass", 38, TRIO)
    assert len([*mixer.due_programs(TRIO)]) == 1
    mixer.set_program("bass", None, TRIO)
    assert [*mixer.due_programs(TRIO)] == [(1, program(2, 32))]
    assert mixer.program("violin", TRIO) is None, "there is no such part"


def test_muting_again_lets_play_and_given_states_are_kept() -> None:
    mixer = Mixer()
    seen = []
    for on in (None, None, True, True, False, False):
        mixer.mute("bass", on)
        seen.append(len(mixer.muted))
    assert seen == [1, 0, 1, 1, 0, 0]


def silent(mixer: Mixer, genre: Genre = TRIO) -> list[str]:
    return [part.name for part in genre.parts if mixer.silent(part, genre)]


def test_a_solo_silences_all_others_and_a_mute_is_stronger() -> None:
    mixer = Mixer()
    mixer.solo("comp", True)
    assert silent(mixer) == ["drums", "contrabass"]
    mixer.mute("piano", True)
    assert silent(mixer) == ["drums", "contrabass", "piano"]


def test_a_solo_of_a_part_that_a_genre_lacks_silences_no_part_there() -> None:
    mixer = Mixer()
    mixer.solo("drums", True)
    assert silent(mixer, OTHER) == []


def test_a_reset_puts_the_band_back_and_leaves_the_rooms_volumes() -> None:
    mixer = Mixer()
    for who in ("piano", "bass", BAND, MASTER, METRONOME):
        mixer.set_volume(who, 20)
    mixer.set_place("piano", 0)
    mixer.set_program("piano", 4, TRIO)
    mixer.set_program("guitar", 30, OTHER)
    mixer.mute("drums", True)
    mixer.solo("piano", True)
    sent = [*mixer.due_volumes(TRIO), *mixer.due_places(TRIO), *mixer.due_programs(TRIO)]
    assert len(sent) == 6
    mixer.reset(TRIO)
    assert (mixer.muted, mixer.solos) == ((), ())
    assert [mixer.level(who) for who in ("piano", BAND, MASTER, METRONOME)] == [ORDINARY, ORDINARY, 20, 20]
    assert [*mixer.due_volumes(TRIO)] == [
        (0, control(10, VOLUME, 20)),
        (1, control(2, VOLUME, 20)),
        (2, control(3, VOLUME, 20)),
    ]
    assert [*mixer.due_places(TRIO)] == [(2, control(3, PAN, CENTRE))]
    assert [*mixer.due_programs(TRIO)] == [(2, program(3, 0))]
    assert mixer.program("guitar", OTHER) == 30, "another genre keeps its own"


def test_what_was_never_moved_is_not_sent_by_a_reset() -> None:
    mixer = Mixer()
    mixer.reset(TRIO)
    assert [*mixer.due_volumes(TRIO), *mixer.due_places(TRIO), *mixer.due_programs(TRIO)] == []
