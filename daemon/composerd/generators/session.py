"""Opens a model file: checks its checksum and card, makes an inference session, and runs it once."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from composerd.contract.card import GROOVE_KEY, HARMONY_KEY, KEY, VOICING_KEY, Card, check, check_seal, decode_card
from composerd.contract.frames import Floats
from composerd.errors import Line, ModelError, first_line, unreadable
from composerd.generators.groove import Groove
from composerd.generators.inference import inference_session
from composerd.generators.tables import net_of
from composerd.generators.voicing import Voicing
from composerd.music.harmony.net import HarmonyNet


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """An open model: a players' net with its card, and the nets beside it."""

    card: Card
    session: Any
    harmony: HarmonyNet | None
    """the harmonist, if the file contains one"""
    groove: Groove
    """the groove net, which samples the rhythm"""
    voicing: Voicing | None
    """the voicing net, which samples the notes; None: the players' net does"""

    def logits(self, frames: Floats, noise: Floats) -> Floats:
        """Logits (B, T, out_width) for frames (B, T, width); `noise` (B, T, card.noise) is ignored if the net takes
        none."""
        feeds = {"frames": frames} | ({"noise": noise} if self.card.noise else {})
        found: Floats = self.session.run(["logits"], feeds)[0]
        return found


def load_model(path: Path, threads: int = 1) -> Model:
    """Load and test a model file. Raises ModelError if it is missing, broken, not ours, changed or unlike its card."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", unreadable(error), place=Line(str(path))) from None
    check_seal(data, str(path))
    try:
        session = inference_session(data, threads)
        entries = session.get_modelmeta().custom_metadata_map
        inputs = {node.name: node.shape for node in session.get_inputs()}
        outputs = {node.name: node.shape for node in session.get_outputs()}
    except Exception as error:  # onnxruntime raises many kinds, none of them ours
        raise ModelError(f"not a usable ONNX file ({first_line(error)})", place=Line(str(path))) from None
    card = decode_card(entries.get(KEY, ""), str(path))
    check(card, inputs, outputs, str(path))
    groove = Groove(entries.get(GROOVE_KEY, ""), card, path, threads)
    voicing = Voicing.read(entries[VOICING_KEY], card, path, threads) if VOICING_KEY in entries else None
    model = Model(card, session, _harmony(entries.get(HARMONY_KEY), path), groove, voicing)
    _warm_up(model, path)
    return model


def _harmony(text: str | None, path: Path) -> HarmonyNet | None:
    if not text:
        return None
    try:
        with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as stored:
            return net_of({key: stored[key] for key in stored.files}, str(path), HARMONY_KEY)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{HARMONY_KEY}: not a usable harmonist ({error})", place=Line(str(path))) from None


def _warm_up(model: Model, path: Path) -> None:
    layout, steps = model.card.layout, model.card.grid.past
    frames = np.zeros((1, steps, layout.width), np.float32)
    try:
        logits = model.logits(frames, np.zeros((1, steps, layout.noise_width), np.float32))
    except Exception as error:  # as above
        raise ModelError(f"does not run ({first_line(error)})", place=Line(str(path))) from None
    if logits.shape != (1, steps, layout.out_width) or not np.isfinite(logits).all():
        expected = f"finite numbers (1, {steps}, {layout.out_width})"
        raise ModelError(place=Line(str(path)), field="logits", found=str(logits.shape), expected=expected)
