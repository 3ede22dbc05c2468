"""`composerd studio`: a page that shows and controls the band, in the browser of this computer or (--lan) of a phone.

It shows the running composerd. If none runs it starts one, with the options of `composerd play`, and ends it when it
ends itself. Ctrl-C ends.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
import tempfile
from pathlib import Path

from composerd.cli.options import add_settings, load_config, words_of
from composerd.cli.performance import FLAGS, check_ports, check_soundfont
from composerd.config import paths
from composerd.config.layers import Config
from composerd.control.settings import client_paths
from composerd.errors import ConfigError, Option
from composerd.library.start import check

PORT = 8765
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--lan",
        action="store_true",
        help="listen on the network, too; the address that is printed contains a secret token",
    )
    where.add_argument("--listen", metavar="ADDRESS", help=f"address to listen on; default: {LOOPBACK}")
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"default: {PORT}; 0: a free one")
    parser.add_argument(
        "--address", action="store_true", help="only print the address of a studio that was started with these options"
    )
    parser.add_argument(
        "--runs",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder with trainings of `composerd-export`, shown under Models; default: ./runs",
    )
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    if not 0 <= args.port <= 65535:
        raise ConfigError(place=Option("--port"), found=f"{args.port}", expected="0 to 65535")
    from composerd.studio.address import token
    from composerd.studio.admission import is_loopback

    host = args.listen or (EVERYWHERE if args.lan else LOOPBACK)
    if args.address:
        _say(host, args.port, "" if is_loopback(host) else token(_state_folder()))
        return 0
    return _open(args, config, host)


def _open(args: argparse.Namespace, config: Config, host: str) -> int:
    from composerd.studio.address import token
    from composerd.studio.admission import Admission, is_loopback, names_of
    from composerd.studio.band import playing, runs
    from composerd.studio.server import Studio, handed_over, listening
    from composerd.studio.server import run as serve
    from composerd.studio.studio_paths import StudioPaths

    sockets = client_paths(config.settings.remote)
    with contextlib.ExitStack() as stack:
        lines = handed_over() or (listening(host, args.port),)
        host = str(lines[0].getsockname()[0])
        open_ones = [line for line in lines if not is_loopback(str(line.getsockname()[0]))]
        admission = Admission(token(_state_folder()) if open_ones else "", names_of(socket.gethostname()))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="composerd-studio-")))
        if not runs(sockets) and "LISTEN_PID" not in os.environ:
            check(config)
            check_soundfont(config)
            check_ports(config)
            stack.enter_context(playing(_for_play(args), sockets))
        place = StudioPaths(
            sockets=sockets,
            takes=paths.take_folder(config.settings.takes.folder),
            scratch=scratch,
            settings_page=args.config or paths.config_pages()[1],
            config=args.config,
            runs=tuple(args.runs or [Path("runs")]),
        )
        port = lines[0].getsockname()[1]
        serve(Studio(lines, admission, place, ready=lambda: _say(host, port, admission.token)))
    return 0


def _for_play(args: argparse.Namespace) -> list[str]:
    """The given options that are `composerd play`'s."""
    given = ["--quiet", *words_of(args, (flag for flag in FLAGS if flag != "--quiet"))]
    return given + (["--config", str(args.config)] if args.config else [])


def _state_folder() -> Path:
    state = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(state) if state else paths.user_folder("XDG_STATE_HOME", ".local/state", os.environ)


def _say(host: str, port: int, token: str) -> None:
    """Print the studio's address, for a phone also as a QR code."""
    from composerd.studio.address import network_address, print_qr, url

    reached = network_address() if host in (EVERYWHERE, "::") else host
    address = url(reached, port, token)
    print(f"the studio is at {address}", flush=True)
    if token and sys.stdout.isatty():
        print_qr(address, sys.stdout)
