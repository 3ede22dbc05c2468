"""models/README.md: one legend, and for each model its training and its figures, a row a metric."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from composerd.contract.card import Card
from composerd.errors import ConfigError
from composerd.library.model_files import INT8
from composerd_export.evaluation.judge.report import Sheet, sheets
from composerd_export.evaluation.provenance import command, hyperparameters
from composerd_export.evaluation.report import COLUMNS
from composerd_export.training.curves import Curves

FIGURES, CURVES, ROLLS = "figures", "curves", "rolls"
"""Folders beside README.md: what `evaluate --json` wrote, pictures of trainings, eight bars of people and model."""
NOT_SHOWN = ("ms", "blips", "cross", "TD", "range", "new", "dur", "EB")
"""Columns of `evaluate` that the README leaves out."""
NOT_COMPARED = ("another song", "shifted by a bar")
"""Systems that the README leaves out: another song stays in the melody's key."""

INTRODUCTION = """# Models

Made by `composerd-export describe models` from the cards in the files and the figures beside them; do not edit by hand.

Each file holds three neural nets and a card (`metadata_props["composerd.card"]`) with tracks, inputs and outputs,
training data with licences, hyperparameters and a checksum.

- The *players' net* rates every pitch of every part.
- The *groove net* (`composerd.groove`) plans each bar of each part (new, a copy of the part's own
  bar 1, 2, 4 or 8 ago, or a variation of it) and samples the rhythm of the bars that are no copies.
- The *voicing net* (`composerd.voicing`) samples the notes, those of a chord one by one; a tenth of the players' net's
  rating of each pitch is added.

Weights are stored in 8 bits and computed with in 32.

Rock, pop and jazz share one groove net and one voicing net, trained on the chords of the songs as a lead sheet writes
them, and on pasts in which some notes are missing and others added. Both are told how each part plays throughout (its
density, sustain, repetition, number of notes in a chord, register); the classes of the genuine pieces are in the file,
and a performance plays in those of one of them. The symphony's groove net is made alike. Bach's nets and the symphony's
voicing net are older: they are told nothing of this, and the symphony's, like Bach's groove net, was trained on the
chord of each half bar's own notes (Bach: each beat's); by the judge these bands were not nearer to people with nets
trained anew. Bach's voicing net has as many chords a bar as the harmonist plans. The chords come from the harmonist, a
net that belongs to the daemon. A decision is one run of the players' net over 32 steps (16ths) of the past and the
steps ahead; the daemon makes about three a beat.

In files that end in -int8 the players' net computes in 8 bits, too (`composerd-export export ... --int8`). The
setting `engine.precision: auto` uses them on x86 processors with VNNI, where they are quicker: on a core of an AMD EPYC
a run takes 0.6 ms in 8 bits and 1.9 in 32. On other processors `composerd doctor` measures which is quicker. bach has
no such file, since it needs the fewest decisions.

## How to read the figures

All figures are of the reported half of the validation songs (`--half reported`: half of them, by name), on which no net
was trained. They are not wholly independent: the epoch of each net was chosen by its loss on both halves, and the
temperature of the players' net, before there were halves, by clips of both. All figures are of one training and one
seed; another seed changes the judge's by up to .1 and others by up to .03.

- **The judge** (`evaluate --judge`) is a pair of classifiers trained to distinguish a band from people, by some 150
  features of 16 bars (bach: 8). They are tested on songs that they were not trained on. The figure is the area under
  the ROC curve with its 95 % interval: at .50 the judge cannot distinguish them, at 1 it always can. Figures below .50
  are chance, where there are few works (the symphony's half has five movements).
- The columns: *people* are pieces of the reported half that people arranged (for jazz, which has none there, half of
  the training songs that people arranged); the band plays to their melodies. *other people* are pieces of the training
  half. *real bands* are figures of another collection of people. These columns tell how well the judge distinguishes
  people from people. *plain* is the band by the daemon's rules.
- *rhythm*, *repetition*, *harmony*, *lines* and *lengths* are the judge with these features alone.
- *first bands* are the bands before the groove nets, which the judge always distinguished from people.
- *alone* are figures of single parts; *deviation of the velocity* is empty for people whose source has one loudness.
- **Clips of 8 bars** (`evaluate`): *human* is what people played there, *other people* is what people played to the
  melodies of the tuning half's clips, *another song in key* is another song's accompaniment, *nearest neighbour*
  copies bars of the training songs. Distances are measured from *human*: the column *other people* is how far people
  lie from people.
- **Recipes** compare ways to train the players' net, before there were groove nets, on clips of both halves, by whose
  songs the sampling had been tuned: *wgan-gp* is the classical recipe on the same net, for about the same processor
  time; *ours without adversarial loss* was trained for as many epochs as ours.
- **Pictures** show eight bars of people above the model's to the same melody (black), each drum in its own lane
  (`evaluate NAME --songs 2 --genuine --no-baselines --no-unguarded --mode jam --rolls models/rolls/NAME`). Jazz
  has no pieces arranged by people in this half: the parts shown there, and in its clips, were made by rules from
  people's melodies and chords.
"""


