"""Who holds a virtual device in their hands while it is paired."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from bumble import pairing

IO = pairing.PairingDelegate.IoCapability


@dataclass
class Person(pairing.PairingDelegate):
    """Who holds the device in their hands. `kind` is what the device has for pairing.

    `just-works`: nothing. `comparison`: a display and a button. `shows-passkey`: a display.
    `takes-passkey`: keys only, the number is shown by the other side and typed with :meth:`type`.
    """

    kind: str = "just-works"
    accepts: bool = True
    #: What the person answers when two numbers are compared.
    says_same: bool = True
    #: `None`: a random one.
    passkey: int | None = None
    shown: list[int] = field(default_factory=list)

    CAPABILITIES = {
        "just-works": IO.NO_OUTPUT_NO_INPUT,
        "comparison": IO.DISPLAY_OUTPUT_AND_YES_NO_INPUT,
        "shows-passkey": IO.DISPLAY_OUTPUT_ONLY,
        "takes-passkey": IO.KEYBOARD_INPUT_ONLY,
    }

    def __post_init__(self) -> None:
        super().__init__(io_capability=self.CAPABILITIES[self.kind])
        self._typed: asyncio.Queue[int | None] = asyncio.Queue()
        self._looked = asyncio.Event()

    async def accept(self) -> bool:
        return self.accepts

    async def confirm(self, auto: bool = False) -> bool:
        return self.accepts

    async def compare_numbers(self, number: int, digits: int) -> bool:
        self._show(number)
        return self.says_same

    async def display_number(self, number: int, digits: int) -> None:
        self._show(number)

    async def generate_passkey(self) -> int:
        return random.randrange(1_000_000) if self.passkey is None else self.passkey

    async def get_number(self) -> int | None:
        return await self._typed.get()

    def _show(self, number: int) -> None:
        self.shown.append(number)
        self._looked.set()

    def type(self, number: int | None) -> None:
        """On the device's keys; `None` refuses."""
        self._typed.put_nowait(number)

    async def read(self, within: float = 30) -> str:
        """The six digits on the device's display, once they are there."""
        await asyncio.wait_for(self._looked.wait(), within)
        self._looked.clear()
        return f"{self.shown[-1]:06d}"
