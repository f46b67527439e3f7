"""Serial devices on USB: the kernel's own gadgets behind virtual host controllers, plugged in and pulled out."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tty
from pathlib import Path

from home import ROOT, until

CONFIGFS = Path("/sys/kernel/config")
GADGETS = CONFIGFS / "usb_gadget"
#: What a device sends is written together this often, as a bridge chip does.
TICK = 0.02


def start_udev() -> None:
    """The real one, with the project's rules."""
    rules = Path("/etc/udev/rules.d")
    rules.mkdir(parents=True, exist_ok=True)
    (rules / "60-homeward.rules").write_text((ROOT / "Udev" / "60-homeward.rules").read_text())
    Path("/run/udev").mkdir(exist_ok=True)
    subprocess.run(["/lib/systemd/systemd-udevd", "--daemon", "--resolve-names=never"], check=True, timeout=30)
    if not GADGETS.exists():
        subprocess.run(["mount", "-t", "configfs", "none", str(CONFIGFS)], check=True, timeout=10)


def stop_udev() -> None:
    subprocess.run(["udevadm", "control", "--exit"], timeout=10)


def sockets() -> list[str]:
    """Where something can be plugged in: one device for each controller."""
    return sorted(path.name for path in Path("/sys/class/udc").iterdir())


class Gadget:
    """One device with its cable: what it says of itself, and what it sends while somebody listens."""

    def __init__(self, name: str, vendor: int, product: int, number: str | None, manufacturer: str = "Nobody",
                 model: str = "Device") -> None:
        self.name = name
        self.number = number
        self.socket: str | None = None
        self.heard = bytearray()
        self._folder = GADGETS / name
        self._folder.mkdir()
        (self._folder / "idVendor").write_text(f"{vendor:#06x}")
        (self._folder / "idProduct").write_text(f"{product:#06x}")
        texts = self._folder / "strings" / "0x409"
        texts.mkdir(parents=True)
        (texts / "manufacturer").write_text(manufacturer)
        (texts / "product").write_text(model)
        if number is not None:
            (texts / "serialnumber").write_text(number)
        configuration = self._folder / "configs" / "c.1"
        configuration.mkdir(parents=True)
        function = self._folder / "functions" / f"acm.{name}"
        function.mkdir(parents=True)
        (configuration / function.name).symlink_to(function)
        self.port = Path(f"/dev/ttyGS{(function / 'port_num').read_text().strip()}")
        self._line = -1
        self._task: asyncio.Task[None] | None = None

    # Plugging.

    async def plug(self, socket: str) -> float:
        """When the port of the host has appeared."""
        before = host_ports()
        self._open()
        (self._folder / "UDC").write_text(socket)
        self.socket = socket
        loop = asyncio.get_running_loop()
        await until(lambda: host_ports() - before, f"{self.name} has no port", 10)
        appeared = loop.time()
        self._task = loop.create_task(self._run())
        return appeared

    async def pull(self) -> None:
        """In the middle of whatever is on its way."""
        if self.socket is None:
            return
        # Half a frame, so that the next plugging begins with the memory of it.
        self._write(self.torn())
        (self._folder / "UDC").write_text("\n")
        self.socket = None
        if self._task:
            self._task.cancel()
            try:
                await self._task
            except asyncio.CancelledError:
                pass
            self._task = None
        os.close(self._line)
        self._line = -1

    # What it is: of its kind.

    def frame(self) -> bytes:
        """One of those that it sends without being asked."""
        raise NotImplementedError

    def torn(self) -> bytes:
        """What is under way when it is pulled out."""
        return self.frame()[:3]

    #: Frames in a second.
    rate = 60.0

    @property
    def is_talking(self) -> bool:
        return True

    def obey(self, said: bytes) -> None:
        """The host said something."""

    def began(self) -> None:
        """It is plugged in: nothing was said before."""

    # Its life.

    def _open(self) -> None:
        self._line = os.open(self.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._line)
        self.heard.clear()
        self.began()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        sent_until = loop.time()
        while True:
            await asyncio.sleep(TICK)
            try:
                said = os.read(self._line, 4096)
            except OSError:
                said = b""
            if said:
                self.heard += said
                self.obey(said)
            now = loop.time()
            due = min(int((now - sent_until) * self.rate), int(self.rate))
            sent_until += due / self.rate
            if now - sent_until > 1:
                sent_until = now
            if self.is_talking:
                self._write(b"".join(self.frame() for _ in range(due)))

    def _write(self, data: bytes) -> None:
        try:
            if data:
                os.write(self._line, data)
        except OSError:
            pass  # Nobody listens: a real line loses it too.

    def close(self) -> None:
        """Pulled, and taken apart."""
        if self._task:
            self._task.cancel()
        if self.socket:
            (self._folder / "UDC").write_text("\n")
        if self._line >= 0:
            os.close(self._line)


def host_ports() -> set[str]:
    return {name for name in os.listdir("/dev") if name.startswith("ttyACM")}
