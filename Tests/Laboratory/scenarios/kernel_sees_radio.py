"""The kernel finds the virtual adapter, powers it, discovers a device and reads its name over the attribute protocol.

No program is needed: what fails here is the laboratory itself.
"""

from __future__ import annotations

import asyncio

from home import Home, expect, until
from management import LE_RANDOM, Attributes

BOUND_SECONDS = 60


async def scenario(home: Home) -> None:
    control = await home.management()
    index = await home.air.plug()
    await control.wait("index-added", "the adapter", 10)
    await control.prepare()
    strap = await home.device("heart_rate")
    await control.command("start-discovery", bytes([0x06]), index)
    found = await control.wait(
        lambda event: event.name == "device-found" and event.address == strap.address, "the strap's advertisement", 20)
    expect(found.address_kind == LE_RANDOM, f"address kind {found.address_kind}")
    await control.command("stop-discovery", bytes([0x06]), index)
    attributes = Attributes()
    await attributes.connect(strap.address)
    await control.wait("device-connected", "the strap is connected", 10)
    mtu = await attributes.request(bytes([0x02]) + (247).to_bytes(2, "little"))
    expect(mtu == bytes([0x03, 247, 0]), f"MTU answer {mtu.hex()}")
    name = await attributes.request(bytes([0x08]) + (1).to_bytes(2, "little") + b"\xff\xff" + b"\x00\x2a")
    expect(strap.name.encode() in name, f"device name: {name!r}")
    handle = await attributes.handle_of(0x2A37)
    expect(await attributes.request(bytes([0x12]) + (handle + 1).to_bytes(2, "little") + b"\1\0") == b"\x13",
           "notifications are refused")
    numbers = []
    while len(numbers) < 3:
        packet = await attributes.receive(10)
        expect(packet[0] == 0x1B, f"no notification: {packet.hex()}")
        numbers.append((int.from_bytes(packet[-2:], "little") - 600) // 2)
    expect(numbers == [0, 1, 2], f"numbers {numbers}")
    attributes.close()
    await until(lambda: not strap.is_connected, "the strap is told that the link ended", 10)
    await asyncio.sleep(0)
