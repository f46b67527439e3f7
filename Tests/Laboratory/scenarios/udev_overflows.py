"""Ports that came and went while the kernel dropped udev's events are known as soon as the program goes on.

The program is stopped, more events than its socket holds are made, and meanwhile one device is pulled out and another
plugged in: nobody ever tells of the two.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess

from gadget import sockets, start_udev, stop_udev
from home import Home, expect, until
from wired import FTDI, Nonin

BOUND_SECONDS = 120
#: Each is an event for every terminal of the machine: beyond a mebibyte together.
TRIGGERS_MAX = 60


def dropped() -> int:
    """Events that the kernel could not give to whoever listens to udev: the ninth column."""
    with open("/proc/net/netlink") as table:
        return sum(int(line.split()[8]) for line in list(table)[1:] if line.split()[1] == "15")


async def scenario(home: Home) -> None:
    start_udev()
    home._closers.append(stop_udev)
    daemon = await home.daemon(devices=[], bluetooth={"enabled": False})
    first, second = Nonin("NN-1", 1, FTDI), Nonin("NN-2", 2, FTDI)
    second.count = 20
    for gadget in (first, second):
        home._closers.append(gadget.close)
    one, two = "nonin-serial-nn-1", "nonin-serial-nn-2"
    await first.plug(sockets()[0])
    await until(lambda: home.values("pulse-rate", one), home.last_lines)
    before = dropped()
    daemon.process.send_signal(signal.SIGSTOP)
    triggers = 0
    while dropped() == before and triggers < TRIGGERS_MAX:
        await asyncio.to_thread(
            subprocess.run, ["udevadm", "trigger", "--subsystem-match=tty", "--settle"], check=True, timeout=60)
        triggers += 1
    expect(dropped() > before, f"{triggers} storms of events have not filled the socket")
    await first.pull()
    await second.plug(sockets()[1])
    await asyncio.to_thread(subprocess.run, ["udevadm", "settle"], check=True, timeout=60)
    lost = dropped() - before
    loop = asyncio.get_running_loop()
    went_on = loop.time()
    daemon.process.send_signal(signal.SIGCONT)
    await until(lambda: home.values("pulse-rate", two), home.last_lines)
    found = loop.time() - went_on
    await home.until_known(one, lambda each: each["link"] == "gone", "gone")
    expect(set(home.values("pulse-rate", two)) == {70.0}, "the second was taken for another")
    home.note(f"{lost} events dropped after {triggers} storms; the new port was read {found:.2f} s after")
