"""Ten thousand passers-by advertise while one scans and one is read: memory stays bounded, nothing is missed.

LAB_FOREIGNERS is how many (10000).
"""

from __future__ import annotations

import asyncio
import os

from air import foreigners
from home import Home, expect, in_order, until

BOUND_SECONDS = 150
GROWTH_MEBIBYTES_MAX = 3
SIGHTINGS_MAX = 256


async def scenario(home: Home) -> None:
    count = int(os.environ.get("LAB_FOREIGNERS", "10000"))
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate")
    name = (await home.pair(strap))["device"]
    await home.assign(name, "p-1")
    await until(lambda: len(home.values("heart-rate", name, "p-1")) >= 2, home.last_lines, 20)
    first = asyncio.ensure_future(home.air.say(foreigners(count // 10), per_second=500))
    await home.scan(5)
    await first
    before = home.resident_mebibytes
    crowd = asyncio.ensure_future(home.air.say(foreigners(count, seed=2), per_second=500))
    while not crowd.done():
        found = await home.scan(5)
        expect(len(found) <= SIGHTINGS_MAX * 3, f"{len(found)} sightings were told")
    after = home.resident_mebibytes
    home.note(f"{crowd.result()} addresses, {before:.1f} → {after:.1f} MiB")
    expect(after - before <= GROWTH_MEBIBYTES_MAX, f"memory grew by {after - before:.1f} MiB")
    await asyncio.sleep(2)
    sent = [each.values["rr"] for each in strap.sent if "rr" in each.values]
    in_order(sent, home.beat_intervals(name, "p-1"), "beat intervals")
