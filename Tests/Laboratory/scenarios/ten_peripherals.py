"""Ten devices at once, three of them electrocardiograms: no notification is lost, none comes out of order.

LAB_SECONDS is how long (40; five minutes in the long run).
"""

from __future__ import annotations

import asyncio
import os

from home import Home, expect, in_order, until

BOUND_SECONDS = 720
KINDS = ("er1", "er1", "polar_h10", "heart_rate", "heart_rate", "pulse_oximeter", "creative", "nonin", "jumper",
         "o2ring")
RESIDENT_MEBIBYTES_MAX = 24
PULSE_KINDS = ("pulse_oximeter", "creative", "nonin", "jumper", "o2ring")


async def scenario(home: Home) -> None:
    seconds = float(os.environ.get("LAB_SECONDS", "40"))
    await home.air.plug()
    await home.daemon()
    await home.ready()
    known = {}
    for place, kind in enumerate(KINDS):
        options = {"name": f"ER1 045{place}"} if kind == "er1" else {}
        device = await home.device(kind, **options)
        paired = await home.pair(device)
        known[paired["device"]] = (kind, device)
        await home.assign(paired["device"], f"p-{device.number}")
    await until(lambda: all(device.is_connected for _, device in known.values()), home.last_lines, 60)
    connections = {name: device.connections for name, (_, device) in known.items()}
    await asyncio.sleep(seconds)
    resident = home.resident_mebibytes
    for _, device in known.values():
        await device.stop_advertising()
    again = [name for name, (_, device) in known.items() if device.connections != connections[name]]
    expect(not again, f"links were lost: {again}")
    await asyncio.sleep(3)
    counts = []
    for name, (kind, device) in known.items():
        if kind in PULSE_KINDS:
            sent = [each.values["pulse-rate"] for each in device.sent if "pulse-rate" in each.values]
            got = home.values("pulse-rate", name, f"p-{device.number}")
        elif kind == "heart_rate":
            sent = [each.values["rr"] for each in device.sent if "rr" in each.values]
            got = home.beat_intervals(name, f"p-{device.number}")
        else:
            sent = [sample for each in device.sent for sample in each.values.get("samples", [])]
            blocks = home.waveform("ecg", name, f"p-{device.number}")
            got = [sample for block in blocks for sample in block["samples"] if sample is not None]
        # Published a little later than sent: the tail may be missing, nothing before it.
        # A ring is asked for its values. An answer that comes when it is no longer waited for is passed over and told.
        unanswered = home.twin(name)["counts"]["unanswered"] if kind == "o2ring" else 0
        in_order(sent, got, f"{kind} ({name})", holes_max=unanswered)
        expect(len(got) >= len(sent) * 0.8 - 260, f"{kind}: {len(got)} of {len(sent)} came")
        counts.append(f"{kind} {len(got)}")
    # Holding every message against its schema takes minutes on an emulated processor: done where they are few.
    if seconds <= 60:
        home._witness.check()
    home.note(f"{seconds:.0f} s, {resident:.1f} MiB; {', '.join(counts)}")
    expect(resident <= RESIDENT_MEBIBYTES_MAX, f"{resident:.1f} MiB are more than {RESIDENT_MEBIBYTES_MAX}")
