"""The box lost its keys, the device has its own: recognised, told with what to do, and repaired by one command."""

from __future__ import annotations

from home import Home, expect, until

BOUND_SECONDS = 90


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    strap = await home.device("heart_rate", person=home.person("just-works"), security="encrypted")
    name = (await home.pair(strap))["device"]
    await until(lambda: home.values("heart-rate", name), home.last_lines, 20)
    await home.stop_daemon()
    bonds = [path for path in (home.place / "data").rglob("*") if path.is_file() and "bond" in path.name]
    expect(bonds, f"no file of bonds: {[path.name for path in (home.place / 'data').rglob('*')]}")
    for path in bonds:
        expect(path.stat().st_mode & 0o777 == 0o600, f"{path.name} is readable by others")
        path.unlink()
    await home.start_daemon()
    await home.ready()
    await home.until_known(
        name, lambda each: each["problem"] in ("not-paired", "bond-stale-here"), "told as having no keys", 30)
    expect(strap.pairings == 1, "a new pairing began although nobody asked for it")
    before = len(home.values("heart-rate", name))
    expect((await home.pair(strap))["device"] == name, "repaired under another name")
    await until(lambda: len(home.values("heart-rate", name)) > before, home.last_lines, 20)
