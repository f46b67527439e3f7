"""Every virtual device is found with its name, serves its table over the kernel, and pulls no exception.

Reads the device name of each over one link after the other: the laboratory itself, without the program.
"""

from __future__ import annotations

from pathlib import Path

from home import Home, expect, until
from management import LE_RANDOM, Attributes, octets

BOUND_SECONDS = 120
KINDS = sorted(path.stem for path in (Path(__file__).parents[1] / "devices").glob("*.py") if path.stem[0] != "_")


async def scenario(home: Home) -> None:
    control = await home.management()
    await home.air.plug()
    await control.wait("index-added", "the adapter", 10)
    await control.prepare()
    for kind in KINDS:
        device = await home.device(kind)
        expect(len(device.advertisement()) <= 31 and len(device.scan_response()) <= 31, f"{kind}: too long")
    await control.command("start-discovery", bytes([0x06]))
    for kind in KINDS:
        device = home.devices[kind]
        found = await control.wait(
            lambda event, device=device: event.name == "device-found" and event.address == device.address, kind, 20)
        expect(device.name.encode() in found.data, f"{kind}: no name in {found.data.hex()}")
    await control.command("stop-discovery", bytes([0x06]))
    for kind in KINDS:
        device = home.devices[kind]
        attributes = Attributes()
        await attributes.connect(device.address, LE_RANDOM)
        await attributes.request(bytes([0x02]) + (247).to_bytes(2, "little"))
        model = await attributes.request(bytes([0x08]) + (1).to_bytes(2, "little") + b"\xff\xff\x24\x2a")
        expect(device.MODEL.encode() in model, f"{kind}: model {model!r}")
        attributes.close()
        await control.command("disconnect", octets(device.address) + bytes([LE_RANDOM]))
        await until(lambda device=device: not device.is_connected, f"{kind}: the link is ended", 10)
    home.note(f"{len(KINDS)} devices")
