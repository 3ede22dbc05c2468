"""Requests of a page about commands, genres, models, trainings, settings and the machine, one class each."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from composerd.studio.page_requests import Name, PageRequest
from composerd.studio.studio_paths import StudioPaths


class ListCommands(PageRequest, tag="commands", frozen=True, kw_only=True):
    """What can be asked of the band: the table of commands."""

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.engine.commands import TABLE

        return TABLE.described()


class ListGenres(PageRequest, tag="genres", frozen=True, kw_only=True):
    """All genres, with their parts."""

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.catalogue import genres

        return genres()


class ListModels(PageRequest, tag="models", frozen=True, kw_only=True):
    """All model files, with their cards."""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.catalogue import models

        return models(place)


class ListTrainings(PageRequest, tag="trainings", frozen=True, kw_only=True):
    """The curves of trainings, the newest first."""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.catalogue import trainings

        return trainings(place)


class ListSettings(PageRequest, tag="settings", frozen=True, kw_only=True):
    """All settings, with value, origin and help."""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.machine import settings

        return settings(place)


class ChangeSetting(PageRequest, tag="change_setting", frozen=True, kw_only=True):
    """Change a setting in the settings file."""

    name: Name
    value: Annotated[str, Meta(max_length=200)]

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.machine import change

        return change(place, self.name, self.value)


class Examine(PageRequest, tag="doctor", frozen=True, kw_only=True):
    """Examine the machine: the doctor's findings; takes half a minute, minutes on a Pi."""

    takes_long: ClassVar = True
    is_shared: ClassVar = True

    def answer(self, place: StudioPaths) -> Any:
        return place.examination.run(place.work, place.config)


class TellExamination(PageRequest, tag="examination", frozen=True, kw_only=True):
    """The findings of the examination that runs, so far, or of the last one."""

    def answer(self, place: StudioPaths) -> Any:
        return place.examination.state()


MACHINE_REQUESTS: tuple[type[PageRequest], ...] = (
    ListCommands,
    ListGenres,
    ListModels,
    ListTrainings,
    ListSettings,
    ChangeSetting,
    Examine,
    TellExamination,
)
