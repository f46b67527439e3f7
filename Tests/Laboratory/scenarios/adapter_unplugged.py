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
    name, _ = [(await home.pair(device))["device"] for device in (strap, jumper)]
    both = (strap, jumper)
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 20)
    home.air.unplug()
    end = asyncio.get_running_loop().time() + 20
    while (told := (await home.status())["radio"])["state"] != "missing":
        expect(asyncio.get_running_loop().time() < end, f"a missing adapter is told as {told}")
        await asyncio.sleep(0.2)
    await until(lambda: not any(each.is_connected for each in both), "the devices notice", 10)
    await home.until_known(name, lambda each: "adapter" in (each["problem"] or ""), "told without an adapter", 15)
    told = [line for line in home.lines if "switched the adapter off" in line]
    expect(not told, f"nobody switched it off: {told}")
    await home.air.plug()
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 30)
    await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
    expect(strap.pairings == 1 and strap.is_encrypted, "the bond did not survive")
    # Behind our back.
    control = await home.management()
    await control.power(False)
    await until(lambda: not any(each.is_connected for each in both), "the devices notice", 10)
    await until(lambda: all(each.is_connected for each in both), home.last_lines, 40)
    await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
    expect(any("switched the adapter off" in line for line in home.lines), "it was not told that it was off")
    told = (await home.status())["radio"]
    expect(told["adapterLosses"] == 1 and told["state"] == "ready", f"{told}")
