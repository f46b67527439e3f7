"""Measures over minutes what the tests check in seconds, and writes it down as Markdown.

    soak.py FILE     # HOMEWARD_SOAK_KILLS, _OUTAGE_SECONDS, _STEADY_SECONDS and _DEVICES change the lengths

Only measured values are written, and only when everything that was promised held. HOMEWARD_SOAK_PARTS names the parts
to measure (`kills outages steady laboratory`); what the file says of the others stays.
"""

from __future__ import annotations

import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.broker import Broker
from harness.daemon import ROOT, Daemon, binary, homeward
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.waiting import until

DRIVERS = ["contec-cms50-v7", "berrymed-bci", "contec-cms50-v7", "nonin-serial"]


def setting(name: str, default: int) -> int:
    return int(os.environ.get(f"HOMEWARD_SOAK_{name}", default))


class Timed(Subscriber):
    """Notes for each live reading how long it took from the serial port to here, by the box's own clock."""

    def __init__(self, port: int) -> None:
        self.milliseconds: list[float] = []
        super().__init__(port)

    def receive(self, topic: str, payload: bytes, is_retained: bool = False) -> None:
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        super().receive(topic, payload, is_retained)
        body = self.messages[-1].body
        if not is_retained and body.get("lane") == "reading" and body["delivery"] == "live":
            received = body["readings"][-1]["received"]["nanoseconds"]
            self.milliseconds.append((now - received) / 1e6)


@dataclass
class Scene:
    broker: Broker
    witness: Timed
    kits: list[Kit]
    daemon: Daemon


@contextmanager
def scene(kits: int, is_busy: bool) -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="homeward-soak-")))
        folder.chmod(0o711)
        broker = Broker(folder / "broker").start()
        stack.callback(broker.stop)
        witness = Timed(broker.port)
        stack.callback(witness.close)
        devices = [Kit(folder, f"kit-{index}", DRIVERS[index % 4]) for index in range(kits)]
        for kit in devices:
            kit.is_busy = is_busy
            stack.callback(kit.close)
        entries = [kit.entry(patient=f"p-{index % 4 + 1}") for index, kit in enumerate(devices)]
        daemon = Daemon(folder, broker.port, devices=entries)
        stack.callback(daemon.close)
        yield Scene(broker, witness, devices, daemon)


@dataclass
class Report:
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, value: object) -> None:
        self.rows.append((what, str(value)))
        print(f"{what}: {value}", flush=True)


def finish(scene: Scene, report: Report) -> None:
    committed = dict(scene.daemon.committed)
    scene.witness.wait_for_all(committed, within=300)
    scene.witness.check()
    report.add("messages committed", sum(committed.values()))
    report.add("committed and not delivered", 0)
    again = len([m for m in scene.witness.messages if m.body and m.body["lane"] in committed and not m.is_retained])
    report.add("delivered more than once, with the same bytes", again - len(
        {m.body["id"] for m in scene.witness.messages if m.body.get("lane") in committed and not m.is_retained}))


def kills(report: Report) -> None:
    count = setting("KILLS", 200)
    chance = random.Random(200)
    with scene(4, is_busy=True) as here:
        daemon = here.daemon
        restarts: list[float] = []
        for _ in range(count):
            before = daemon.committed.get("reading", 0)
            began = time.monotonic()
            daemon.start()
            daemon.wait_for_commits("reading", before + 1)
            restarts.append(time.monotonic() - began)
            daemon.wait_for_commits("reading", before + chance.randint(1, 400))
            daemon.kill()
        daemon.start()
        daemon.wait_for_commits("reading", daemon.committed["reading"] + 100)
        report.add("kills (SIGKILL), 4 busy devices", count)
        report.add("from start to the first commit, median", f"{statistics.median(restarts):.2f} s")
        report.add("from start to the first commit, longest", f"{max(restarts):.2f} s")
        finish(here, report)


def outages(report: Report) -> None:
    seconds = setting("OUTAGE_SECONDS", 60)
    with scene(4, is_busy=True) as here:
        here.daemon.start()
        here.daemon.wait_for_commits("reading", 100)
        catching_up: list[float] = []
        for _ in range(3):
            here.broker.stop()
            time.sleep(seconds)
            waiting = dict(here.daemon.committed)
            here.broker.start()
            began = time.monotonic()
            here.witness.wait_for_all(waiting, within=300)
            catching_up.append(time.monotonic() - began)
        report.add("outages of the broker", f"3 of {seconds} s, 4 busy devices")
        report.add("until everything that waited was delivered, longest", f"{max(catching_up):.1f} s")
        finish(here, report)


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(process: int, name: str) -> int:
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def written(process: int) -> int:
    line = next(line for line in Path(f"/proc/{process}/io").read_text().splitlines()
                if line.startswith("write_bytes"))
    return int(line.split()[1])


