"""What the nets may and may not depend on: order of decisions, length of the window, keys, noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from composerd.contract.groove import BAND_BARS, BAND_STEPS, CHOICES, DRUM_BARS, DRUM_STEPS, GrooveLayout
from composerd.contract.layout import PART_NOISE, SHARED_NOISE, Layout
from composerd.contract.voicing_layout import (
    CHORDS,
    CHOSEN,
    LEAP,
    LINE,
    NEAR,
    PLANES,
    ROWS,
    SPAN,
    TOP,
    VoicingLayout,
    plane,
)
from composerd_export.nets.discriminator import CHANNELS, Discriminator, context_width, event_width
from composerd_export.nets.groove import GrooveNet, GrooveSize, Perceptron, chain_mask
from composerd_export.nets.players import FAMILIES, Players, build, draw_noise
from composerd_export.nets.trunk import DOWNSAMPLING, StepNorm, Trunk, TrunkBlock, TrunkSize
from composerd_export.nets.voicing import VoicingNet, VoicingPart, VoicingSize, around, surroundings
from layouts import BAND, CHORALE

SMALL = TrunkSize((16, 24, 32), 1, 0.5)
DRUMS, BASS, KEYS = range(3)
LAYOUT, GROOVE, VOICING = Layout(BAND), GrooveLayout(BAND, ("rock", "pop")), VoicingLayout(BAND, ("rock", "pop"))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randomised(net: nn.Module, seed: int = 1) -> nn.Module:
    """The net with random parameters, so that none is 0 or 1 by its start."""
    with torch.no_grad():
        for index, value in enumerate(net.parameters()):
            value.copy_(torch.randn(value.shape, generator=seeded(seed + index)) * 0.3)
    return net.eval()


def players(family: str, layout: Layout = LAYOUT) -> Players:
    torch.manual_seed(0)
    return build(family, layout, SMALL).eval()


def changed(one: Tensor, other: Tensor) -> list[int]:
    """Columns of the last axis that differ."""
    return torch.nonzero((one - other).abs().flatten(0, -2).amax(0) > 1e-6).flatten().tolist()


# -- players


@pytest.mark.parametrize("family", FAMILIES)
def test_windows_of_a_batch_are_answered_independently(family: str) -> None:
    net, frames = players(family), torch.rand(3, 32, LAYOUT.width, generator=seeded())
    noise = torch.randn(3, 32, LAYOUT.noise_width, generator=seeded(1))
    together = net(frames, noise)
    for row in range(3):
        alone = net(frames[row : row + 1], noise[row : row + 1])
        assert torch.allclose(together[row], alone[0], atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_far_from_both_ends_is_answered_alike_in_a_longer_window(family: str) -> None:
    """StepNorm normalises each step alone, and the convolutions reach some beats to both sides."""
    net, frames = players(family), torch.rand(1, 128, LAYOUT.width, generator=seeded())
    noise = torch.randn(1, 128, LAYOUT.noise_width, generator=seeded(1))
    long, short = net(frames, noise), net(frames[:, :96], noise[:, :96])
    assert torch.allclose(long[:, :48], short[:, :48], atol=1e-5)
    assert not torch.allclose(long[:, 95], short[:, 95], atol=1e-5), "the last step lacks what follows"


@pytest.mark.parametrize("family", FAMILIES)
def test_music_that_comes_a_beat_later_is_answered_a_beat_later(family: str) -> None:
    net, frames = players(family), torch.rand(1, 96, LAYOUT.width, generator=seeded())
    noise = torch.randn(1, 96, LAYOUT.noise_width, generator=seeded(1))
    now, later = net(frames, noise), net(frames[:, DOWNSAMPLING:], noise[:, DOWNSAMPLING:])
    assert torch.allclose(now[:, 48:52], later[:, 44:48], atol=1e-5)


def test_shared_noise_reaches_every_part_and_own_noise_its_part_alone() -> None:
    net, frames = players("musegan"), torch.zeros(1, 16, LAYOUT.width)
    quiet = torch.zeros(1, 16, LAYOUT.noise_width)
    before = net(frames, quiet)
    owned = [range(LAYOUT.out_width)[LAYOUT.out_columns_of(track)] for track in BAND]
    for column in (0, SHARED_NOISE - 1):
        loud = quiet.clone()
        loud[..., column] = 5.0
        found = changed(net(frames, loud), before)
        assert all(set(columns) & set(found) for columns in owned)
    for part, columns in enumerate(owned):
        for column in (0, PART_NOISE - 1):
            loud = quiet.clone()
            loud[..., SHARED_NOISE + part * PART_NOISE + column] = 5.0
            found = changed(net(frames, loud), before)
            assert found
            assert set(found) <= set(columns)


def test_a_family_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="transformer"):
        build("transformer", LAYOUT, SMALL)


@pytest.mark.parametrize("steps", [1, 16, 17, 44])
def test_noise_has_a_value_for_every_step_and_repeats_within_its_bar(steps: int) -> None:
    torch.manual_seed(3)
    noise = draw_noise(LAYOUT, 2, steps)
    assert noise.shape == (2, steps, LAYOUT.noise_width)
    assert all(torch.equal(noise[:, step], noise[:, step - step % 16]) for step in range(steps))
    assert not torch.equal(noise[0], noise[1])


def test_noise_may_change_with_another_bar() -> None:
    torch.manual_seed(3)
    noise = draw_noise(LAYOUT, 1, 24, bar=12)
    assert torch.equal(noise[:, 0], noise[:, 11])
    assert not torch.equal(noise[:, 11], noise[:, 12])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_net_that_is_not_training_drops_nothing(family: str) -> None:
    net, frames = players(family), torch.rand(1, 16, LAYOUT.width)
    noise = draw_noise(LAYOUT, 1, 16)
    assert torch.equal(net(frames, noise), net(frames, noise))
    net.train()
    torch.manual_seed(0)
    assert not torch.equal(net(frames, noise), net(frames, noise))


def test_a_step_is_normalised_over_its_channels_alone() -> None:
    norm = StepNorm(4)
    x = torch.tensor([[[1.0, 9.0], [2.0, 9.0], [3.0, 9.0], [6.0, 9.0]]])
    found = norm(x)
    centred = np.array([1, 2, 3, 6]) - 3.0
    assert found[0, :, 0].tolist() == pytest.approx((centred / np.sqrt((centred**2).mean())).tolist(), abs=1e-4)
    assert found[0, :, 1].tolist() == [0.0] * 4, "a step without a difference has nothing to scale"
    with torch.no_grad():
        norm.scale.fill_(2.0)
        norm.shift.fill_(1.0)
    assert torch.allclose(norm(x), 2 * found + 1)


@pytest.mark.parametrize("channels", [3, 16])
def test_the_norm_is_torchs_layer_norm_as_it_is_exported(channels: int) -> None:
    norm, x = randomised(StepNorm(channels)), torch.randn(2, channels, 8, generator=seeded())
    assert isinstance(norm, StepNorm)
    scale, shift = norm.scale.flatten(), norm.shift.flatten()
    wanted = functional.layer_norm(x.transpose(1, 2), (channels,), scale, shift, 1e-5).transpose(1, 2)
    assert torch.allclose(norm(x), wanted, atol=1e-5)


def test_a_block_adds_to_what_it_is_given() -> None:
    block, x = TrunkBlock(6, 6, 3), torch.randn(1, 6, 8, generator=seeded())
    with torch.no_grad():
        block.second.weight.zero_()
        assert block.second.bias is not None
        block.second.bias.zero_()
    assert torch.equal(block(x), x)
    wider = TrunkBlock(6, 9, 3)
    assert wider(x).shape == (1, 9, 8)


@pytest.mark.parametrize("steps", [4, 8, 44])
def test_the_trunk_keeps_the_steps_of_windows_of_whole_beats(steps: int) -> None:
    assert Trunk(5, SMALL).eval()(torch.zeros(2, 5, steps)).shape == (2, SMALL.widths[0], steps)


def test_more_blocks_in_the_middle_see_further() -> None:
    def reach(middle: int) -> int:
        torch.manual_seed(0)
        trunk = Trunk(4, TrunkSize((8, 8, 8), middle, 0.0)).eval()
        x = torch.rand(1, 4, 256, generator=seeded())
        other = x.clone()
        other[:, :, 128] += 1
        found = torch.nonzero((trunk(x) - trunk(other)).abs().amax((0, 1)) > 1e-7).flatten()
        return int(found.max() - found.min())

    assert reach(1) < reach(2) < reach(3)


# -- discriminator


def events(layout: Layout, batch: int = 2, steps: int = 64, seed: int = 0) -> tuple[Tensor, Tensor]:
    width = sum(event_width(track) for track in layout.tracks)
    drawn = torch.rand(batch, steps, width + context_width(layout), generator=seeded(seed))
    return drawn[..., :width], drawn[..., width:]


def test_events_have_a_column_a_drum_or_pitch_and_their_flags() -> None:
    assert [event_width(track) for track in BAND] == [BAND[0].rows, BAND[1].rows + 2, BAND[2].rows + 1]
    plan = LAYOUT.input_columns["plan"]
    assert context_width(LAYOUT) == plan.stop
    assert {"melody.sound", "phase"} <= {block.name for block in LAYOUT.inputs if block.start < plan.stop}


@pytest.mark.parametrize("layout", [Layout(BAND), Layout(CHORALE)], ids=["band", "chorale"])
@pytest.mark.parametrize("spectral", [True, False])
def test_features_shrink_from_steps_to_beats(layout: Layout, spectral: bool) -> None:
    _, features = Discriminator(layout, spectral)(*events(layout))
    assert [tuple(one.shape) for one in features] == [
        (2, CHANNELS, 64), (2, CHANNELS, 32), (2, CHANNELS, 16), (2, CHANNELS, 16)
    ]  # fmt: skip


def test_a_score_judges_a_patch_and_not_the_whole_window() -> None:
    net = Discriminator(LAYOUT).eval()
    band, context = events(LAYOUT, 1)
    other = band.clone()
    other[:, 32:36] = 1 - other[:, 32:36]
    scores, changed_scores = net(band, context)[0], net(other, context)[0]
    found = torch.nonzero((scores - changed_scores).abs()[0] > 1e-7).flatten().tolist()
    assert 8 in found
    assert 0 not in found
    assert len(found) < 12


def test_the_discriminator_judges_the_band_beside_what_the_player_plays() -> None:
    net = Discriminator(LAYOUT).eval()
    band, context = events(LAYOUT, 1)
    assert not torch.allclose(net(band, context)[0], net(band, 1 - context)[0])


@pytest.mark.parametrize("spectral", [True, False])
def test_with_spectral_norm_no_layer_stretches_its_input(spectral: bool) -> None:
    torch.manual_seed(0)
    net = Discriminator(LAYOUT, spectral).train()
    for layer in net.layers:
        for _ in range(12):  # the norm is estimated by power iteration, a step at each use in training
            weight = layer.weight
        largest = float(torch.linalg.matrix_norm(weight.detach().flatten(1), 2))  # type: ignore[union-attr, operator]
        assert (largest == pytest.approx(1.0, abs=0.1)) == spectral


# -- groove net


def groove(seed: int = 1, layout: GrooveLayout = GROOVE) -> GrooveNet:
    net = randomised(GrooveNet(layout, GrooveSize((6, 6, 6, 6), 0.0)), seed)
    assert isinstance(net, GrooveNet)
    return net


def test_a_hit_depends_on_the_drums_before_it_in_its_step_alone() -> None:
    net, width = groove(), GROOVE.drums
    frames = torch.rand(1, GROOVE.inputs(DRUM_STEPS), generator=seeded())
    cells = torch.zeros(1, width)
    before = net.drum_logits(frames, cells)
    for drum in range(width):
        hit = cells.clone()
        hit[0, drum] = 1.0
        assert changed(net.drum_logits(frames, hit), before) == list(range(drum + 1, width))


def test_a_parts_cell_depends_on_the_parts_before_it_alone() -> None:
    layout = GrooveLayout((*BAND, CHORALE[2]), ("pop",))
    net, parts = groove(layout=layout), len(layout.pitched)
    frames = torch.rand(1, layout.inputs(BAND_STEPS), generator=seeded())
    cells = torch.zeros(1, 2 * parts)
    before = net.band_logits(frames, cells)
    for part in range(parts):
        for column in (2 * part, 2 * part + 1):
            told = cells.clone()
            told[0, column] = 1.0
            assert changed(net.band_logits(frames, told), before) == list(range(3 * (part + 1), 3 * parts))


def test_a_plan_depends_on_the_plans_of_the_tracks_before_it_alone() -> None:
    net, tracks = groove(), len(BAND)
    rows = [torch.rand(1, GROOVE.inputs(name), generator=seeded()) for name in (DRUM_BARS, BAND_BARS)]
    plans = torch.zeros(1, tracks * CHOICES)
    before = net.plan_logits(rows[0], rows[1], plans)
    assert before.shape == (1, tracks, CHOICES)
    for track in range(tracks):
        told = plans.clone()
        told[0, track * CHOICES + 3] = 1.0
        after = net.plan_logits(rows[0], rows[1], told)
        moved = [later for later in range(tracks) if not torch.allclose(after[:, later], before[:, later])]
        assert moved == list(range(track + 1, tracks))


@pytest.mark.parametrize("name", ["drum_links", "band_links", "plan_links"])
def test_links_are_masked_wherever_they_are_asked_for(name: str) -> None:
    net = groove()
    mask = chain_mask(GROOVE, name)
    assert mask.shape == GROOVE.link_shape(name)
    assert set(mask.flatten().tolist()) == {0.0, 1.0}
    assert not net.link(name)[mask == 0].any()
    assert bool((net.link(name)[mask == 1] == net.links[name][mask == 1]).all())


def test_the_masks_of_small_bands_are_known_by_hand() -> None:
    band = GrooveLayout(BAND, ("pop",))
    assert chain_mask(band, "band_links").tolist() == [[0] * 4] * 3 + [[1, 1, 0, 0]] * 3
    assert chain_mask(band, "drum_links").sum(1).tolist() == list(range(band.drums))
    assert chain_mask(band, "plan_links").sum(1).tolist() == [0] * 9 + [9] * 9 + [18] * 9


def test_a_band_without_drums_has_no_net_for_them() -> None:
    layout = GrooveLayout(CHORALE, ("bach",))
    net = groove(layout=layout)
    assert set(net.nets) == {BAND_BARS, BAND_STEPS}
    assert set(net.links) == {"band_links", "plan_links"}
    frames = torch.rand(2, layout.inputs(BAND_BARS), generator=seeded())
    assert net.plan_logits(None, frames, torch.zeros(2, 3 * CHOICES)).shape == (2, 3, CHOICES)


def test_a_net_in_its_first_state_lets_no_decision_change_another() -> None:
    net = GrooveNet(GROOVE, GrooveSize((6, 6, 6, 6), 0.0)).eval()
    frames = torch.rand(1, GROOVE.inputs(DRUM_STEPS), generator=seeded())
    one, other = (net.drum_logits(frames, torch.full((1, GROOVE.drums), value)) for value in (0.0, 1.0))
    assert torch.equal(one, other)


def test_a_perceptron_adds_its_second_layer_to_its_first() -> None:
    net = randomised(Perceptron(4, 3, 2, 0.0))
    assert isinstance(net, Perceptron)
    x = torch.rand(5, 4, generator=seeded())
    with torch.no_grad():
        entered = net.enter(x)
        hidden = functional.gelu(net.norm(entered), approximate="tanh")
        wanted = net.out(hidden + functional.gelu(net.middle(hidden), approximate="tanh"))
    assert torch.allclose(net(x), wanted)


def test_the_sizes_of_the_four_perceptrons_are_in_the_order_of_the_questions() -> None:
    net = GrooveNet(GROOVE, GrooveSize((3, 4, 5, 6), 0.0))
    found = [net.nets[name].enter.out_features for name in (DRUM_BARS, DRUM_STEPS, BAND_BARS, BAND_STEPS)]  # type: ignore[union-attr]
    assert found == [3, 4, 5, 6]


# -- voicing net


def voicing(question: str, seed: int = 1) -> VoicingPart:
    net = randomised(VoicingPart(VOICING, question, VoicingSize(4, 6, 0.0)), seed)
    assert isinstance(net, VoicingPart)
    return net


@pytest.mark.parametrize("reach", [1, 2, LEAP])
def test_the_rows_around_a_row_run_from_the_highest_down_and_end_at_the_edges(reach: int) -> None:
    near = surroundings(reach).view(ROWS, 2 * reach + 1)
    for row in (0, reach, ROWS // 2, ROWS - 1):
        wanted = [row + by if 0 <= row + by < ROWS else ROWS for by in range(reach, -reach - 1, -1)]
        assert near[row].tolist() == wanted


def test_a_kernel_is_laid_around_each_note_and_cut_at_the_edges() -> None:
    plane_of = torch.zeros(1, ROWS)
    plane_of[0, [10, 12, ROWS - 1]] = 1.0
    found = around(plane_of, torch.tensor([[0.25, 5.0, 2.0]]), surroundings(1))[0]  # below, on, above a note
    wanted = torch.zeros(ROWS)
    for note in (10, 12, ROWS - 1):
        wanted[note] += 5.0
        wanted[note - 1] += 0.25
        if note + 1 < ROWS:
            wanted[note + 1] += 2.0
    assert found.tolist() == pytest.approx(wanted.tolist())


@pytest.mark.parametrize(("question", "width"), [(LINE, ROWS), (CHORDS, 2 * ROWS + 1)])
def test_answers_are_as_wide_as_the_contract_says(question: str, width: int) -> None:
    found = voicing(question)(torch.zeros(3, VOICING.inputs))
    assert found.shape == (3, width)
    assert VOICING.outputs(question) == width


@pytest.mark.parametrize(("question", "reach", "name"), [(LINE, LEAP, "last 1"), (CHORDS, NEAR, "last 1")])
def test_a_last_note_is_rated_the_same_from_wherever_it_sounds(question: str, reach: int, name: str) -> None:
    """With the planes' own reading switched off, a note moved by a semitone moves its kernel by a row."""
    net = voicing(question)
    with torch.no_grad():
        net.planes.weight.zero_()

    def kernel_at(row: int) -> Tensor:
        frames = torch.zeros(1, VOICING.inputs)
        without = net(frames)[0, :ROWS]
        frames[0, plane(name).start + row] = 1.0
        found: Tensor = net(frames)[0, :ROWS] - without
        return found

    here, there = kernel_at(SPAN), kernel_at(SPAN + 1)
    assert torch.allclose(here[SPAN - reach : SPAN + reach], there[SPAN - reach + 1 : SPAN + reach + 1], atol=1e-5)
    rated = torch.nonzero(here.abs() > 1e-6).flatten()
    assert (int(rated.min()), int(rated.max())) == (SPAN - reach, SPAN + reach)


