"""`evaluate --judge`, `--chords`, of files and of checkpoints: what is printed and written on tiny data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from composerd.errors import ConfigError, ModelError
from composerd_export.cli import main
from composerd_export.data.corpus import BAND_TRACKS, Corpus, Piece, write_corpus
from composerd_export.data.harmony.songs import TICKS_PER_STEP
from composerd_export.evaluation.judge.classify import GROUPS
from composerd_export.evaluation.judge.people import FEWEST_WINDOWS
from composerd_export.training.checkpoint import save_checkpoint
from make_models import tiny_checkpoint, tiny_model

MELODY, DRUMS, BASS, GUITAR, KEYS = range(5)
BAR = 16 * TICKS_PER_STEP


def piece(seed: int, bars: int = 6) -> Piece:
    """A tune over four chords, with bass, guitar, keys and drums of people."""
    dice, notes = np.random.default_rng(seed), list[tuple[int, int, int, int, int]]()
    for bar in range(bars):
        root, at = int(dice.choice((0, 5, 7, 9))), 96 * bar
        tones = [root, root + 4, root + 7]
        notes += [(at + 24 * beat, 24, 60 + int(dice.choice(tones)), 80, MELODY) for beat in range(4)]
        notes += [
            (at + 24 * beat, 20, 36 + root, int(dice.integers(60, 100)), BASS) for beat in (0, int(dice.integers(1, 4)))
        ]
        notes += [(at + 12 * int(dice.integers(8)), 12, 48 + tone, 70, GUITAR) for tone in tones]
        notes += [(at, 96, 60 + tone, 70, KEYS) for tone in tones]
        notes += [(at + 12 * eighth, 1, 42, 80, DRUMS) for eighth in range(8)]
    grid = [(96 * bar, 4, 4, 96) for bar in range(bars)]
    return Piece(np.array(sorted(set(notes)), np.int32), np.array(grid, np.int32), {"id": f"song{seed}", "bpm": 120.0})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus `mine` of people, of which any half may be judged, and `rock`."""
    found = tmp_path_factory.mktemp("data")
    for name in ("mine", "rock"):
        for split, first, count in (("train", 100, 12), ("valid", 0, FEWEST_WINDOWS + 1)):
            pieces = tuple(piece(first + seed) for seed in range(count))
            write_corpus(found / name / f"{split}.npz", Corpus(BAND_TRACKS, pieces))
    return found