def steady(report: Report) -> None:
    seconds, devices = setting("STEADY_SECONDS", 600), setting("DEVICES", 8)
    with scene(devices, is_busy=False) as here:
        here.daemon.start()
        process = here.daemon.process.pid
        here.daemon.wait_for_commits("reading", 100)
        until(lambda: len(here.witness.milliseconds) > 100, "readings flow")
        began, cpu, disk, memory = time.monotonic(), cpu_seconds(process), written(process), status(process, "VmRSS")
        first, before = len(here.witness.milliseconds), dict(here.daemon.committed)
        end = began + seconds
        pulse = 60
        while time.monotonic() < end:
            # A number that changes now and then, as a patient's does.
            pulse = 60 + (pulse - 59) % 40
            for kit in here.kits:
                kit.show(saturation=90 + pulse % 9, pulse=pulse)
            time.sleep(2)
        elapsed = time.monotonic() - began
        waits = sorted(here.witness.milliseconds[first:])
        messages = sum(here.daemon.committed.values()) - sum(before.values())
        report.add("steady run", f"{elapsed:.0f} s, {devices} devices")
        report.add("messages", f"{messages}, {messages / elapsed:.1f} a second")
        report.add("processor time", f"{100 * (cpu_seconds(process) - cpu) / elapsed:.1f} % of one core")
        report.add("memory at the beginning and at the end (resident)",
                   f"{memory / 1024:.1f} MB, {status(process, 'VmRSS') / 1024:.1f} MB")
        report.add("written to disk", f"{(written(process) - disk) / elapsed / 1024:.0f} KB a second")
        report.add("open files", len(list(Path(f"/proc/{process}/fd").iterdir())))
        for name, share in (("median", 0.5), ("99 of 100", 0.99)):
            report.add(f"from the serial port to the subscriber, {name}", f"{waits[int(len(waits) * share)]:.1f} ms")
        report.add("from the serial port to the subscriber, longest", f"{waits[-1]:.1f} ms")
        finish(here, report)


#: Of `script/lab`, each with what makes it long.
SCENARIOS = [
    ("ten_peripherals", {"LAB_SECONDS": "300"}, "ten devices at once, three of them electrocardiograms: nothing lost, "
     "nothing out of order; memory and values"),
    ("leave_and_return", {"LAB_TIMES": "50"}, "a bonded device goes out of range and comes back: from its first "
     "advertisement to the connection"),
    ("foreign_addresses", {"LAB_FOREIGNERS": "10000"}, "strangers advertise beside one that is read: memory before "
     "and after"),
    ("device_silent", {}, "one device is silent for two minutes beside strangers: nothing is reset"),
    ("plug_anything", {"LAB_TIMES": os.environ.get("HOMEWARD_SOAK_PLUGS", "50")}, "oximeters, spirometers and ECG boards, "
     "two of each, are plugged in by fours in any order and pulled out in the middle of a frame: until each was read, "
     "descriptors and memory before and after"),
    ("udev_overflows", {}, "the kernel drops udev's events while one device is pulled out and another plugged in"),
    ("radio_deaf", {}, "the radio is deaf: heard again after a power cycle"),
]


def laboratory(report: Report) -> None:
    for name, lengths, what in SCENARIOS:
        done = subprocess.run(
            [ROOT / "script" / "lab", name], capture_output=True, text=True,
            env=os.environ | lengths | {"HOMEWARD_BINARY": binary()})
        told = re.search(rf"^{name} +passed +([0-9.]+) s *(.*)$", done.stdout, re.MULTILINE)
        if done.returncode or not told:
            sys.exit(f"script/lab {name}:\n{done.stdout}{done.stderr}")
        report.add(what, told[2] or f"{told[1]} s in all")


PARTS = {
    "kills": ("Kills", kills), "outages": ("Outages", outages), "steady": ("Steady load", steady),
    "laboratory": ("Laboratory", laboratory),
}


def main(file: Path) -> None:
    wanted = os.environ.get("HOMEWARD_SOAK_PARTS", " ".join(PARTS)).split()
    if unknown := [name for name in wanted if name not in PARTS]:
        sys.exit(f"soak.py: there is no part {', '.join(unknown)}: {', '.join(PARTS)}")
    before = re.split(r"^## ", file.read_text(), flags=re.MULTILINE) if file.exists() else []
    sections = []
    for name, (title, measure) in PARTS.items():
        if name not in wanted:
            sections += [f"## {text.rstrip()}\n" for text in before if text.startswith(f"{title}\n")]
            continue
        print(f"\n== {title} ==", flush=True)
        report = Report()
        measure(report)
        table = "\n".join(f"| {what} | {value} |" for what, value in report.rows)
        version = homeward("version").stdout.decode().strip()
        measured = f"Measured on {time.strftime('%Y-%m-%d', time.gmtime())} with {version}."
        sections.append(f"## {title}\n\n{measured}\n\n| what | measured |\n| --- | --- |\n{table}\n")
    head = (
        "# Soak\n\nWritten by `script/soak`; every figure was measured by it, on pseudo terminals and Debian's "
        f"mosquitto on the same machine: {platform.machine()}, {os.cpu_count()} processors, "
        f"Linux {platform.release().split('-')[0]}. What stands under Laboratory was measured in the emulated machine "
        "of `script/lab`, with a real kernel and virtual Bluetooth devices.\n\n"
        "Latency is by the box's monotonic clock: from the moment the bytes were read to the moment the subscriber "
        "had the message.\n")
    file.write_text(head + "\n" + "\n".join(sections))
    print(f"\nWritten: {file}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: soak.py FILE")
    main(Path(sys.argv[1]))