def test_the_highest_chosen_note_rates_what_may_lie_above_it_in_chords_alone() -> None:
    for question, asked in ((CHORDS, True), (LINE, False)):
        net = voicing(question)
        with torch.no_grad():
            net.planes.weight.zero_()
        frames = torch.zeros(1, VOICING.inputs)
        before = net(frames)
        frames[0, plane(TOP).start + SPAN] = 1.0
        assert bool((net(frames) != before).any()) == asked


def test_every_octave_of_a_pitch_class_gets_its_classs_rating() -> None:
    net = voicing(LINE)
    with torch.no_grad():
        net.out.weight.zero_()
        net.out.bias.zero_()
        net.out.bias[ROWS + 7] = 1.0
    found = net(torch.zeros(1, VOICING.inputs))[0]
    assert [row - SPAN for row in torch.nonzero(found).flatten().tolist()] == [
        by for by in range(-SPAN, SPAN + 1) if by % 12 == 7
    ]


@pytest.mark.parametrize(("layout", "questions"), [(VOICING, {LINE, CHORDS}), (VoicingLayout(CHORALE, ("a",)), {LINE})])
def test_a_band_has_the_nets_that_its_parts_need(layout: VoicingLayout, questions: set[str]) -> None:
    assert set(VoicingNet(layout, VoicingSize(4, 6, 0.0)).nets) == questions


