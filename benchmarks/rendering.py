"""What it costs to render a reply while it grows, beside what it costs only to cut it into pages.

    python benchmarks/rendering.py [--views 10]

A reply of some 1,500 tokens (6,000 characters) is shown so many times, each time a little longer; once as prose that
Discord can show as it is, and once with a table, a formula and code every few lines. CPU time, the best of 50 runs.
Then a reply of 8,000 tokens in 2,000 deltas: its second half beside its first, which is 1 where the cost does not grow.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

from discord_bot.chat.pages import Page, cut
from discord_bot.chat.rendering import Rendering, render

LENGTH = 6000
WORDS = "Some **words** of an answer, and some more, with `code` and a few other things that people say about it. "
PROSE = (WORDS * 3 + "\n\n") * 20
MIXED = (
    WORDS * 2
    + "\n\n- one item of a list\n- and **another** one\n\n```python\n"
    + "x = call(1)\n" * 12
    + "```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nSo $x^2$ is it, and &lt;b&gt;.\n\n"
) * 20


def best(run: Callable[[], object], runs: int = 50) -> float:
    """Milliseconds of CPU time of the fastest of several runs."""
    fastest = float("inf")
    for _ in range(runs):
        began = time.process_time()
        run()
        fastest = min(fastest, time.process_time() - began)
    return fastest * 1000


def rendered(text: str, views: int) -> Rendering | None:
    """The reply, rendered so many times while it grows."""
    view: Rendering | None = None
    for number in range(1, views + 1):
        view = render(text[: len(text) * number // views], final=number == views, after=view)
    return view


def only_cut(text: str, views: int) -> list[Page]:
    """The same, but only cut into pages."""
    pages: list[Page] = []
    for number in range(1, views + 1):
        pages = cut(text[: len(text) * number // views], after=pages[:-1])
    return pages


def halves(text: str, deltas: int) -> tuple[float, float]:
    """Seconds for the first and for the second half of a long reply."""
    view: Rendering | None = None
    times = [time.process_time()]
    for half in range(2):
        for number in range(half * deltas // 2 + 1, (half + 1) * deltas // 2 + 1):
            view = render(text[: len(text) * number // deltas], final=False, after=view)
        times.append(time.process_time())
    return times[1] - times[0], times[2] - times[1]


def main() -> None:
    """Prints a line for each kind of reply."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--views", type=int, default=10)
    views = parser.parse_args().views
    for name, source in (("prose", PROSE), ("mixed", MIXED)):
        text = source[:LENGTH]
        whole, floor = best(partial(rendered, text, views)), best(partial(only_cut, text, views))
        print(f"{name}: {whole:.1f} ms for {views} views, {whole / floor:.1f} × only cutting it")
    first, second = halves((MIXED * 3)[:32_000], 2000)
    print(f"8,000 tokens in 2,000 deltas: {first + second:.2f} s; second half / first half: {second / first:.2f}")


if __name__ == "__main__":
    main()