def flat(path: Path, *songs: dict[str, Any]) -> Path:
    """A file of songs: `bars` (ticks, numerator, denominator), `notes` and `chords` as in songs/*.npz."""

    def column(name: str, index: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([row[index] for song in songs for row in song[name]], np.int64)

    def pointers(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.cumsum([0, *(len(song[name]) for song in songs)])

    about = [{"id": song["id"], "source": song["source"], "title": song["id"]} for song in songs]
    np.savez(
        path, meta=np.frombuffer(json.dumps({"pieces": about}).encode(), np.uint8),
        bar_ptr=pointers("bars"), blen=column("bars", 0), bnum=column("bars", 1), bden=column("bars", 2),
        note_ptr=pointers("notes"), don=column("notes", 0), dur=column("notes", 1), pitch=column("notes", 2),
        cseg_ptr=pointers("chords"), cdel=column("chords", 0), clen=column("chords", 1), croot=column("chords", 2),
        cqual=column("chords", 3), cbass=column("chords", 4),
    )  # fmt: skip
    return path


def tune(name: str, source: str = "Nottingham", seventh: int = 0) -> dict[str, Any]:
    """Four bars over C, F, G and C, an arpeggio of each."""
    roots = (0, 5, 7, 0)
    pitches = [60 + root + tone for root in roots for tone in (0, 4, 7, 4)]
    return {
        "id": name, "source": source, "bars": [(BAR, 4, 4)] * 4,
        "notes": [(0 if index == 0 else BAR // 4, BAR // 4, pitch) for index, pitch in enumerate(pitches)],
        "chords": [(0, BAR, root, seventh if root == 7 else 0, root) for root in roots],
    }  # fmt: skip


# -- the judge


@pytest.fixture(scope="module")
def judged(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    path = tmp_path_factory.mktemp("judged") / "judge.json"
    words = ["evaluate", "plain", "--judge", "--dataset", "rock", "--data", str(data), "--half", "both", "--songs", "9"]
    return main([*words, "--bars", "4", "--json", str(path)]), json.loads(path.read_text())


def test_the_judge_compares_the_band_with_people_and_people_with_people(judged: tuple[int, dict[str, Any]]) -> None:
    status, found = judged
    assert status == 0
    assert [(row["name"], row["mode"]) for row in found["judge"]] == [
        ("people", ""),
        ("other people", ""),
        ("plain", "jam"),
    ]
    people, others, band = found["judge"]
    assert people["judgements"] == [], "without real bands there is nobody to compare them with"
    for row, windows in ((others, 9), (band, 9)):
        (one,) = row["judgements"]
        assert (one["against"], one["windows"], one["against_windows"]) == ("people", windows, 9)
        assert set(one["groups"]) == set(GROUPS)
        area, low, high = one["auc"]
        assert 0 <= low <= area <= high <= 1


def test_the_judge_tells_rules_from_these_people_better_than_people_from_people(
    judged: tuple[int, dict[str, Any]],
) -> None:
    _, others, band = judged[1]["judge"]
    assert band["judgements"][0]["auc"][0] > 0.9 > others["judgements"][0]["auc"][0]


def test_the_judges_figures_name_how_they_were_made(judged: tuple[int, dict[str, Any]]) -> None:
    about = judged[1]["about"]
    assert about["command"] == ("composerd-export evaluate plain --dataset rock --half both --songs 9 --bars 4 --judge")
    assert (about["model"], about["dataset"], about["half"]) == ("plain", "rock", "both")
    assert judged[1]["judge"][2]["genre"] is None, "with people of one genre there is no other to take it for"
    assert set(judged[1]["judge"][2]["solo"]) == {"drums", "bass", "guitar", "keys"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plain", "--dataset", "pop"), "found no valid.npz of pop"),
        (("plain", "--dataset", "rock", "--split", "test"), "found no test.npz of rock"),
        (("plain", "--dataset", "rock", "--bars", "16"), "rock valid: found 0 windows, expected some of two works"),
        (("plain", "--dataset", "rock", "--real-bands", "none.npz"), "none.npz: no such file"),
        (("plain", "--dataset", "mine"), "--dataset: found 'mine', expected a genre with a page"),
    ],
)
def test_a_judge_without_people_says_what_is_missing(
    data: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words, "--judge", "--data", str(data)]) == ConfigError.status
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


# -- chords


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """Name of a line -> its figures."""
    return {line[:18].strip(): line[18:].split() for line in capsys.readouterr().out.splitlines()}


def test_planned_chords_are_compared_by_style_in_both_modes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = flat(tmp_path / "songs.npz", tune("one"), tune("two", "POP909"))
    assert main(["evaluate", "plain", "--chords", str(path), "--half", "both"]) == 0
    found = lines(capsys)
    for system in ("textbook", "phrase", "jam", "jam+memory"):
        counts = [found[f"{system} {style}"][0] for style in ("folk", "pop", "known", "all")]
        assert counts == ["1", "1", "10", "2"]
    assert found["where recognised"][:2] == ["songs", "recognised"]
    assert [found[style][0] for style in ("folk", "pop", "known")] == ["1", "1", "10"]
    assert float(found["phrase folk"][1]) == 1.0, "arpeggios of the three chords"
    assert float(found["phrase all"][1]) == pytest.approx(
        (float(found["phrase folk"][1]) + float(found["phrase pop"][1])) / 2, abs=1e-3
    )


@pytest.mark.parametrize(
    ("mode", "systems"), [("jam", ["textbook", "jam", "jam+memory"]), ("phrase", ["textbook", "phrase"])]
)
def test_one_mode_alone_may_be_compared(
    tmp_path: Path, mode: str, systems: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = flat(tmp_path / "songs.npz", tune("one"))
    assert main(["evaluate", "plain", "--chords", str(path), "--half", "both", "--mode", mode]) == 0
    found = lines(capsys)
    assert [name.split()[0] for name in found if name.endswith(" all")] == systems


def test_only_the_reported_half_is_compared_unless_all_songs_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By their names, POP909 001 is in the reported half and bwv253 is not."""
    path = flat(tmp_path / "songs.npz", tune("POP909 001"), tune("bwv253"))
    words = ["evaluate", "plain", "--chords", str(path), "--mode", "phrase"]
    assert main(words) == 0
    assert lines(capsys)["phrase folk"][0] == "1"
    assert main([*words, "--half", "both"]) == 0
    assert lines(capsys)["phrase folk"][0] == "2"


def test_people_are_compared_with_people_over_the_same_bars(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = flat(tmp_path / "one.npz", tune("one"))
    other = flat(tmp_path / "other.npz", tune("two", seventh=1))  # G minor where the first has G
    words = ["evaluate", "plain", "--chords", str(one), "--half", "both", "--mode", "phrase", "--people", str(one)]
    assert main(words) == 0
    assert "people with people, the same two bars" not in capsys.readouterr().out, "one song has no pair"
    assert main([*words, str(other)]) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == "people with people, the same two bars, folk: 0.67 of 3 pairs"


def test_a_model_of_ones_own_plans_with_its_own_harmonist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, model = flat(tmp_path / "songs.npz", tune("one")), tiny_model(tmp_path / "m.onnx")
    words = ["--chords", str(path), "--half", "both", "--mode", "phrase"]
    assert main(["evaluate", str(model), *words]) == 0
    own = lines(capsys)
    assert main(["evaluate", "plain", *words]) == 0
    assert lines(capsys) == own, "a file without a harmonist has the shipped one"


@pytest.mark.parametrize("option", ["--chords", "--people"])
def test_a_file_that_holds_no_songs_is_named_with_its_option(
    tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = flat(tmp_path / "songs.npz", tune("one")), tmp_path / "bad.npz"
    bad.write_bytes(b"no songs")
    files = [str(bad if option == "--chords" else good), "--people", str(bad)]
    assert main(["evaluate", "plain", "--mode", "phrase", "--chords", *files]) == ConfigError.status
    error = capsys.readouterr().err
    assert error.startswith(f"composerd-export: {option}: {bad}: not a corpus of songs (")
    assert error.count("\n") == 1


# -- models


def test_a_file_is_evaluated_on_its_own_genres_corpus(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, table = tiny_model(tmp_path / "mine.onnx", "mine"), tmp_path / "t.json"
    words = [str(model), "--data", str(data), "--songs", "2", "--bars", "4", "--mode", "phrase", "--json", str(table)]
    assert main(["evaluate", *words, "--no-baselines", "--no-unguarded"]) == 0
    assert "2 songs of 4 bars" in capsys.readouterr().out
    found = json.loads(table.read_text())
    assert [row["name"] for row in found["rows"]] == ["human", "another song", "another song in key",
                                                      "shifted by a bar", "mine"]  # fmt: skip
    assert found["about"]["dataset"] == "mine"
    assert found["about"]["songs"] == [name for name in found["about"]["songs"] if "@" in name]


def test_one_model_named_twice_is_played_once(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.json"
    words = [
        "--dataset",
        "rock",
        "--data",
        str(data),
        "--half",
        "both",
        "--songs",
        "2",
        "--bars",
        "4",
        "--mode",
        "phrase",
    ]
    options = ["--no-baselines", "--no-unguarded", "--beside", "plain", "--json", str(table)]
    assert main(["evaluate", "plain", *words, *options]) == 0
    assert [row["name"] for row in json.loads(table.read_text())["rows"]].count("plain") == 1


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("model.txt", ConfigError, "expected plain, a genre, an .onnx file or a checkpoint (.pt)"),
        ("none.pt", ConfigError, "none.pt: no such file"),
        ("broken.pt", ConfigError, "broken.pt: not a checkpoint"),
        ("broken.onnx", ModelError, "broken.onnx: "),
        ("polka.pt", ConfigError, "no model of polka has a groove net for it"),
    ],
)
def test_what_is_no_model_is_refused_in_one_line(
    data: Path, tmp_path: Path, name: str, error: type[ConfigError], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for broken in ("broken.pt", "broken.onnx"):
        (tmp_path / broken).write_bytes(b"no model")
    save_checkpoint(replace(tiny_checkpoint(), dataset="polka"), tmp_path / "polka.pt")
    assert main(["evaluate", str(tmp_path / name), "--dataset", "rock", "--data", str(data)]) == error.status
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_too_few_clips_are_told_with_their_number(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "plain", "--dataset", "rock", "--data", str(data), "--bars", "32"]) == 2
    assert "rock valid: found 0 clips, expected clips of two works or more" in capsys.readouterr().err