@pytest.mark.parametrize("name", PLANES)
def test_every_plane_of_pitches_reaches_the_answer(name: str) -> None:
    net, frames = voicing(CHORDS), torch.rand(1, VOICING.inputs, generator=seeded())
    before = net(frames)
    frames[0, plane(name)] = 1 - frames[0, plane(name)]
    assert bool((net(frames) != before).any())
    assert plane(CHOSEN).stop == plane(TOP).start


_NETS: list[tuple[str, Callable[[], nn.Module], int]] = [
    ("line", lambda: voicing(LINE), VOICING.inputs),
    ("chords", lambda: voicing(CHORDS), VOICING.inputs),
    *((name, lambda name=name: groove().nets[name], GROOVE.inputs(name)) for name in  # type: ignore[misc]
      (DRUM_BARS, DRUM_STEPS, BAND_BARS, BAND_STEPS)),
]  # fmt: skip


@pytest.mark.parametrize(("make", "width"), [row[1:] for row in _NETS], ids=[row[0] for row in _NETS])
def test_small_nets_answer_each_row_alone_and_none_with_nothing(make: Callable[[], nn.Module], width: int) -> None:
    net, rows = make(), torch.rand(4, width, generator=seeded())
    together = net(rows)
    assert torch.allclose(together, torch.cat([net(rows[row : row + 1]) for row in range(4)]), atol=1e-5)
    assert net(rows[:0]).shape == (0, together.shape[1])
