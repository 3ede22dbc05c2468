"""Times the decisions of a generator while it accompanies a melody, on the virtual clock."""

from __future__ import annotations

import time

from composerd.app.render import render
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.music.genre import Genre
from composerd.music.midi_tracks import MelodyTrack


class TimedGenerator:
    """Wraps a generator and records the wall-clock time and the processor time of each answer [s]."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []
        self.new: list[bool] = []
        """per answer: whether notes were decided, in place of those of a repeated passage"""
        self.problem = ""
        """the first reason for which a model failed and the rules answered"""

    def compose(self, request: Request) -> Composed:
        began, began_cpu = time.perf_counter(), time.thread_time()
        answer = self._generator.compose(request)
        self.seconds.append(time.perf_counter() - began)
        self.cpu_seconds.append(time.thread_time() - began_cpu)
        self.new.append(not request.repeats)
        self.problem = self.problem or answer.problem
        return answer


def timed_jam(generator: Generator, engine: EngineSettings, genre: Genre, melody: MelodyTrack) -> TimedGenerator:
    """Render a melody in jam mode. Raises ModelError if the model fails, because the rules would be timed instead."""
    timed = TimedGenerator(generator)
    render(melody, genre, Mode.JAM, timed, engine)
    if timed.problem:
        raise ModelError(timed.problem)
    return timed
