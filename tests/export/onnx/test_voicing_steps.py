"""The voicing net read step by step in onnxruntime answers as the whole frame does in torch."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
import torch

from composerd.contract.binary_text import packed
from composerd.contract.frames import Floats
from composerd.contract.voicing import NOWHERE, set_query
from composerd.contract.voicing_layout import (
    CHORDS,
    CHOSEN,
    LASTING,
    LINE,
    NOTE,
    ROWS,
    TOP,
    VoicingLayout,
    plane,
    stage_columns,
)
from composerd.contract.voicing_reading import Reading
from composerd.generators.voicing_session import VoicingSession
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.onnx.groove import OPSET
from composerd_export.onnx.voicing import packed_voicing
from composerd_export.onnx.weights import as_stored
from layouts import BAND

LAYOUT = VoicingLayout(BAND, ("pop",))


@dataclass
class Both:
    """One random step, for the net in torch and in a session."""

    net: VoicingNet
    question: str
    frame: Floats
    """(1, inputs) with the latest decisions"""
    reading: Reading

    @classmethod
    def of(cls, question: str, seed: int) -> Both:
        torch.manual_seed(seed)
        net = as_stored(VoicingNet(LAYOUT, VoicingSize(6, 12, 0.0)))
        session = VoicingSession(json.loads(packed_voicing(net, {}))["graphs"], LAYOUT.questions)
        dice, stage = np.random.default_rng(seed), stage_columns(LAYOUT)
        early = dice.integers(0, 2, (1, LAYOUT.inputs)).astype(np.float32)
        for columns in (stage, plane("last 1"), plane("others"), plane(CHOSEN), plane(TOP)):
            early[:, columns] = 0.0
        latest = [plane(name).start + int(row) for name in ("last 1", "others") for row in dice.choice(ROWS, 3, False)]
        reading = Reading.of(session, question, early[0], session.sums(question, early)[0], latest, stage.start)
        early[:, latest] = 1.0
        return cls(net, question, early, reading)

    def in_torch(self, stage: int, chosen: list[int], top: int | None = None) -> Floats:
        rows = np.zeros((1, ROWS), np.uint8)
        rows[0, chosen] = 1
        highest = np.array([NOWHERE if top is None else top])
        shown = set_query(LAYOUT, self.frame, np.array([stage]), rows, highest)
        with torch.no_grad():
            found: Floats = self.net.nets[self.question](torch.from_numpy(shown)).numpy()[0]
        return found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("question", "chosen", "top"),
    [(LINE, [], None), (CHORDS, [], None), (CHORDS, [20, 30], None), (CHORDS, [5, 41], 41), (CHORDS, [0, 68], 68)],
)
def test_the_next_note_is_rated_alike(question: str, chosen: list[int], top: int | None, seed: int) -> None:
    both = Both.of(question, seed)
    logits, end = both.reading.next_note(chosen, top)
    expected = both.in_torch(NOTE, chosen, top)
    assert np.allclose(logits, expected[:ROWS], atol=1e-4)
    assert question == LINE or end == pytest.approx(float(expected[ROWS]), abs=1e-4)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_notes_that_are_held_are_rated_alike(seed: int) -> None:
    both = Both.of(CHORDS, seed)
    assert np.allclose(both.reading.lasting([10, 33]), both.in_torch(LASTING, [10, 33])[ROWS + 1 :], atol=1e-4)


def test_an_answer_leaves_the_next_one_as_it_was() -> None:
    reading = Both.of(CHORDS, 3).reading
    first = reading.next_note([12], 12)[0]
    reading.next_note([12, 40], 40)
    reading.lasting([7])
    assert np.array_equal(reading.next_note([12], 12)[0], first)


def test_a_voicing_graph_of_an_earlier_version_is_refused_when_the_file_is_opened() -> None:
    """It took whole frames for each note."""
    frames, logits = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3]) for name in ("frames", "logits")
    )
    graph = onnx.helper.make_graph([onnx.helper.make_node("Neg", ["frames"], ["logits"])], "old", [frames], [logits])
    old = onnx.helper.make_model(graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", OPSET)])
    with pytest.raises(ValueError, match="line: found frames, expected inputs frames, begun and columns: export"):
        VoicingSession({LINE: packed(old.SerializeToString())}, (LINE,))
