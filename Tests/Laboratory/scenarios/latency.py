"""From a notification on the adapter to the published reading: p99 within 20 ms, on the guest's one clock.

LAB_READINGS is how many are measured (300). The bound holds on a quiet machine; LAB_LATENCY_MS changes it.
"""

from __future__ import annotations

import asyncio
import json
import os

from home import Home, expect, until

BOUND_SECONDS = 150


async def scenario(home: Home) -> None:
    wanted = int(os.environ.get("LAB_READINGS", "300"))
    bound = float(os.environ.get("LAB_LATENCY_MS", "20"))
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", every=0.1)
    name = (await home.pair(strap))["device"]
    # A process of its own, so that the clock of the listener does not wait for the devices' Python.
    heard = home.folder / "heard"
    with heard.open("wb") as output:
        listener = await asyncio.create_subprocess_exec(
            "mosquitto_sub", "-h", "127.0.0.1", "-p", str((await home.broker()).port), "-q", "1",
            "-t", "homeward/1/box-1/unassigned/reading/rr-interval", "-F", "%U %p", stdout=output)
    try:
        home.air.keep_times = True
        await until(lambda: len(home.air.times) > wanted + 5, home.last_lines, wanted * 0.1 + 30)
        await asyncio.sleep(1)
    finally:
        listener.terminate()
        await listener.wait()
    sent = {int.from_bytes(data[-2:], "little"): at for data, at in home.air.times if data[0] & 0x10}
    delays = []
    for line in heard.read_text().splitlines():
        at, _, body = line.partition(" ")
        message = json.loads(body)
        if message["device"] == name and message["delivery"] == "live":
            for reading in message["readings"]:
                interval = round(reading["value"] * 0.512) * 2
                if interval in sent:
                    delays.append((float(at) - sent[interval]) * 1000)
    expect(len(delays) >= wanted * 0.9, f"only {len(delays)} of {wanted} readings could be measured")
    delays.sort()
    p99 = delays[int(len(delays) * 0.99)]
    home.note(f"{len(delays)} readings: median {delays[len(delays) // 2]:.1f} ms, p99 {p99:.1f} ms, "
              f"longest {delays[-1]:.1f} ms")
    expect(p99 <= bound, f"p99 {p99:.1f} ms are more than {bound:.0f} ms")
