"""A device with resolvable private addresses is the same device whatever its address is."""

from __future__ import annotations

from home import Home, expect, until

BOUND_SECONDS = 90


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("just-works"), security="encrypted", advertises=False)
    await strap.change_address()
    await strap.advertise()
    name = (await home.pair(strap))["device"]
    await until(lambda: home.values("heart-rate", name), home.last_lines, 20)
    for _ in range(3):
        await strap.go_away()
        address = await strap.change_address()
        await strap.come_back()
        await until(lambda: strap.is_subscribed(strap.measurement), home.last_lines, 20)
        home.log(f"again at {address}")
    expect(strap.pairings == 1, f"{strap.pairings} pairings")
    expect({reading["device"] for reading in [await home.known(name) or {}]} == {name}, "known under another name")
