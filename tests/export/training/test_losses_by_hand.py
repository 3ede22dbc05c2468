"""Losses against values worked out by hand: of notes, chords and drums, and of the discriminator."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
import torch
from torch import Tensor

from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, LEAP, MONO, POLY, Layout, Track
from composerd.music.roll import HELD, ONSET, REST
from composerd_export.training.adversarial import (
    DISCRIMINATOR_LOSSES,
    bernoulli,
    feature_distance,
    real_events,
    sampled_events,
)
from composerd_export.training.losses import (
    drum_loss,
    kernel,
    mono_loss,
    mono_scores,
    mono_target,
    poly_loss,
    poly_targets,
    reconstruction,
    teach,
)

DRUM, BASS, KEYS = (
    Track("drums", "drums", DRUMS, 0, 127),
    Track("bass", "bass", MONO, 40, 43),
    Track("keys", "comp", POLY, 60, 62, polyphony=3, sources=("bass",)),
)
LAYOUT = Layout((DRUM, BASS, KEYS))
STEPS = 4
Cells = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def cells(track: Track, *rows: tuple[int, int, int]) -> Cells:
    """One window of STEPS steps with (step, row, value)."""
    found = np.zeros((1, STEPS, track.rows), np.uint8)
    for step, row, value in rows:
        found[0, step, row] = value
    return found


def logits() -> Tensor:
    return torch.zeros(1, STEPS, LAYOUT.out_width)


def column(name: str, row: int = 0) -> int:
    return LAYOUT.output_columns[name].start + row


def heard(melody: int = REST, bass: int = REST) -> dict[str, Tensor]:
    return {"melody": torch.full((1, STEPS), melody), "bass": torch.full((1, STEPS), bass)}


def softplus(x: float) -> float:
    """-log(1 - p) of a logit: the loss of a note that is not there."""
    return log(1 + exp(x))


# -- one voice

LINE = cells(BASS, (0, 1, ONSET), (1, 1, HELD), (3, 2, ONSET))
TEACHER = teach(BASS, LINE, LINE)


def test_a_teacher_knows_what_sounded_and_what_was_played_last() -> None:
    assert TEACHER.before[0].any(1).tolist() == [False, True, True, False]
    assert TEACHER.last[0].tolist() == [REST, 41, 41, 41], "also after a rest"
    assert TEACHER.lowest[0].tolist() == [41, 41, REST, 42]
    assert mono_target(TEACHER)[0].tolist() == [1, 4, 5, 2], "pitch, hold, rest, pitch"


def test_without_an_opinion_a_voice_costs_the_log_of_its_choices() -> None:
    """Four pitches and a rest; also a hold where something sounds."""
    loss = mono_loss(LAYOUT, BASS, logits(), TEACHER, heard())[0].tolist()
    assert loss == pytest.approx([log(5), log(6), log(6), log(5)], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "row", "step", "target"),
    [
        ("bass.onset", 1, 0, True), ("bass.hold", 0, 1, True), ("bass.rest", 0, 2, True), ("bass.onset", 2, 3, True),
        ("bass.onset", 0, 0, False), ("bass.rest", 0, 3, False),
    ],
)  # fmt: skip
def test_a_logit_of_one_moves_the_loss_of_its_step_alone(name: str, row: int, step: int, target: bool) -> None:
    said = logits()
    said[0, step, column(name, row)] = 1.0
    loss = mono_loss(LAYOUT, BASS, said, TEACHER, heard())[0].tolist()
    choices = [5, 6, 6, 5]
    for at in range(STEPS):
        wanted = log(choices[at] - 1 + exp(1)) - target if at == step else log(choices[at])
        assert loss[at] == pytest.approx(wanted, abs=1e-3)


def test_a_leap_is_counted_from_the_last_note_and_none_before_the_first() -> None:
    said = logits()
    said[..., column("bass.leap", LEAP + 1)] = 1.0  # a semitone up
    scores = mono_scores(LAYOUT, BASS, said, TEACHER, heard())[0]
    assert scores[0, :4].tolist() == [0, 0, 0, 0]
    for step in (1, 2, 3):
        assert scores[step, :4].tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize(("melody", "row"), [(72, 0), (61, 1), (REST, None)])
def test_a_kernel_counts_a_pitch_from_the_melodys_class(melody: int, row: int | None) -> None:
    """Pitches 40 to 43 are 4 to 7 above a C, 3 to 6 above a C sharp."""
    said = logits()
    said[..., column("bass.onset~melody", 4)] = 1.0
    found = kernel(LAYOUT, BASS, said, heard(melody), "onset")[0, 0].tolist()
    assert found == [float(row == at) for at in range(4)]


@pytest.mark.parametrize(("what", "scored"), [("onset", [0, 0, 2, 0, 0, 0]), ("hold", [0, 0, 0, 0, 2, 0])])
def test_what_the_melody_says_is_added_to_a_voices_choices(what: str, scored: list[int]) -> None:
    """Of a C, pitch 42 is six above; a hold is rated by the note that sounds, 42 here."""
    line = cells(BASS, (0, 2, ONSET), (1, 2, HELD))
    said = logits()
    said[..., column(f"bass.{what}~melody", 6)] = 2.0
    scores = mono_scores(LAYOUT, BASS, said, teach(BASS, line, line), heard(60))[0, 1]
    assert scores.tolist() == scored


def test_a_voice_that_has_not_played_yet_has_no_last_note() -> None:
    late = cells(BASS, (2, 3, ONSET))
    assert teach(BASS, late, late).last[0].tolist() == [REST, REST, REST, 43]


def test_later_parts_hear_the_bass_and_the_bass_hears_no_other_part() -> None:
    said = logits()
    said[..., column("keys.hold~bass", 2)] = 1.0
    found = kernel(LAYOUT, KEYS, said, heard(bass=47), "hold")[0, 0].tolist()
    assert found == [0.0, 1.0, 0.0], "61 is two above B in another octave"
    with pytest.raises(KeyError):
        said[..., column("bass.hold~keys")]


# -- chords

CHORDS = cells(KEYS, (0, 0, ONSET), (0, 2, ONSET), (1, 0, HELD), (2, 0, HELD), (2, 1, ONSET))
TAUGHT = teach(KEYS, CHORDS, CHORDS)


def test_a_chord_costs_its_gate_its_notes_and_what_goes_on() -> None:
    """By even odds each question costs log 2: the gate on every step, three notes where a chord begins, and each note
    that sounded before and does not begin anew."""
    loss = poly_loss(LAYOUT, KEYS, logits(), TAUGHT, heard())[0].tolist()
    questions = [1 + 3 + 0, 1 + 2, 1 + 3 + 1, 1 + 2]
    assert loss == pytest.approx([count * log(2) for count in questions], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "row", "changes"),
    [
        ("keys.gate", 0, {0: -1, 1: 0, 2: -1, 3: 0}),
        ("keys.onset", 0, {0: -1, 2: 0}),
        ("keys.onset", 1, {0: 0, 2: -1}),
        ("keys.hold", 0, {1: -1, 2: -1, 3: 0}),
        ("keys.hold", 2, {1: 0}),
    ],
)
def test_a_logit_of_two_is_right_or_wrong_where_it_is_asked(name: str, row: int, changes: dict[int, int]) -> None:
    said = logits()
    said[..., column(name, row)] = 2.0
    moved = poly_loss(LAYOUT, KEYS, said, TAUGHT, heard()) - poly_loss(LAYOUT, KEYS, logits(), TAUGHT, heard())
    for step in range(STEPS):
        right = changes.get(step)
        wanted = 0.0 if right is None else softplus(-2.0 if right else 2.0) - log(2)
        assert float(moved[0, step]) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "changes"), [("keys.onset~melody", {0: -1, 2: 1}), ("keys.hold~bass", {1: -1, 2: -1})]
)
def test_what_melody_and_bass_say_is_added_to_a_chords_notes(name: str, changes: dict[int, int]) -> None:
    """Row 0 is a C: it begins on step 0, not on step 2, and goes on through steps 1 and 2. All other rows are even."""
    said = logits()
    said[..., column(name)] = 2.0
    others = heard(melody=72, bass=36)
    moved = poly_loss(LAYOUT, KEYS, said, TAUGHT, others) - poly_loss(LAYOUT, KEYS, logits(), TAUGHT, others)
    for step, sign in changes.items():
        assert float(moved[0, step]) == pytest.approx(softplus(2.0 * sign) - log(2), abs=1e-4)


def test_a_part_of_a_chord_that_is_held_elsewhere_begins_anew() -> None:
    """The net's own past lacks the chord that the truth goes on with."""
    silence = np.zeros_like(CHORDS)
    begins, struck = poly_targets(teach(KEYS, CHORDS, silence))
    assert begins[0].tolist() == [True, True, True, False]
    assert struck[0, 1].tolist() == [True, False, False]


