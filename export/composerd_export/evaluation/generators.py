"""Opens generators: the rules, an ONNX file, a checkpoint, or the generator that a genre's page names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from composerd.app.generator_bank import PLAIN, Finder, bank
from composerd.contract.card import Card
from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError, ModelError
from composerd.library.genre_files import genre_pages, load_genre
from composerd.library.model_files import find_model
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.midi import DRUM_CHANNEL


@dataclass(frozen=True, slots=True)
class Strict:
    """A generator that raises ModelError if the wrapped one fails, instead of playing by the rules of `plain`."""

    generator: Generator

    def compose(self, request: Request) -> Composed:
        answer = self.generator.compose(request)
        if answer.problem:
            raise ModelError(answer.problem)
        return answer


@dataclass(frozen=True, slots=True)
class Opened:
    """A generator as the user named it."""

    name: str
    """`plain`, a file or a genre, as given"""
    called: str = ""
    """by the user; empty: after the file"""
    file: Path | None = None
    """the .onnx file"""
    card: Card | None = None

    @property
    def label(self) -> str:
        return self.called or Path(self.name).stem

    def generator(self, genre: Genre, guarded: bool) -> Generator:
        """The generator for `genre`. Raises ModelError if it cannot play it."""
        model, find = self._model(genre)
        generators = bank(EngineSettings(guard=guarded, precision="fp32"), find)
        generators.open(replace(genre, model=model))
        return Strict(generators)

    def _model(self, genre: Genre) -> tuple[str, Finder]:
        file = self.file
        if file is not None:
            return file.stem, lambda _: file
        return (PLAIN if self.name == PLAIN else genre.model), find_model


def opened(text: str, folder: Path) -> Opened:
    """Open the generator that `text`, NAME=MODEL or MODEL, names. Raises ConfigError or ModelError.

    A checkpoint is first exported into `folder`, with its genre's own groove net.
    """
    called, _, name = text.rpartition("=")
    path = Path(name)
    if name == PLAIN or name in genre_pages():
        return Opened(name, called)
    if path.suffix not in (".onnx", ".pt"):
        raise ConfigError(f"MODEL: found {name!r}, expected plain, a genre, an .onnx file or a checkpoint (.pt)")
    if not path.is_file():
        raise ConfigError(f"{name}: no such file")
    file = path if path.suffix == ".onnx" else _exported(path, folder)
    from composerd.generators.session import load_model

    return Opened(name, called, file, load_model(file).card)


def _exported(checkpoint: Path, folder: Path) -> Path:
    """Exports a checkpoint. Raises ConfigError if no model of its genre has a groove net for it."""
    from composerd_export.onnx.groove import entry_of
    from composerd_export.onnx.writer import write_model
    from composerd_export.training.checkpoint import load_checkpoint

    file = folder / f"{checkpoint.absolute().parent.name}-{checkpoint.stem}.onnx"
    point = load_checkpoint(checkpoint)
    model = find_model(point.dataset)
    if model is None:
        raise ConfigError(
            f"{checkpoint}: no model of {point.dataset} has a groove net for it; `export` it with --groove"
        )
    write_model(point, file, entry_of(model))
    return file


def band_for(dataset: str, card: Card | None) -> Genre:
    """The genre page of a dataset's name; without one, the tracks of the model's card. ConfigError without either."""
    pages = genre_pages()
    if dataset in pages:
        return load_genre(dataset)
    if card is None:
        raise ConfigError(f"--dataset: found {dataset!r}, expected a genre with a page: {', '.join(pages)}")
    free = (channel for channel in range(PLAYER_CHANNEL + 1, 17) if channel != DRUM_CHANNEL)
    parts = [
        Part(
            track.name, track.role, DRUM_CHANNEL if track.role == "drums" else next(free), track.program,
            track.low, track.high, max(1, track.polyphony),
        )
        for track in card.tracks
    ]  # fmt: skip
    return Genre(dataset, dataset.title(), PLAIN, 100.0, tuple(parts), style=card.genre)
