"""What is in a model file: rounded weights, entries of the small nets, the card's figures, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from composerd.contract.binary_text import unpacked
from composerd.contract.card import GROOVE_KEY, HARMONY_KEY, KEY, VOICING_KEY
from composerd.contract.groove import QUESTIONS, GrooveLayout
from composerd.contract.layout import Layout, Track
from composerd.contract.voicing_layout import CHORDS, LINE, VoicingLayout
from composerd.engine.messages import Composed, Request
from composerd.errors import ConfigError, ModelError
from composerd.generators.onnx import OnnxGenerator
from composerd.generators.session import load_model
from composerd.generators.voicing_session import BEGUN, COLUMNS, FRAMES
from composerd_export.datasets import DATASETS, TEMPERATURE
from composerd_export.nets.groove import GrooveNet, GrooveSize
from composerd_export.nets.players import build
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.onnx.examples import BATCH, BATCHES, examples_of
from composerd_export.onnx.groove import (
    entry_of,
    groove_entry,
    groove_graph,
    packed_groove,
)
from composerd_export.onnx.verify import LIVE_STEPS, difference, milliseconds, page_for, play
from composerd_export.onnx.voicing import HEARING, packed_voicing, voicing_entry, voicing_graph
from composerd_export.onnx.weights import LEAST, as_stored, in_8_bits, rounded
from composerd_export.onnx.writer import (
    card_of,
    measured,
    multiply_accumulates,
    packed_harmonist,
    traced,
    write_model,
)
from composerd_export.training.checkpoint import Checkpoint
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from composerd_export.training.voicing_trainer import VoicingHyper
from layouts import BAND, CHORALE
from make_models import tiny_checkpoint, tiny_corpora, tiny_groove, tiny_model


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def entries(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}


def groove_net(layout: GrooveLayout, hidden: int = 8) -> GrooveNet:
    torch.manual_seed(4)
    net = GrooveNet(layout, GrooveSize((hidden,) * 4, 0.2))
    with torch.no_grad():
        for value in net.links.values():
            value.normal_()
    return net.eval()


def tiny_voicing(tracks: tuple[Track, ...] = BAND, genre: str = "pop") -> VoicingCheckpoint:
    torch.manual_seed(5)
    layout, hyper = VoicingLayout(tracks, (genre,)), VoicingHyper(size=VoicingSize(4, 8, 0.0))
    return VoicingCheckpoint(tracks, (genre,), hyper, VoicingNet(layout, hyper.size).state_dict())


# -- weights


def test_a_file_computes_what_the_net_with_rounded_weights_does_in_torch() -> None:
    point = tiny_checkpoint()
    net = as_stored(point.net())
    frames, noise = torch.rand(2, 20, net.layout.width), torch.randn(2, 20, net.layout.noise_width)
    with torch.no_grad():
        wanted = net(frames, noise).numpy()
    found = session(in_8_bits(traced(net))).run(["logits"], {"frames": frames.numpy(), "noise": noise.numpy()})[0]
    assert np.abs(found - wanted).max() < 1e-4


def test_large_weights_of_the_players_net_are_stored_in_8_bits_and_small_ones_as_they_are() -> None:
    model = in_8_bits(traced(tiny_checkpoint().net()))
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    small = [values.size for name, values in stored.items() if not name.endswith((".int8", ".scale"))]
    large = [values.size for values in stored.values() if values.dtype == np.int8]
    assert large
    assert min(large) >= LEAST
    assert not small or max(small) < LEAST


def test_rounding_changes_the_net_itself_and_each_weight_by_half_a_step_of_its_row_at_most() -> None:
    net = tiny_checkpoint().net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert as_stored(net) is net
    assert not net.training
    for name, value in net.state_dict().items():
        if value.ndim < 2 or value.numel() < LEAST:
            assert torch.equal(value, before[name])
            continue
        step = before[name].flatten(1).abs().max(1).values / 127
        assert ((value - before[name]).flatten(1).abs() <= step[:, None] * 0.5001).all()


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e4])
def test_the_largest_value_of_a_row_is_kept_and_zeros_stay_zeros(scale: float) -> None:
    values = (np.random.default_rng(0).normal(0, 1, (3, 50)) * scale).astype(np.float32)
    values[1] = 0.0
    stored, step = rounded(values)
    assert np.abs(stored).max(1).tolist() == [127, 0, 127]
    assert np.allclose((stored * step)[[0, 2]].max(1), values[[0, 2]].max(1), atol=scale / 100)
    assert not (stored * step)[1].any()
    assert step.shape == (3, 1)


@pytest.mark.parametrize("layout", [GrooveLayout(BAND, ("pop",)), GrooveLayout(CHORALE, ("bach",))])
def test_each_question_of_a_groove_net_is_answered_as_in_torch(layout: GrooveLayout) -> None:
    net, dice = groove_net(layout), np.random.default_rng(1)
    asked = {name: dice.random((2, layout.inputs(name))).astype(np.float32) for name in QUESTIONS if name in net.nets}
    graph = groove_graph(net)
    assert [one.name for one in graph.graph.input] == list(asked)
    run = session(graph)
    for name, rows in asked.items():
        feeds = {other: rows if other == name else np.zeros((0, layout.inputs(other)), np.float32) for other in asked}
        found = run.run([f"{name}.logits"], feeds)[0]
        with torch.no_grad():
            assert np.allclose(found, net.nets[name](torch.from_numpy(rows)).numpy(), atol=1e-4)


def test_only_large_matrices_are_stored_in_8_bits() -> None:
    model = in_8_bits(groove_graph(groove_net(GrooveLayout(BAND, ("pop",)))))
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.name.endswith(".int8"):
            assert values.dtype == np.int8
            assert values.size >= LEAST
        elif not tensor.name.endswith(".scale"):
            assert values.ndim != 2 or values.size < LEAST


def test_8_bits_change_an_answer_by_a_hundredth_of_its_size() -> None:
    layout = GrooveLayout(BAND, ("pop",))
    net = groove_net(layout, 32)
    rows = np.random.default_rng(1).random((3, layout.inputs("band_steps"))).astype(np.float32)
    feeds = {
        name: rows if name == "band_steps" else np.zeros((0, layout.inputs(name)), np.float32) for name in QUESTIONS
    }
    plain, small = (session(model).run(["band_steps.logits"], feeds)[0]
                    for model in (groove_graph(net), in_8_bits(groove_graph(net))))  # fmt: skip
    assert 0 < np.abs(plain - small).max() < 0.02 * max(1.0, float(np.abs(plain).max()))


# -- entries


def test_a_groove_entry_holds_genres_shares_textures_links_and_graph() -> None:
    net = groove_net(GrooveLayout(BAND, ("rock", "pop")))
    told = json.loads(packed_groove(net, {"drums": 0.1, "bass": 0.2, "keys": 0.3}))
    assert set(told) == {"genres", "absent", "textures", "links", "graph"}
    assert told["genres"] == ["rock", "pop"]
    assert told["absent"] == {"drums": 0.1, "bass": 0.2, "keys": 0.3}
    for name, rows in told["links"].items():
        assert np.allclose(rows, net.link(name).detach().numpy(), atol=5.1e-5)
        assert not np.array(rows)[np.asarray(net.link(name).detach() == 0)].any(), "what is masked is 0"
    assert onnx.load_model_from_string(unpacked(told["graph"])).graph.output[0].name == "drum_bars.logits"


def test_a_file_names_how_often_each_part_of_its_own_genre_is_silent(tmp_path: Path) -> None:
    point = tiny_groove()
    point = replace(point, genres=("rock", "pop"), extra={"absent": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]})
    net = GrooveNet(point.layout, point.hyper.size)
    point = replace(point, weights=net.state_dict())
    for genre, shares in (("pop", [0.4, 0.5, 0.6]), ("rock", [0.1, 0.2, 0.3]), ("polka", [0.0, 0.0, 0.0])):
        card = card_of(replace(tiny_checkpoint(), dataset=genre), tiny_checkpoint().net(), "m")
        told = json.loads(groove_entry(point, card, tmp_path / "m.onnx"))
        assert list(told["absent"].values()) == shares


def test_a_file_without_a_groove_net_says_so(tmp_path: Path) -> None:
    model = traced(tiny_checkpoint().net())
    (tmp_path / "bare.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ConfigError, match=rf"bare\.onnx: expected a groove net \({GROOVE_KEY}\), found none"):
        entry_of(tmp_path / "bare.onnx")


def test_a_voicing_entry_holds_a_graph_for_each_kind_of_part() -> None:
    net = tiny_voicing().net()
    told = json.loads(packed_voicing(net, {"bass": 0.1, "keys": 0.2}))
    assert told["hearing"] == {"bass": 0.1, "keys": 0.2}
    assert set(told["graphs"]) == {LINE, CHORDS}
    choir = json.loads(packed_voicing(tiny_voicing(CHORALE).net(), {}))
    assert set(choir["graphs"]) == {LINE}


def test_a_voicing_entry_computes_what_the_checkpoint_does_and_names_the_players_nets_weights(tmp_path: Path) -> None:
    point = tiny_voicing()
    card = card_of(tiny_checkpoint(), tiny_checkpoint().net(), "m")
    told = json.loads(voicing_entry(point, card, tmp_path / "m.onnx"))
    assert told["hearing"] == {"bass": HEARING, "keys": HEARING}
    frames = np.zeros((1, point.layout.inputs), np.float32)
    feeds = {FRAMES: frames, BEGUN: np.zeros(point.net().size.hidden, np.float32), COLUMNS: np.array([3])}
    written = onnx.load_model_from_string(unpacked(told["graphs"][CHORDS]))
    plain, packed = (
        session(graph).run(None, feeds) for graph in (in_8_bits(voicing_graph(point.net(), CHORDS)), written)
    )
    assert all(np.allclose(one, other, atol=1e-6) for one, other in zip(plain, packed, strict=True))


def test_a_voicing_net_of_other_parts_is_refused_with_both(tmp_path: Path) -> None:
    card = card_of(tiny_checkpoint(), tiny_checkpoint().net(), "m")
    with pytest.raises(ConfigError) as caught:
        voicing_entry(tiny_voicing(CHORALE), card, tmp_path / "m.onnx")
    assert str(caught.value).endswith(
        "expected the parts of the voicing net (mono, mono, mono), found drums, mono, poly"
    )


# -- the whole file


def test_a_file_holds_what_it_was_given_and_nothing_else(tmp_path: Path) -> None:
    tiny_model(tmp_path / "plain.onnx")
    assert set(entries(tmp_path / "plain.onnx")) == {KEY, GROOVE_KEY}
    write_model(tiny_checkpoint(), tmp_path / "voiced.onnx", tiny_groove(), voicing=tiny_voicing())
    assert set(entries(tmp_path / "voiced.onnx")) == {KEY, GROOVE_KEY, VOICING_KEY}
    assert HARMONY_KEY not in entries(tmp_path / "voiced.onnx")
    loaded = load_model(tmp_path / "voiced.onnx")
    assert loaded.voicing is not None
    assert loaded.voicing.layout == VoicingLayout(BAND, ("pop",))
    assert onnx.load(str(tmp_path / "plain.onnx")).doc_string == "plain: musegan for pop"


def test_a_groove_entry_may_be_taken_over_from_another_file(tmp_path: Path) -> None:
    tiny_model(tmp_path / "a.onnx")
    write_model(tiny_checkpoint(seed=2), tmp_path / "b.onnx", entry_of(tmp_path / "a.onnx"))
    assert entry_of(tmp_path / "b.onnx") == entry_of(tmp_path / "a.onnx")
    load_model(tmp_path / "b.onnx")


def test_a_file_that_cannot_be_made_leaves_the_old_one(tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "m.onnx")
    before = path.read_bytes()
    with pytest.raises(ConfigError):
        write_model(tiny_checkpoint(), path, tiny_groove(tracks=CHORALE))
    with pytest.raises(ConfigError):
        write_model(tiny_checkpoint(), path, tiny_groove(), tmp_path / "none.npz")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize("genre", ["pop", "bach", "polka"])
def test_the_card_has_the_datasets_temperature_and_plan(genre: str) -> None:
    card = card_of(replace(tiny_checkpoint(), dataset=genre), tiny_checkpoint().net(), "m")
    known = DATASETS.get(genre)
    assert card.temperature == (known.temperature if known else TEMPERATURE)
    assert card.plan == (known.plan if known else ("jam", "phrase"))


def test_a_unet_has_no_noise_in_card_and_graph() -> None:
    net = tiny_checkpoint("bach", "unet", CHORALE).net()
    assert card_of(tiny_checkpoint("bach", "unet", CHORALE), net, "m").noise == 0
    assert [one.name for one in traced(net).graph.input] == ["frames"]


def test_curves_are_lists_by_name_rounded_to_four_places() -> None:
    curves = [{"epoch": 1.0, "loss": 1.23456}, {"epoch": 2.0, "music": -0.00004}]
    found = measured(replace(tiny_checkpoint(), curves=curves))
    assert found == {"curves": {"epoch": [1.0, 2.0], "loss": [1.2346, None], "music": [None, -0.0]}}
    assert measured(tiny_checkpoint()) == {"curves": {}}


def test_multiply_accumulates_grow_with_the_window() -> None:
    net = build("unet", Layout(CHORALE), tiny_checkpoint().net().size)
    assert multiply_accumulates(net, 64) == 2 * multiply_accumulates(net, 32)
    assert not [hook for module in net.modules() for hook in module._forward_hooks.values()], "the hooks are taken off"


def test_a_missing_harmonist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--harmony: .*none\.npz: no such file"):
        packed_harmonist(tmp_path / "none.npz")
    np.savez(tmp_path / "odd.npz", past=np.zeros(3))
    with pytest.raises(ConfigError, match=r"--harmony: .*odd\.npz: not a harmonist"):
        packed_harmonist(tmp_path / "odd.npz")


# -- examples and verification


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize(("genre", "family", "tracks"), [("pop", "musegan", BAND), ("bach", "unet", CHORALE)])
def test_examples_are_what_the_net_is_fed_with(data: Path, genre: str, family: str, tracks: tuple[Track, ...]) -> None:
    point = tiny_checkpoint(genre, family, tracks)
    found = examples_of(point, data)
    assert len(found) == BATCHES
    for feeds in found:
        assert feeds["frames"].shape == (BATCH, 64, point.layout.width)
        assert ("noise" in feeds) == (family == "musegan")
    again, other = examples_of(point, data), examples_of(point, data, seed=1)
    assert all(np.array_equal(one["frames"], two["frames"]) for one, two in zip(found, again, strict=True))
    assert any(not np.array_equal(one["frames"], two["frames"]) for one, two in zip(found, other, strict=True))


def test_examples_of_a_corpus_that_is_not_there_name_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pop.valid\.npz: no such corpus file"):
        examples_of(tiny_checkpoint(), tmp_path)


def test_the_difference_of_another_net_is_seen_and_of_its_own_it_is_rounding(tmp_path: Path) -> None:
    model = load_model(tiny_model(tmp_path / "m.onnx"))
    feeds: list[dict[str, Any]] = [
        {"frames": np.random.default_rng(0).random((1, 16, model.card.layout.width), np.float32)}
    ]
    assert difference(model, tiny_checkpoint(), feeds) < 1e-4 < difference(model, tiny_checkpoint(seed=9), feeds)


def test_a_run_takes_some_time_and_is_timed_on_a_live_window(tmp_path: Path) -> None:
    assert milliseconds(load_model(tiny_model(tmp_path / "m.onnx")), runs=3) > 0
    assert LIVE_STEPS % 4 == 0


def test_a_model_of_no_known_genre_is_verified_with_the_parts_of_its_card(tmp_path: Path) -> None:
    genre = page_for(load_model(tiny_model(tmp_path / "m.onnx", "polka")))
    assert [(part.name, part.channel, part.low, part.high) for part in genre.parts] == [
        ("drums", 10, 0, 127), ("bass", 3, 28, 55), ("keys", 4, 43, 84)
    ]  # fmt: skip
    assert genre.problems() == []
    assert page_for(load_model(tiny_model(tmp_path / "pop.onnx"))).name == "pop"


def test_a_band_that_stays_silent_is_no_model(tmp_path: Path) -> None:
    path = tiny_model(tmp_path / "m.onnx", "polka")
    genre = page_for(load_model(path))

    class Silent(OnnxGenerator):
        def compose(self, request: Request) -> Composed:
            return Composed(request.serial, ())

    assert play(OnnxGenerator(path, genre), genre) > 0
    with pytest.raises(ModelError, match="m: the band stays silent"):
        play(Silent(path, genre), genre)


def test_a_checkpoint_of_the_players_has_the_averaged_weights() -> None:
    point = tiny_checkpoint()
    net = Checkpoint("pop", "musegan", BAND, point.hyper, point.weights).net()
    assert all(torch.equal(value, point.weights[name]) for name, value in net.state_dict().items())
    assert not net.training