# -- drums


def test_each_drum_is_a_question_of_its_own() -> None:
    hits = cells(DRUM, (0, 0, ONSET), (0, 3, ONSET))
    teacher = teach(DRUM, hits, hits)
    assert drum_loss(LAYOUT, DRUM, logits(), teacher)[0].tolist() == pytest.approx([10 * log(2)] * 4, abs=1e-4)
    said = logits()
    said[0, :, column("drums.onset", 3)] = 3.0
    loss = drum_loss(LAYOUT, DRUM, said, teacher)[0].tolist()
    assert loss[0] == pytest.approx(9 * log(2) + softplus(-3.0), abs=1e-4)
    assert loss[1] == pytest.approx(9 * log(2) + softplus(3.0), abs=1e-4)


# -- all parts


def window(melody: int = 60) -> Window:
    shape = (1, STEPS)
    truth = (cells(DRUM, (0, 0, ONSET)), LINE, CHORDS)
    return Window(
        np.full(shape, melody), np.zeros(shape, np.bool_), np.ones(shape, np.bool_), np.zeros(shape, np.int64),
        np.full(shape, -1), np.full(shape, -1), np.zeros(shape, np.bool_), truth, np.ones((*shape, 3), np.bool_),
    )  # fmt: skip


def test_the_reconstruction_is_a_weighted_mean_by_part() -> None:
    whole = window()
    weight = torch.zeros(1, STEPS, 3)
    weight[0, 1, 0], weight[0, [0, 1], 1], weight[0, 3, 2] = 1.0, torch.tensor([3.0, 1.0]), 0.5
    found = reconstruction(LAYOUT, logits(), whole, whole.cells, weight)
    assert set(found) == {"drums", "bass", "keys"}
    assert float(found["drums"]) == pytest.approx(10 * log(2), rel=2e-3)
    assert float(found["bass"]) == pytest.approx((3 * log(5) + log(6)) / 4, rel=2e-3)
    assert float(found["keys"]) == pytest.approx(3 * log(2), rel=3e-3)


