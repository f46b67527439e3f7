"""The adapter is pulled out and plugged in again, then switched off by somebody: all devices come back."""

from __future__ import annotations

import asyncio

from home import Home, expect, until

BOUND_SECONDS = 120


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("just-works"), security="encrypted")
    jumper = await home.device("jumper")
    for device in (strap, jumper):
        await home.pair(device)
    both = (strap, jumper)
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 20)
    home.air.unplug()
    end = asyncio.get_running_loop().time() + 20
    while (told := (await home.status())["radio"])["problem"] != "adapter-missing":
        expect(asyncio.get_running_loop().time() < end, f"a missing adapter is told as {told}")
        await asyncio.sleep(0.2)
    await until(lambda: not any(each.is_connected for each in both), "the devices notice", 10)
    await home.air.plug()
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 30)
    await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
    expect(strap.pairings == 1 and strap.is_encrypted, "the bond did not survive")
    # Behind our back.
    control = await home.management()
    await control.power(False)
    await until(lambda: not any(each.is_connected for each in both), "the devices notice", 10)
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 40)
    told = (await home.status())["radio"]
    expect(told["adapterLosses"] >= 1, f"{told}")
