"""`python tests/studio/screenshots.py URL FOLDER`: pictures of every view of a studio that runs, to be looked at.

Phone, tablet and desktop, dark and light. The band is made to play for the live view.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser import SIZES, VIEWS, launched, opened, play, show, window


def main(
    url: str, folder: Path, sizes: tuple[str, ...] = tuple(SIZES), themes: tuple[str, ...] = ("dark", "light")
) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for size in sizes:
            with window(browser, size) as context:
                page = opened(context, url)
                for view in VIEWS:
                    show(page, view)
                    if view == "live":
                        play(page, 14, 60 / 96)
                    for theme in themes:
                        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # dark or light
                        picture(page, folder / f"{view}-{size}-{theme}.png")
    return 0


def picture(page: Page, file: Path) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(700)
    page.screenshot(path=str(file), full_page=True)
    print(file, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *(tuple(one.split(",")) for one in sys.argv[3:])))
