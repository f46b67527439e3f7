"""The adapter scans and hears nothing any more: that is told apart from a device's silence, and cured by a reset."""

from __future__ import annotations

from home import Home, expect, until

BOUND_SECONDS = 240


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate")
    await home.pair(strap)
    await until(lambda: strap.is_connected, home.last_lines, 20)
    assert home.air.adapter
    home.air.adapter.is_deaf = True
    await strap.go_away()
    await strap.come_back()
    resets = home.air.adapter.commands.get("HCI_RESET_COMMAND", 0)
    # Ended by a reset of the adapter, whichever tier does it.
    await until(lambda: strap.is_connected, home.last_lines, 200)
    expect(home.air.adapter.commands["HCI_RESET_COMMAND"] > resets, "heard again without a reset")
    told = (await home.status())["radio"]
    expect(told["scannerRestarts"] + told["powerCycles"] + told["usbResets"] >= 1, f"not counted: {told}")