def readme(cards: Mapping[Path, Card], figures: Path) -> str:
    """The whole text. Raises ConfigError for a file in `figures` that `evaluate --json` did not write."""
    whole = {path: card for path, card in cards.items() if not path.stem.endswith(INT8)}
    sections = [_section(path, card, figures) for path, card in whole.items()]
    return "\n".join([INTRODUCTION, _legend(), _overview(cards), *sections])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _legend() -> str:
    rows = [(f"`{name}`", said) for name, said in COLUMNS if name not in NOT_SHOWN]
    return table(["figure of a clip", "meaning"], rows)


def _overview(cards: Mapping[Path, Card]) -> str:
    rows = [
        (
            path.name, card.family, card.genre, ", ".join(track.name for track in card.tracks),
            f"{card.parameters / 1e6:.2f} M", f"{card.multiply_accumulates / 1e6:.0f} M",
            f"{path.stat().st_size / 1e6:.1f} MB",
        )
        for path, card in cards.items()
    ]  # fmt: skip
    return table(["file", "family", "genre", "parts", "parameters", "multiply-accumulates a decision", "size"], rows)


def curves_of(card: Card) -> Curves:
    """The card's curves, a row an epoch."""
    lists = card.metrics.get("curves", {})
    rows = zip(*lists.values(), strict=True)
    return [{name: value for name, value in zip(lists, row, strict=True) if value is not None} for row in rows]


def _section(path: Path, card: Card, figures: Path) -> str:
    """One model: its origin, pictures and figures."""
    data = [(str(row["source"]), str(row["licence"]), str(row["pieces"])) for row in card.data]
    rolls = sorted((path.parent / ROLLS / path.stem).glob("*.png"))
    parts = [
        f"## {card.name}\n",
        f"`{path.name}`, {card.family}, checksum `{card.checksum}`.\n",
        *(f"![people, and the model to the same melody]({ROLLS}/{path.stem}/{roll.name})\n" for roll in rolls),
        *_judged(card, _read(figures / f"{path.stem}-judge.json", "judge")),
        *_measured(_read(figures / f"{path.stem}.json", "rows")),
        *_measured(_read(figures / f"{path.stem}-creativity.json", "rows"), "creativity from 0 (safe) to 1 (bold)"),
        *_measured(_read(figures / f"{path.stem}-recipes.json", "rows"), "recipes compared before the groove nets"),
        "### Training\n",
        "```\n" + command(card) + "\n```\n",
        hyperparameters(card),
        *([f"![curves of the training]({CURVES}/{path.stem}.png)\n"] if curves_of(card) else []),
        table(["trained on", "licence", "pieces"], data),
    ]
    return "\n".join(parts)


def _read(path: Path, entry: str) -> dict[str, Any]:
    """The output of `evaluate --json`, empty if there is no such file. Raises ConfigError for any other file."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"about": dict(found.get("about", {})), entry: [dict(row) for row in found[entry]]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: not what `evaluate --json` writes ({error})") from None


def _judged(card: Card, found: Mapping[str, Any]) -> list[str]:
    if not found:
        return []
    told = [_sheet(sheet) for sheet in sheets(card.genre, found["judge"])]
    return ["### The judge\n", *told, _command(found)]


def _sheet(sheet: Sheet) -> str:
    return table([sheet.title, *sheet.columns], sheet.rows)


def _measured(found: Mapping[str, Any], title: str = "") -> list[str]:
    """A row a metric, a column a system."""
    if not found:
        return []
    systems = [row for row in found["rows"] if row.get("name") not in NOT_COMPARED]
    head = ["", *(f"{row.get('name', '')} {row.get('mode', '')}".strip() for row in systems)]
    shown = [name for name, _ in COLUMNS if name not in NOT_SHOWN]
    rows = [(f"`{name}`", *(_figure(row, name) for row in systems)) for name in shown]
    kept = [row for row in rows if any(cell != "–" for cell in row[1:])]
    return [f"### Clips of 8 bars{': ' + title if title else ''}\n", table(head, kept), _command(found)]


def _command(found: Mapping[str, Any]) -> str:
    about = found["about"]
    lines = [*dict(about.get("trained", {})).values(), str(about.get("command", ""))]
    return "```\n" + "\n".join(lines) + "\n```\n" if lines[-1] else ""


def _figure(row: Mapping[str, Any], name: str) -> str:
    value = row.get("values", row).get(name)
    return f"{value:.2f}" if isinstance(value, (int, float)) and value == value else "–"
