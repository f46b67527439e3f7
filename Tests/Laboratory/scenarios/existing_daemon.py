"""The program runs inside: a wired oximeter on a pseudo-terminal, its readings at the broker, an orderly end."""

from __future__ import annotations

import asyncio

from home import Home, expect, until

BOUND_SECONDS = 60


async def scenario(home: Home) -> None:
    code, output, errors = await home.command("version")
    expect(code == 0 and output, f"homeward version: {code} {errors}")
    await home.broker()
    from harness.kit import Kit

    kit = await asyncio.to_thread(Kit, home.place, "oximeter", "contec-cms50-v7")
    try:
        await home.daemon(kits=[kit])
        values = await until(lambda: home.values("oxygen-saturation"), home.last_lines, 30)
        expect(values[0] == 98, f"saturation {values[0]}")
        expect(await home.stop_daemon() == 0, "the daemon did not end in order")
    finally:
        await asyncio.to_thread(kit.close)
    home.note(output.strip().splitlines()[0])
