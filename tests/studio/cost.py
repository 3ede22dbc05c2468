"""`python tests/studio/cost.py [ROUNDS]`: what pages cost the band, in turns with none and with four of them.

The conductor, a shipped generator and the control socket run in this process, `composerd studio` in its own; three
pages read and a fourth never does. Prints how late scheduled drums were sent (median and p99 of all rounds), late and
dropped answers, and by how much this process's memory grew in each round, after one that is not counted.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from composerd.app.generator_bank import bank
from composerd.app.live import SWITCH_INTERVAL
from composerd.bench.figure import quantile
from composerd.bench.live import _Sink
from composerd.bench.players import play_into
from composerd.config.layers import Settings
from composerd.control.server import ControlSocket, Handlers
from composerd.control.watch import Broadcast
from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.priority import REAL_TIME, raise_priority
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Snapshot
from composerd.engine.output.stage import Stage
from composerd.generators.worker import Worker
from composerd.library.genre_files import load_genre
from composerd.music.metre import BarGrid
from studio_process import folders, studio

BEHIND = ("chrt", "-r", "1") if os.sched_getscheduler(0) == os.SCHED_RR else ("nice", "-n", "5")
"""pages come behind the band, as their unit has it; on a busy machine `chrt -r 2` puts all of this before other work"""
BPM, SECONDS = 160.0, 20.0
READER = """
import sys
from websockets.sync.client import connect
lines = [connect(sys.argv[1], origin=sys.argv[2]).__enter__() for _ in range(3)]
deaf = connect(sys.argv[1], origin=sys.argv[2], max_queue=1).__enter__()
print("open", flush=True)
while True:
    for line in lines:
        line.recv()
"""


def performed(socket: Path, with_pages: bool, home: Path) -> tuple[list[float], int, int]:
    """Seconds of lateness of every drum note, late and dropped answers."""
    genre, inbox, broadcast = load_genre("pop"), RealInbox(), Broadcast()
    generators = bank(Settings().engine)
    generators.open(genre)
    sink, snapshots = _Sink(genre, inbox), list[Snapshot]()

    def show(snapshot: Snapshot) -> None:
        snapshots[:] = [snapshot]
        broadcast.show(snapshot)

    stage = Stage([sink, broadcast], genre)
    conductor = Conductor(
        inbox,
        Worker(generators, inbox.put),
        stage,
        Settings().engine,
        Start(bpm=BPM, grid=BarGrid.of(genre.metre)),
        show,
        view=broadcast.view,
    )
    control = ControlSocket(socket, Handlers(inbox.put, inbox.now, lambda: None, broadcast=broadcast))
    control.start()
    with contextlib.ExitStack() as stack:
        stack.callback(control.close)
        if with_pages:
            stack.enter_context(pages(home))
        if os.sched_getscheduler(0) == os.SCHED_RR:  # `chrt`: above the daemon's other threads, as without it
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME))
        raise_priority()
        gc.collect()
        gc.freeze()
        play_into(inbox, BPM, SECONDS)
        conductor.run(broadcast.flush)
    last = snapshots[-1]
    return sink.late, last.late, last.dropped


@contextlib.contextmanager
def pages(home: Path) -> Iterator[None]:
    with studio(folders(home), before=BEHIND) as running:
        where = f"127.0.0.1:{running.port}"
        command = [*BEHIND, sys.executable, "-c", READER, f"ws://{where}/live", f"http://{where}"]
        reader = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert reader.stdout is not None
        reader.stdout.readline()
        try:
            yield
        finally:
            print(f"  page's process: {running.resident_mb:.1f} MB")
            reader.kill()
            reader.wait()


def resident_mb() -> float:
    return int(Path(f"/proc/{os.getpid()}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def main(rounds: int = 3) -> int:
    sys.setswitchinterval(SWITCH_INTERVAL)
    late: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as conductor:
        home = Path(folder)
        socket = Path(folders(home)["XDG_RUNTIME_DIR"]) / "composerd" / "control.sock"
        conductor.submit(performed, socket, True, home).result()
        for number in range(2 * rounds):
            with_pages = number % 2 == 1
            before = resident_mb()
            found, too_late, dropped = conductor.submit(performed, socket, with_pages, home).result()
            late[with_pages] += found
            name = "four pages" if with_pages else "no page"
            grown = resident_mb() - before
            print(
                f"{name:<11} {len(found)} notes, {too_late} late, {dropped} dropped, memory {grown:+.1f} MB", flush=True
            )
    for with_pages, values in late.items():
        name = "four pages" if with_pages else "no page"
        print(f"{name:<11} median {1000 * quantile(values, 0.5):.3f} ms, p99 {1000 * quantile(values, 0.99):.3f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
