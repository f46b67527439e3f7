"""The daemon is killed and started again: bonds and subscriptions return, and nobody has to do anything."""

from __future__ import annotations

from home import Home, expect, until

BOUND_SECONDS = 90


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("comparison"), security="authenticated")
    ring = await home.device("o2ring")
    names = [(await home.pair(strap))["device"], (await home.pair(ring))["device"]]
    await home.assign(names[0], "p-1")
    metrics = ("heart-rate", "pulse-rate")
    for name, metric in zip(names, metrics):
        await until(lambda: home.values(metric, name), home.last_lines, 20)
    await home.kill_daemon()
    await until(lambda: not strap.is_connected and not ring.is_connected, "the links are ended", 20)
    before = [len(home.values(metric, name)) for name, metric in zip(names, metrics)]
    await home.start_daemon()
    for name, metric, count in zip(names, metrics, before):
        await until(lambda: len(home.values(metric, name)) > count, home.last_lines, 30)
    expect(strap.pairings == 1 and strap.is_encrypted, f"{strap.pairings} pairings, encrypted {strap.is_encrypted}")
    told = await home.known(names[0])
    expect(told and told["patient"] == "p-1", f"the assignment is lost: {told}")
    home._witness.check()
