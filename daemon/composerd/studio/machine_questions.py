"""Requests of a page about commands, genres, models, trainings, settings and the machine, one class each."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from composerd.studio.place import Place
from composerd.studio.questions import Name, Question


class ListCommands(Question, tag="commands", frozen=True, kw_only=True):
    """What can be asked of the band: the table of commands."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.engine.commands import TABLE

        return TABLE.described()


class ListGenres(Question, tag="genres", frozen=True, kw_only=True):
    """All genres, with their parts."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.shelves import genres

        return genres()


class ListModels(Question, tag="models", frozen=True, kw_only=True):
    """All model files, with their cards."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.shelves import models

        return models(place)


class ListTrainings(Question, tag="trainings", frozen=True, kw_only=True):
    """The curves of trainings, the newest first."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.shelves import trainings

        return trainings(place)


class ListSettings(Question, tag="settings", frozen=True, kw_only=True):
    """All settings, with value, origin and help."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.machine import settings

        return settings(place)


class ChangeSetting(Question, tag="change_setting", frozen=True, kw_only=True):
    """Change a setting in the settings file."""

    name: Name
    value: Annotated[str, Meta(max_length=200)]

    def answer(self, place: Place) -> Any:
        from composerd.studio.machine import change

        return change(place, self.name, self.value)


class Examine(Question, tag="doctor", frozen=True, kw_only=True):
    """Examine the machine: the doctor's findings; takes half a minute, minutes on a Pi."""

    takes_long: ClassVar = True
    is_shared: ClassVar = True

    def answer(self, place: Place) -> Any:
        return place.examination.run(place.work, place.config)


class TellExamination(Question, tag="examination", frozen=True, kw_only=True):
    """The findings of the examination that runs, so far, or of the last one."""

    def answer(self, place: Place) -> Any:
        return place.examination.state()


MACHINE_QUESTIONS: tuple[type[Question], ...] = (
    ListCommands,
    ListGenres,
    ListModels,
    ListTrainings,
    ListSettings,
    ChangeSetting,
    Examine,
    TellExamination,
)
