"""A device that forgot its bond is recognised, told with what to do, and repaired by one command."""

from __future__ import annotations

from home import Home, expect, until

BOUND_SECONDS = 90


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("comparison"), security="authenticated")
    name = (await home.pair(strap))["device"]
    await home.assign(name, "p-1")
    await until(lambda: home.values("heart-rate", name), home.last_lines, 20)
    await strap.go_away()
    await strap.forget_bond()
    await strap.come_back()
    told = await home.until_known(
        name, lambda each: each["problem"] == "bond-forgotten-by-device", "told as having forgotten its bond", 30)
    expect(strap.pairings == 1, "a new pairing began although nobody asked for it")
    before = len(home.values("heart-rate", name))
    paired = await home.pair(strap)
    expect(paired["device"] == name, f"repaired as {paired['device']} and not as {name}: {told}")
    await until(lambda: len(home.values("heart-rate", name)) > before, home.last_lines, 20)
    expect((await home.known(name) or {}).get("patient") == "p-1", "the assignment did not survive")
