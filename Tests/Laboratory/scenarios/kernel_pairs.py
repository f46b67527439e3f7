"""The kernel pairs by all four methods with LE Secure Connections, and encrypts again from the keys it told.

A management socket of the test's own plays the pairing agent: what the program has to do, without the program.
"""

from __future__ import annotations

import struct
from typing import Any

from home import Home, expect, until
from management import LE_RANDOM, Attributes, Management, octets

BOUND_SECONDS = 90
KEYBOARD_DISPLAY = 4
#: Security levels of `BT_SECURITY`: 2 encrypted, 3 authenticated.
MEDIUM = 2
#: Type byte of a long-term key of secure connections: not authenticated, authenticated.
SC_KEY_TYPES = {"just-works": 2, "comparison": 3, "shows-passkey": 3, "takes-passkey": 3}


async def pair(home: Home, control: Management, device: Any, capability: int) -> bytes:
    """The long-term key as the kernel told it (36 bytes)."""
    since = len(control.events)
    target = octets(device.address) + bytes([LE_RANDOM])
    control.socket.send(struct.pack("<HHH", 0x19, 0, 8) + target + bytes([capability]))
    person = device.person
    if person.kind == "just-works":
        asked = await control.wait("confirmation-request", "the question whether to pair at all", 20, since)
        expect(asked.data[7] == 1, "the question is one of numbers")
        await control.command("confirmation-reply", target)
    elif person.kind == "comparison":
        asked = await control.wait("confirmation-request", "numbers to compare", 20, since)
        number = struct.unpack_from("<I", asked.data, 8)[0]
        shown = await person.read()
        expect(shown == f"{number:06d}", f"the device shows {shown}, the kernel {number:06d}")
        await control.command("confirmation-reply", target)
    elif person.kind == "shows-passkey":
        await control.wait("passkey-request", "a passkey to be typed here", 20, since)
        await control.command("passkey-reply", target + struct.pack("<I", int(await person.read())))
    elif person.kind == "takes-passkey":
        told = await control.wait("passkey-notify", "a passkey to be shown here", 20, since)
        person.type(struct.unpack_from("<I", told.data, 7)[0])
    def is_answer(event: Any) -> bool:
        return event.name == "command-complete" and struct.unpack_from("<H", event.data)[0] == 0x19
    answer = await control.wait(is_answer, "the end of pairing", 30, since)
    home.log(f"{person.kind}: {control.told(since)}")
    expect(answer.data[2] == 0, f"{person.kind}: pairing ended with status 0x{answer.data[2]:02X}")
    key = await control.wait("new-long-term-key", "a long-term key", 10, since)
    expect(key.data[0] == 1, "the key is not to be stored")
    return key.data[1:37]


async def scenario(home: Home) -> None:
    control = await home.management()
    await home.air.plug()
    await control.wait("index-added", "the adapter", 10)
    await control.prepare(KEYBOARD_DISPLAY)
    for kind, key_type in SC_KEY_TYPES.items():
        security = "encrypted" if kind == "just-works" else "authenticated"
        device = await home.device("heart_rate", person=home.person(kind), security=security)
        key = await pair(home, control, device, KEYBOARD_DISPLAY)
        home.log(f"{kind}: key {key.hex()}")
        expect(key[7] == key_type, f"{kind}: key type {key[7]}")
        await until(lambda: device.pairings == 1, f"{kind}: the device says it is paired", 10)
        target = octets(device.identity_address) + bytes([LE_RANDOM])
        since = len(control.events)
        await control.command("disconnect", target)
        await until(lambda: not device.is_connected, "the link is ended", 10)
        # As after a restart: nothing but the key that was told.
        await control.command("load-long-term-keys", struct.pack("<H", 1) + key)
        attributes = Attributes(security=MEDIUM)
        await attributes.connect(device.address)
        handle = await attributes.handle_of(0x2A37)
        answer = await attributes.request(bytes([0x12]) + struct.pack("<H", handle + 1) + b"\1\0")
        expect(answer == b"\x13", f"{kind}: after reconnection the device answers {answer.hex()}")
        home.log(f"{kind}: again: {control.told(since)}; security {await attributes.security()}")
        attributes.close()
        await device.stop_advertising()
        await until(lambda: not device.is_connected, "the second link is ended", 10)