def test_what_is_not_asked_costs_nothing_and_has_no_gradient() -> None:
    said = logits().requires_grad_()
    found = reconstruction(LAYOUT, said, window(), window().cells, torch.zeros(1, STEPS, 3))
    assert [float(value.detach()) for value in found.values()] == [0.0] * 3
    sum(found.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
    assert said.grad is not None
    assert not said.grad.any()


def test_an_unknown_melody_is_no_melody() -> None:
    said = logits()
    said[..., column("bass.onset~melody")] = 5.0
    known, unknown = window(64), replace(window(64), melody_known=np.zeros((1, STEPS), np.bool_))
    weight = torch.ones(1, STEPS, 3)
    plain = reconstruction(LAYOUT, logits(), known, known.cells, weight)["bass"]
    assert float(reconstruction(LAYOUT, said, unknown, unknown.cells, weight)["bass"]) == pytest.approx(float(plain))
    assert float(reconstruction(LAYOUT, said, known, known.cells, weight)["bass"]) != pytest.approx(float(plain))


# -- the discriminator


@pytest.mark.parametrize(
    ("loss", "real", "fake", "value"),
    [
        ("hinge", [2.0, 1.0], [-1.0, -3.0], 0.0),
        ("hinge", [0.0, 3.0], [0.0, -2.0], 0.5 + 0.5),
        ("hinge", [-1.0], [1.0], 4.0),
        ("wasserstein", [2.0, 4.0], [1.0, 0.0], 0.5 - 3.0),
        ("wasserstein", [0.0], [0.0], 0.0),
    ],
)
def test_the_discriminators_losses(loss: str, real: list[float], fake: list[float], value: float) -> None:
    assert float(DISCRIMINATOR_LOSSES[loss](torch.tensor(real), torch.tensor(fake))) == pytest.approx(value)


def test_features_are_compared_by_their_means_over_windows_and_time() -> None:
    one = torch.tensor([[[1.0, 3.0], [0.0, 0.0]], [[2.0, 2.0], [4.0, 0.0]]])  # means 2 and 1
    other = torch.zeros(2, 2, 2)
    assert float(feature_distance([one], [other])) == pytest.approx(1.5)
    assert float(feature_distance([one, other], [other, other])) == pytest.approx(0.75)
    assert float(feature_distance([one], [one.flip(0, 2)])) == 0.0


def test_events_of_the_truth_are_its_choices() -> None:
    truth = window().cells
    events = real_events(LAYOUT, truth)[0]
    drums, bass, keys = events[:, :10], events[:, 10:16], events[:, 16:]
    assert torch.nonzero(drums).tolist() == [[0, 0]]
    assert bass.argmax(1).tolist() == [1, 4, 5, 2]
    assert bass.sum(1).tolist() == [1.0] * 4
    assert keys.tolist() == [[1, 0, 1, 1], [0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]]


def test_samples_stand_where_the_net_decides_and_the_truth_elsewhere() -> None:
    whole = window()
    said = logits()
    said[..., LAYOUT.output_columns["drums.onset"]] = 40.0
    said[..., LAYOUT.output_columns["bass.rest"]] = 90.0
    said[..., LAYOUT.output_columns["keys.gate"]] = -40.0
    weight = torch.zeros(1, STEPS, 3)
    weight[0, 1:] = 1.0
    torch.manual_seed(0)
    found = sampled_events(LAYOUT, said, whole, whole.cells, weight)[0]
    assert torch.equal(found[0], real_events(LAYOUT, whole.cells)[0, 0])
    for step in (1, 2, 3):
        assert found[step, :10].round().tolist() == [1.0] * 10
        assert found[step, 10:16].round().tolist() == [0, 0, 0, 0, 0, 1.0]
        assert found[step, 16:].round().tolist() == [0, 0, 0, 0]


def test_the_gradient_through_a_sample_is_that_of_its_probability() -> None:
    said = torch.tensor([0.0, 2.0, -3.0], requires_grad=True)
    torch.manual_seed(0)
    bernoulli(said).sum().backward()  # type: ignore[no-untyped-call]
    chance = torch.sigmoid(said.detach())
    assert said.grad is not None
    assert torch.allclose(said.grad, chance * (1 - chance))


def test_samples_fall_as_often_as_their_probability() -> None:
    torch.manual_seed(0)
    drawn = bernoulli(torch.full((4000,), log(3.0)))
    assert float(drawn.mean()) == pytest.approx(0.75, abs=0.03)
