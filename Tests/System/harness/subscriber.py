"""The witness: hears everything, keeps everything, and checks what the contract promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt

from . import schemas
from .waiting import PATIENCE, Happening

ROOT_TOPIC = "homeward/1/box-1/"
#: What is sent as the latest truth and not as a history: numbered for its identity only.
WITHOUT_ORDER = ("state", "status")


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    #: Retained by the broker and sent because somebody subscribed: older than what comes live.
    is_retained: bool = False
    body: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.body["epoch"], self.body["lane"]


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name comes twice: what the second would mean is left open by JSON."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a name comes twice: {[name for name, _ in pairs]}")
    return found


class Ledger:
    """What was received, in the order of reception, from whatever kind of broker."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.happening = Happening()

    def receive(self, topic: str, payload: bytes, is_retained: bool = False) -> None:
        if topic.removeprefix(ROOT_TOPIC).startswith("command/"):
            return  # said to the gateway, not by it
        with self.happening:
            try:
                body = json.loads(payload, object_pairs_hook=members) if payload else {}
            except ValueError:
                body = {}
            below = topic.removeprefix(ROOT_TOPIC)
            self.messages.append(Message(below, payload, is_retained, body))

    def wait_for(self, wanted: Callable[[Message], object], what: str, within: float = PATIENCE,
                 since: int = 0) -> Message:
        def look() -> Message | None:
            return next((message for message in self.messages[since:] if wanted(message)), None)
        try:
            return self.happening.wait(look, what, within)
        except AssertionError as error:
            topics = sorted({message.topic for message in self.messages})
            raise AssertionError(f"{error}; heard {len(self.messages)} messages on {topics}") from None

    def on(self, topic: str) -> list[Message]:
        """With MQTT's wildcards."""
        return [message for message in self.messages if mqtt.topic_matches_sub(topic, message.topic)]

    def unique(self, topic: str = "#") -> list[Message]:
        """Each id once, where it came first; what clears a topic has none and is left out."""
        seen: dict[str, Message] = {}
        for message in self.on(topic):
            if message.body:
                seen.setdefault(message.body["id"], message)
        return list(seen.values())

    def numbers(self, lane: str) -> set[int]:
        return {message.body["seq"] for message in self.messages if message.body.get("lane") == lane}

    def missing(self, committed: dict[str, int]) -> dict[str, list[int]]:
        """Numbers that were reported as committed and have not been heard.

        What clears a retained topic carries no number although it has one: as many may be missing in its lane.
        """
        holes: dict[str, list[int]] = {}
        for lane, last in committed.items():
            heard = self.numbers(lane)
            absent = [number for number in range(1, last + 1) if number not in heard]
            if lane == "alert":
                absent = absent[self._clearings():]
            if absent:
                holes[lane] = absent
        return holes

    def _clearings(self) -> int:
        return sum(not message.payload for message in self.messages)

    def wait_for_all(self, committed: dict[str, int], within: float = PATIENCE) -> None:
        def describe() -> str:
            holes = self.missing(committed)
            return ", ".join(f"{lane}: {len(seqs)} missing, first {seqs[:5]}" for lane, seqs in holes.items())
        try:
            self.happening.wait(lambda: not self.missing(committed), "all that was committed", within)
        except AssertionError:
            raise AssertionError(f"committed and not delivered within {within:.0f} s: {describe()}") from None

    # What must hold of any conversation.

    def check(self) -> None:
        wrong = self.broken_schemas() + self.broken_identities() + self.broken_order()
        assert not wrong, "\n".join(wrong[:20])

    def broken_schemas(self) -> list[str]:
        wrong = []
        for message in self.messages:
            if not message.payload:
                if schemas.schema_of(message.topic) != "alarm":
                    wrong.append(f"{message.topic}: emptied, and only alarms are")
                continue
            expected = schemas.schema_of(message.topic)
            if message.body.get("schema") != f"homeward/1/{expected}":
                wrong.append(f"{message.topic}: carries {message.body.get('schema')!r}")
            wrong += [f"{message.topic}: {problem}" for problem in schemas.problems(message.body)]
            if list(message.body)[:6] != ["schema", "id", "epoch", "lane", "seq", "delivery"]:
                wrong.append(f"{message.topic}: begins with {list(message.body)[:6]}")
        return list(dict.fromkeys(wrong))

    def broken_identities(self) -> list[str]:
        """One id, one content."""
        wrong = []
        bytes_of: dict[str, tuple[str, bytes]] = {}
        for message in self.messages:
            if not message.body:
                continue
            body = message.body
            known = bytes_of.setdefault(body["id"], (message.topic, message.payload))
            if known != (message.topic, message.payload):
                wrong.append(f"{body['id']}: came twice with different content")
            if body["id"] != f"{body['epoch']}-{body['lane']}-{body['seq']}":
                wrong.append(f"{body['id']}: is not made of epoch, lane and seq")
        return wrong

    def broken_order(self) -> list[str]:
        """Numbers of a lane come first in their order; without holes but for what clears a topic."""
        wrong = []
        last: dict[tuple[str, str], int] = {}
        seen: set[str] = set()
        clearings = 0
        for message in self.messages:
            if message.is_retained:
                continue
            if not message.body:
                clearings += 1
                continue
            lane, seq = message.key, message.body["seq"]
            before = last.get(lane, 0)
            if lane[1] in WITHOUT_ORDER:
                continue
            is_new = message.body["id"] not in seen
            seen.add(message.body["id"])
            if seq <= before:
                if is_new:
                    wrong.append(f"{lane[1]}: {seq} came first after {before}")
                continue
            hole = seq - before - 1
            if hole and lane[1] == "alert":
                clearings -= hole
                hole = max(0, -clearings)
            if hole:
                wrong.append(f"{lane[1]}: {seq} came first after {before}")
            last[lane] = seq
        return wrong


class Subscriber(Ledger):
    """Has a session at the broker, so that nothing is lost while either of them is away."""

    def __init__(self, port: int, name: str = "witness", username: str | None = None,
                 password: str | None = None) -> None:
        super().__init__()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, protocol=mqtt.MQTTv311)
        self._client.max_inflight_messages_set(1000)
        self._client.reconnect_delay_set(1, 1)
        if username:
            self._client.username_pw_set(username, password)
        self._is_subscribed = False
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = lambda _, __, m: self.receive(m.topic, m.payload, bool(m.retain))
        self._client.connect("127.0.0.1", port, keepalive=30)
        self._client.loop_start()
        self.happening.wait(lambda: self._is_subscribed, "the witness is subscribed")

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(ROOT_TOPIC + "#", qos=1)

    def _subscribed(self, *_: Any) -> None:
        with self.happening:
            self._is_subscribed = True

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def retained(port: int, topic: str) -> bytes | None:
    """What the broker retains now: `None` for nothing. A question behind it proves that the answer is complete."""
    ledger = Ledger()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="", clean_session=True)
    client.on_message = lambda _, __, m: ledger.receive(m.topic, m.payload, bool(m.retain))
    done: list[bool] = []

    def subscribed(*_: Any) -> None:
        client.publish("test/end", b"end", qos=1)

    def connected(*_: Any) -> None:
        client.subscribe([(ROOT_TOPIC + topic, 1), ("test/end", 1)])

    client.on_subscribe = subscribed
    client.on_connect = connected
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        ledger.wait_for(lambda m: m.topic == "test/end", "the end of what is retained", within=15)
    finally:
        client.disconnect()
        client.loop_stop()
    return next((m.payload for m in ledger.messages if m.topic == topic), None)
