"""A device that goes out of range and comes back is connected again within 3 s of its first advertisement.

LAB_TIMES is how often (10; fifty in the long run).
"""

from __future__ import annotations

import asyncio
import os

from home import Home, expect, until

BOUND_SECONDS = 420
SECONDS_MAX = 3.0


async def scenario(home: Home) -> None:
    times = int(os.environ.get("LAB_TIMES", "10"))
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("just-works"), security="encrypted")
    paired = await home.pair(strap)
    await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
    needed = []
    for time in range(times):
        await strap.go_away()
        # Longer than the supervision time, and not always the same.
        await asyncio.sleep(1 + time % 5 * 0.3)
        since, pause = await strap.come_back(), len(strap.connected_at)
        await until(lambda pause=pause: len(strap.connected_at) > pause, home.last_lines, 20)
        needed.append(strap.connected_at[-1] - since)
        await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
    before = len(home.values("heart-rate", paired["device"]))
    await until(lambda: len(home.values("heart-rate", paired["device"])) > before, home.last_lines, 10)
    late = [each for each in needed if each > SECONDS_MAX]
    home.note(f"{times} times, longest {max(needed):.2f} s, median {sorted(needed)[len(needed) // 2]:.2f} s")
    expect(not late, f"{len(late)} of {times} took longer than {SECONDS_MAX} s: {late}")
    expect(strap.pairings == 1, f"{strap.pairings} pairings")
