"""Scratch."""
from __future__ import annotations
import asyncio, struct, time, errno, os
from home import Home, expect, until
from management import *
from scenarios.kernel_pairs import pair
BOUND_SECONDS = 200
ONLY_BY_NAME = True

async def guarded(home, tag, c, d, address, kind=2):
    a = Attributes(security=2); n = len(c.events); b = time.monotonic()
    try:
        await a.connect(address, kind, within=30)
        home.log(f"{tag}: connected {time.monotonic()-b:.2f} {c.told(n)}")
        h = await a.handle_of(0x2A37)
        r = await a.request(bytes([0x12]) + struct.pack("<H", h + 1) + b"\1\0", 10)
        home.log(f"{tag}: CCCD answer {r.hex()} level {await a.security()}")
    except Exception as x:
        home.log(f"{tag}: {x!r} after {time.monotonic()-b:.2f}")
    await asyncio.sleep(0.3)
    home.log(f"{tag}: {[(e.name, e.data.hex()) for e in c.events[n:]]} failures {d.pairing_failures} enc {d.encryptions}")
    a.close()
    await asyncio.sleep(3)

async def scenario(home: Home) -> None:
    c = await home.management()
    await home.air.plug()
    await c.wait("index-added", "the adapter", 10)
    await c.prepare(4)
    d = await home.device("heart_rate", security="encrypted")
    key = await pair(home, c, d, 4)
    irk = next(e for e in c.events if e.name == "new-irk").data
    home.log(f"irk event {irk.hex()}")
    await c.command("disconnect", octets(d.identity_address) + b"\2")
    await until(lambda: not d.is_connected, "x")
    # C: device forgot
    await d.forget_bond()
    await guarded(home, "C device forgot, security 2", c, d, d.address)
    # C2: security low then raise
    a = Attributes(security=1); n = len(c.events); await a.connect(d.address)
    h = await a.handle_of(0x2A37)
    r = await a.request(bytes([0x12]) + struct.pack("<H", h + 1) + b"\1\0", 10)
    home.log(f"C2 low: CCCD answer {r.hex()}")
    a.socket.setsockopt(SOL_BLUETOOTH, BT_SECURITY, struct.pack("BB", 2, 0))
    try:
        r = await a.receive(5); home.log(f"C2 recv {r!r}")
    except Exception as x: home.log(f"C2 recv {x!r}")
    home.log(f"C2: {[(e.name, e.data.hex()) for e in c.events[n:]]}"); a.close(); await asyncio.sleep(3)
    # repair: unpair + pair again
    n = len(c.events)
    await c.command("unpair-device", octets(d.identity_address) + b"\2\1")
    home.log(f"unpair: {c.told(n)}")
    key = await pair(home, c, d, 4)
    await c.command("disconnect", octets(d.identity_address) + b"\2")
    await until(lambda: not d.is_connected, "x")
    # D: bond lost here
    await c.command("load-long-term-keys", b"\0\0")
    await guarded(home, "D lost here, security 2", c, d, d.address)
    a = Attributes(security=1); n = len(c.events); await a.connect(d.address)
    h = await a.handle_of(0x2A37)
    r = await a.request(bytes([0x12]) + struct.pack("<H", h + 1) + b"\1\0", 10)
    home.log(f"D2 low: CCCD answer {r.hex()}")
    d.ask_for_security()
    try:
        r = await a.receive(5); home.log(f"D2 recv {r!r}")
    except Exception as x: home.log(f"D2 after security request recv {x!r}")
    home.log(f"D2: {[(e.name, e.data.hex()) for e in c.events[n:]]}"); a.close(); await asyncio.sleep(3)
    # E: RPA
    await c.command("load-long-term-keys", struct.pack("<H", 1) + key)
    n = len(c.events)
    await c.command("load-irks", struct.pack("<H", 1) + octets(d.identity_address) + b"\2" + irk[1+6+7:1+6+7+16])
    await d.change_address()
    home.log(f"E now {d.address}")
    await guarded(home, "E connect identity", c, d, d.identity_address)
    await c.command("add-device", octets(d.identity_address) + b"\2\2")
    n = len(c.events); b = time.monotonic()
    await d.change_address()
    try:
        e = await c.wait("device-connected", "E auto", 10, n)
        home.log(f"E auto-connect of RPA {d.address}: {e.address} kind {e.address_kind} {time.monotonic()-b:.2f}")
    except Exception as x: home.log(f"E auto {x!r}")
    await guarded(home, "E guarded over it", c, d, d.identity_address)
    await c.command("remove-device", octets(d.identity_address) + b"\2")
    await asyncio.sleep(3)
    await d.change_address()
    n = len(c.events)
    await c.command("start-discovery", b"\6")
    e = await c.wait("device-found", "E found", 10, n)
    home.log(f"E device-found of RPA {d.address}: {e.address} kind {e.address_kind}")
    await c.command("stop-discovery", b"\6")
    # wrong passkey
    w = await home.device("heart_rate", security="authenticated", person=home.person("shows-passkey"))
    n = len(c.events); t = octets(w.address) + b"\2"
    c.socket.send(struct.pack("<HHH", 0x19, 0, 8) + t + b"\4")
    await c.wait("passkey-request", "", 20, n)
    shown = int(await w.person.read())
    await c.command("passkey-reply", t + struct.pack("<I", (shown + 1) % 1000000))
    await asyncio.sleep(3)
    home.log(f"W wrong passkey: {[(e.name, e.data.hex()) for e in c.events[n:]]} {w.pairing_failures}")
    # refused by the device
    w2 = await home.device("heart_rate", person=home.person("comparison", says_same=False))
    n = len(c.events); t = octets(w2.address) + b"\2"
    c.socket.send(struct.pack("<HHH", 0x19, 0, 8) + t + b"\4")
    await c.wait("confirmation-request", "", 20, n)
    await c.command("confirmation-reply", t)
    await asyncio.sleep(3)
    home.log(f"R refused: {[(e.name, e.data.hex()) for e in c.events[n:]]} {w2.pairing_failures}")
    # pair device not advertising
    n = len(c.events); b = time.monotonic()
    try: await c.command("pair-device", octets("C4:00:00:00:00:77") + b"\2\4", within=60)
    except Exception as x: home.log(f"N pair absent: {x!r} after {time.monotonic()-b:.1f} {c.told(n)}")
    # pair already paired
    await d.advertise()
    n = len(c.events); b = time.monotonic()
    try: await c.command("pair-device", octets(d.identity_address) + b"\2\4", within=60)
    except Exception as x: home.log(f"P pair paired: {x!r} after {time.monotonic()-b:.1f} {c.told(n)}")
