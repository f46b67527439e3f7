"""A device sends garbage and packets that are far too long: it fails alone, and comes back when it behaves."""

from __future__ import annotations

import asyncio

from home import Home, expect, in_order, until

BOUND_SECONDS = 120


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    good = await home.device("heart_rate")
    bad = await home.device("jumper")
    slow = await home.device("nonin")
    names = [(await home.pair(each))["device"] for each in (good, bad, slow)]
    await home.assign(names[0], "p-1")
    await until(lambda: all(home.values("pulse-rate", name) for name in names[1:]), home.last_lines, 30)
    pid = home._daemon.process.pid
    links = good.connections
    slow.answer_delay = 5
    for round_number in range(3):
        await bad.send_garbage(60, seed=round_number)
        # Half-right: the device's own frames, cut off and wrong.
        for data in (b"\x81", b"\x81\xff", b"\x80", bytes([0x81]) + bytes(200), b"\xf5" * 20):
            if bad.is_connected and bad.is_subscribed(bad.values):
                await bad.notify(bad.values, data[:bad.mtu - 3])
        await asyncio.sleep(2)
        await until(lambda: bad.is_connected, home.last_lines, 30)
    slow.answer_delay = 0
    expect(home._daemon.process.poll() is None and home._daemon.process.pid == pid, "the daemon ended")
    expect(good.connections == links, "another device's link was ended")
    before = len(home.values("pulse-rate", names[1]))
    await until(lambda: len(home.values("pulse-rate", names[1])) > before + 2, home.last_lines, 40)
    sent = [each.values["rr"] for each in good.sent if "rr" in each.values]
    in_order(sent, home.beat_intervals(names[0], "p-1"), "beat intervals")
    home._witness.check()
