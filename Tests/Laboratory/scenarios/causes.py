"""Pairing that cannot succeed says which of its causes it was, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

from home import Home, Told, expect

BOUND_SECONDS = 200


async def refused(home: Home, device: Any, code: str, *more: str) -> None:
    try:
        paired = await home.pair(device, *more)
    except Told as told:
        expect(told.code == code, f"{code} was told as {told.code}: {told.error}")
        expect(told.error.get("remedy"), f"{code} says nothing about what to do")
        home.log(f"{code}: {told.error['text']} -> {told.error['remedy']}")
    else:
        raise AssertionError(f"paired, instead of {code}: {paired}")
    await device.stop_advertising()
    known = (await home.ask({"command": "devices"}))[0]["devices"]
    expect(not known, f"after {code} it is known: {known}")


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    # A number was misread.
    wrong = await home.device("heart_rate", person=home.person("shows-passkey", passkey=123_456),
                              security="authenticated")

    async def misread(within: float = 30) -> str:
        return "123457"

    wrong.person.read = misread
    await refused(home, wrong, "wrong-passkey")
    # The person at the device says that the numbers differ.
    differs = await home.device("heart_rate", person=home.person("comparison", says_same=False),
                                security="authenticated")
    await refused(home, differs, "pairing-refused")
    # The device does not want to.
    unwilling = await home.device("heart_rate", person=home.person("just-works", accepts=False), security="encrypted")
    await refused(home, unwilling, "pairing-refused")
    # It is heard, and connected to a phone.
    phone = await home.device("heart_rate")
    phone.refuse_connections()
    await refused(home, phone, "held-by-another-central")
    # The same of one that changes its address.
    private = await home.device("heart_rate", advertises=False)
    await private.change_address()
    private.refuse_connections()
    await private.advertise()
    await refused(home, private, "held-by-another-central")
    # It is heard, connected to a phone, and says so.
    closed = await home.device("heart_rate", advertises=False)
    await closed.advertise(is_connectable=False)
    await refused(home, closed, "held-by-another-central")
    # A driver is named that has nothing to do with it.
    other = await home.device("thermometer")
    await refused(home, other, "unsupported-model", "--driver", "nonin-ble")
    # Nobody knows it.
    stranger = await home.device("thermometer", name="Kettle", advertises=False)
    type(stranger).ADVERTISED, before = (0x1234,), type(stranger).ADVERTISED
    await stranger.advertise()
    await refused(home, stranger, "unsupported-model")
    type(stranger).ADVERTISED = before
    # It is off.
    away = await home.device("heart_rate", advertises=False)
    await refused(home, away, "not-advertising")
