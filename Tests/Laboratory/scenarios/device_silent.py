"""One device is silent and strangers are heard: that is no deafness, and nothing is switched off for it."""

from __future__ import annotations

import asyncio

from air import foreigners
from home import Home, expect, until

BOUND_SECONDS = 240
#: Longer than the silence that is looked into, the look, and what would follow.
SECONDS = 125
#: Two minutes of waiting: in the long run.
ONLY_BY_NAME = True


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate")
    await home.pair(strap)
    await until(lambda: strap.is_connected, home.last_lines, 20)
    assert home.air.adapter
    await strap.go_away()
    resets = home.air.adapter.commands.get("HCI_RESET_COMMAND", 0)
    strangers = list(foreigners(20))
    for _ in range(SECONDS):
        await home.air.say(strangers)
        await asyncio.sleep(1)
    told = (await home.status())["radio"]
    expect(told["state"] == "ready" and told["powerCycles"] == 0 and told["scannerRestarts"] == 0, f"{told}")
    expect(home.air.adapter.commands["HCI_RESET_COMMAND"] == resets, "the adapter was reset")
    since = await strap.come_back()
    await until(lambda: strap.is_connected, home.last_lines, 20)
    home.note(f"connected {strap.connected_at[-1] - since:.2f} s after it came back")
