"""Scan, pair by all four methods, discover, subscribe, decode, publish: one device for each method."""

from __future__ import annotations

from home import Home, Told, expect, in_order, until

BOUND_SECONDS = 150
METHODS = {
    "heart_rate": ("just-works", "encrypted", "heart-rate"),
    "pulse_oximeter": ("comparison", "authenticated", "pulse-rate"),
    "thermometer": ("shows-passkey", "authenticated", "body-temperature-ear"),
    "weight_scale": ("takes-passkey", "authenticated", "weight"),
}


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    names = {}
    for kind, (method, security, metric) in METHODS.items():
        device = await home.device(kind, person=home.person(method), security=security)
        found = await home.scan(20, device)
        expect(device.address in found, f"{kind} was not found: {sorted(found)}")
        expect(found[device.address]["name"] == device.name, f"{kind}: {found[device.address]}")
        expect(not device.is_connected, f"{kind} was connected to before anybody paired it")
        paired = await home.pair(device)
        expect(paired["bonded"], f"{kind}: {paired}")
        names[kind] = paired["device"]
        await home.assign(paired["device"], f"p-{device.number}")
        await until(lambda: len(home.values(metric, paired["device"])) >= 3, home.last_lines, 30)
        expect(device.pairings == 1 and device.is_encrypted, f"{kind}: {device.pairings} pairings")
    strap = home.devices["heart_rate"]
    sent = [each.values["rr"] for each in strap.sent if "rr" in each.values]
    in_order(sent, home.beat_intervals(names["heart_rate"], f"p-{strap.number}"), "beat intervals")
    home._witness.check()
    wrong = await home.device("heart_rate", person=home.person("shows-passkey", passkey=123_456),
                              security="authenticated")
    read = wrong.person.read

    async def misread(within: float = 30) -> str:
        return f"{(int(await read(within)) + 1) % 1_000_000:06d}"

    wrong.person.read = misread
    try:
        await home.pair(wrong)
        raise AssertionError("paired with a wrong passkey")
    except Told as told:
        expect(told.code == "wrong-passkey", f"a wrong passkey was told as {told.code}")
