"""A model file opened: read, its seal and card checked, a session, and a first run."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from composerd.contract.card import HARMONY_KEY, KEY, Card, check, check_seal, decode_card
from composerd.contract.frames import Floats
from composerd.errors import ModelError
from composerd.music.harmonist import HarmonyTables


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A players' net ready to be asked."""

    card: Card
    session: Any
    tables: HarmonyTables | None
    """the harmonist's tables, where the file brings its own"""

    def logits(self, frames: Floats, noise: Floats) -> Floats:
        """(B, T, out_width) for frames (B, T, width); `noise` (B, T, card.noise) is ignored where the net has none."""
        feeds = {"frames": frames} | ({"noise": noise} if self.card.noise else {})
        found: Floats = self.session.run(["logits"], feeds)[0]
        return found


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options


def load_model(path: Path, threads: int = 1) -> Model:
    """ModelError, naming the file, where it is missing, broken, foreign, changed or not what its card says."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None
    check_seal(data, str(path))
    try:
        session = onnxruntime.InferenceSession(data, _options(threads), providers=["CPUExecutionProvider"])
        entries = session.get_modelmeta().custom_metadata_map
        inputs = {node.name: node.shape for node in session.get_inputs()}
        outputs = {node.name: node.shape for node in session.get_outputs()}
    except Exception as error:  # onnxruntime raises many kinds, none of them ours
        raise ModelError(f"{path}: not a usable ONNX file ({str(error).splitlines()[0][:120]})") from None
    card = decode_card(entries.get(KEY, ""), str(path))
    check(card, inputs, outputs, str(path))
    model = Model(card, session, _tables(entries.get(HARMONY_KEY), path))
    _warm_up(model, path)
    return model


def _tables(text: str | None, path: Path) -> HarmonyTables | None:
    if not text:
        return None
    try:
        with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as stored:
            return HarmonyTables.from_arrays({key: stored[key] for key in stored.files})
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: {HARMONY_KEY}: not usable harmony tables ({error})") from None


def _warm_up(model: Model, path: Path) -> None:
    layout, steps = model.card.layout, model.card.grid.past
    frames = np.zeros((1, steps, layout.width), np.float32)
    try:
        logits = model.logits(frames, np.zeros((1, steps, layout.noise_width), np.float32))
    except Exception as error:  # as above
        raise ModelError(f"{path}: does not run ({str(error).splitlines()[0][:120]})") from None
    if logits.shape != (1, steps, layout.out_width) or not np.isfinite(logits).all():
        raise ModelError(f"{path}: logits: expected finite (1, {steps}, {layout.out_width}), found {logits.shape}")
