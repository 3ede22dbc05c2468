"""A real Chromium for the tests of the studio, driven by Playwright; Debian's, which Playwright need not download."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE = 120.0
"""seconds after which what has not come is a failure: a busy machine may take long"""
SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desktop": (1440, 900)}


def chromium() -> str | None:
    """The path of the browser, or None if it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """A browser for as many windows as are wanted."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), headless=True, args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextlib.contextmanager
def window(
    started: Browser, size: str = "desktop", theme: str = "dark", motion: str = "no-preference", bypass: bool = False
) -> Iterator[BrowserContext]:
    """A window with no past. `bypass`: scripts of the test's own may be put into its pages in spite of their policy."""
    width, height = SIZES[size]
    context = started.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if size == "phone" else 1,
        has_touch=size != "desktop",
        color_scheme=theme,  # type: ignore[arg-type]  # dark or light
        reduced_motion=motion,  # type: ignore[arg-type]  # reduce or no-preference
        accept_downloads=True,
        bypass_csp=bypass,
    )
    context.set_default_timeout(1000 * PATIENCE)
    try:
        yield context
    finally:
        context.close()


@contextlib.contextmanager
def browser(size: str = "desktop", theme: str = "dark", motion: str = "no-preference") -> Iterator[BrowserContext]:
    """One window in a separate browser process."""
    with launched() as started, window(started, size, theme, motion) as context:
        yield context


def opened(context: BrowserContext, url: str) -> Page:
    """The page, once it is connected and its controls are there."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(url)
    until(page, "window.studio && studio.link.connected && document.querySelectorAll('.strip').length > 2")
    page.wait_for_selector("#genre option", state="attached")
    return page


def until(page: Page, condition: str) -> None:
    """Return as soon as an expression holds. (Playwright's own waiting is forbidden by the page's policy.)"""
    eventually(page, condition, lambda: page.evaluate(condition))


def eventually(page: Page, what: str, condition: Callable[[], object]) -> None:
    """Return as soon as `condition` holds, the page going on meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:g} s in vain for {what}"
        page.wait_for_timeout(50)


MELODY = ["KeyA", "KeyD", "KeyG", "KeyD", "KeyF", "KeyD", "KeyS", "KeyA"]


def play(page: Page, beats: int, seconds: float = 0.5) -> None:
    """A melody on the computer's keys, a note each `seconds`."""
    for beat in range(beats):
        key = MELODY[beat % len(MELODY)]
        page.keyboard.down(key)
        page.wait_for_timeout(seconds * 800)
        page.keyboard.up(key)
        page.wait_for_timeout(seconds * 200)


VIEWS = ("live", "takes", "songs", "models", "machine")


def show(page: Page, view: str) -> None:
    """Open a view completely: its first take or song selected, all sections unfolded."""
    page.evaluate("view => { location.hash = view; }", view)
    until(page, f"document.querySelector('.tabs a[href=\"#{view}\"][aria-current]')")
    until(page, READY[view])
    if view in CHOSEN and page.locator(CHOSEN[view]).count():
        page.locator(CHOSEN[view]).first.click()
        page.wait_for_selector(f"{CHOSEN[view]}[aria-current]")
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")


CHOSEN = {"takes": ".take", "songs": ".song"}
READY = {
    "live": "document.querySelectorAll('.strip').length > 2",
    "takes": "document.querySelector('.list li')",
    "songs": "document.querySelector('.list li')",
    "models": "document.querySelectorAll('.cards .card').length > 4",
    "machine": "document.querySelectorAll('tbody tr').length > 20",
}
"""view -> what holds once it has got its content"""
