"""The bar that shows how far a long file has come."""

from __future__ import annotations

from io import StringIO

from composerd.cli.progress import terminal_bar


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_shows_on_a_terminal_only_and_wipes_itself() -> None:
    terminal, pipe = _Terminal(), StringIO()
    for stream in (terminal, pipe):
        bar = terminal_bar("rendering", stream, patience=-1.0)
        bar(0.3)
        bar(1.0)
    assert pipe.getvalue() == ""
    assert "rendering [#########....................." in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
