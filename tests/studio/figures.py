"""`python tests/studio/figures.py URL [PAGE_PID]`: what a studio that runs costs and how quick it is.

Prints first paint, frames a second and the time of one drawing while the band plays, key press to the daemon's
answer and to the page's drawing (medians of 30), memory of the page's process.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser import browser, opened, play

MEASURE = """async () => {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const heard = [], drawn = [];
  for (let i = 0; i < 30; i++) {
    const began = performance.now(), pitch = 60 + i % 12;
    const told = new Promise((done) => studio.link.addEventListener("notes", function listen(event) {
      if (!event.detail.some((note) => note[1] === null && note[2] === pitch && note[3] > 0)) return;
      studio.link.removeEventListener("notes", listen);
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    }));
    await studio.link.do("note", { pitch, velocity: 80 });
    heard.push(performance.now() - began);
    drawn.push(await told - began);
    studio.link.do("note", { pitch, velocity: 0 });
    await new Promise((done) => setTimeout(done, 120));
  }
  return { answered: median(heard), drawn: median(drawn) };
}"""


def main(url: str, pid: str = "") -> int:
    with browser() as context:
        page = opened(context, url)
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
        size = page.evaluate(
            "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.encodedBodySize, 0)"
        )
        play(page, 40)
        frames, cost = page.evaluate("[studio.live.frames.rate, studio.live.roll.cost]")
        notes = page.evaluate("studio.live.score.notes.length")
        found = page.evaluate(MEASURE)
        page.evaluate("studio.link.do('panic')")
    print(f"first paint                  {paint:7.0f} ms")
    print(f"files of the page, packed    {size / 1000:7.1f} kB")
    print(f"frames                       {frames:7.1f} a second, {cost:.2f} ms to draw one, {notes} notes kept")
    print(f"key to the daemon's answer   {found['answered']:7.1f} ms")
    print(f"key to the page's drawing    {found['drawn']:7.1f} ms")
    if pid:
        status = Path(f"/proc/{pid}/status").read_text()
        print(f"memory of the page's process {int(status.partition('VmRSS:')[2].split()[0]) / 1024:7.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
