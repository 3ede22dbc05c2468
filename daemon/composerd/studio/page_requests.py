"""Base class of the requests of a page, and an answer that is a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from composerd.studio.studio_paths import StudioPaths

Name = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in an answer, for the page to download or play."""

    name: str
    kind: str
    """media type"""
    data: bytes


class PageRequest(msgspec.Struct, tag_field="studio", forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A request of a page; `answer` runs in a thread."""

    takes_long: ClassVar = False
    """whether it uses a core: of such requests, one is answered at a time"""
    is_shared: ClassVar = False
    """whether pages that ask while it is answered get the same answer; it must have no fields"""
    id: Annotated[int, Meta(ge=0, lt=2**32)]

    def answer(self, place: StudioPaths) -> Any:
        raise NotImplementedError
