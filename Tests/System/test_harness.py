"""The witness must see what is broken, or the other tests prove nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from harness import devices, schemas
from harness.broker import Broker
from harness.devices import Shown
from harness.fake_broker import Behaviour, FakeBroker
from harness.kit import Kit
from harness.subscriber import ROOT_TOPIC, Ledger, Subscriber, retained

EPOCH = "0123456789abcdef"


def status(seq: int, **more: Any) -> bytes:
    return json.dumps({
        "schema": "homeward/1/status", "id": f"{EPOCH}-status-{seq}", "epoch": EPOCH, "lane": "status", "seq": seq,
        "delivery": "live", "state": "online", "connection": "1"} | more).encode()


def gap(seq: int, **more: Any) -> bytes:
    return json.dumps({
        "schema": "homeward/1/gap", "id": f"{EPOCH}-alert-{seq}", "epoch": EPOCH, "lane": "alert", "seq": seq,
        "delivery": "live", "reason": "evicted"} | more).encode()


def heard(*messages: tuple[str, bytes]) -> Ledger:
    ledger = Ledger()
    for topic, payload in messages:
        ledger.receive(ROOT_TOPIC + topic, payload)
    return ledger


def test_a_faultless_conversation_passes() -> None:
    heard(("status", status(1)), ("gap", gap(1)), ("gap", gap(1)), ("gap", gap(2))).check()


def test_a_retained_topic_that_is_cleared_takes_a_number_without_showing_it() -> None:
    heard(("gap", gap(1)), ("patient/p-1/alarm/a", b""), ("gap", gap(3))).check()


@pytest.mark.parametrize("messages", [
    [("gap", gap(2))],
    [("gap", gap(1)), ("gap", gap(3))],
    [("gap", gap(2)), ("gap", gap(1))],
    [("gap", gap(1)), ("gap", gap(1, count=5))],
    [("gap", gap(1, unknown=5))],
    [("gap", gap(1, reason="because"))],
    [("gap", gap(1, id=f"{EPOCH}-alert-2"))],
    [("status", gap(1))],
    [("somewhere/else", gap(1))],
    [("status", b"")],
    [("status", b"no JSON")],
    [("status", status(1).replace(b'"online"', b'"online", "state": "offline"'))],
], ids=["begins late", "hole", "disorder", "two contents", "unknown member", "unknown reason", "wrong id", "wrong topic",
        "unknown topic", "status emptied", "no JSON", "a name twice"])
def test_what_is_broken_is_seen(messages: list[tuple[str, bytes]]) -> None:
    with pytest.raises(AssertionError):
        heard(*messages).check()


def test_what_was_committed_and_not_heard_is_missing() -> None:
    assert heard(("gap", gap(1)), ("gap", gap(3))).missing({"alert": 4}) == {"alert": [2, 4]}


def test_every_schema_refuses_what_it_does_not_know() -> None:
    def objects(node: Any) -> list[dict[str, Any]]:
        found = [node] if isinstance(node, dict) and "properties" in node and "type" in node else []
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        return found + [inner for child in children for inner in objects(child)]
    for name, document in schemas.documents().items():
        for part in objects(document):
            if part["type"] == "object":
                assert part.get("additionalProperties") is False, f"{name}: {list(part['properties'])}"


def publish(port: int, topic: str, payload: bytes, retain: bool = False) -> None:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        client.publish(ROOT_TOPIC + topic, payload, qos=1, retain=retain).wait_for_publish(10)
    finally:
        client.disconnect()
        client.loop_stop()


def test_the_broker_keeps_what_the_witness_misses(broker: Broker, witness: Subscriber) -> None:
    publish(broker.port, "gap", gap(1))
    publish(broker.port, "status", status(1), retain=True)
    witness.wait_for(lambda m: m.topic == "status", "the first message")
    broker.stop()
    broker.start()
    publish(broker.port, "gap", gap(2))
    witness.wait_for_all({"alert": 2})
    assert retained(broker.port, "status") == status(1)
    assert retained(broker.port, "health") is None
    witness.check()


@pytest.mark.parametrize("version", [mqtt.MQTTv311, mqtt.MQTTv5])
def test_the_misbehaving_broker_can_also_behave(
        version: int, make_fake_broker: Callable[..., FakeBroker]) -> None:
    fake = make_fake_broker(puback=lambda _: None)
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="x", protocol=version)
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", fake.port)
    client.loop_start()
    try:
        told = client.publish(ROOT_TOPIC + "gap", gap(1), qos=1)
        fake.wait_for(lambda m: m.topic == "gap", "the message")
        assert not fake.acknowledged
        fake.behave(Behaviour())
        told.wait_for_publish(20)
        assert len(fake.acknowledged) == 1 and fake.connections == 2
    finally:
        client.disconnect()
        client.loop_stop()


def test_the_encoder_writes_what_a_real_device_sent() -> None:
    # Recorded from a CMS50D+.
    frame = devices.contec_live(Shown(saturation=99, pulse=61, perfusion=None), wave=0x55)
    assert frame.hex(" ").upper() == "01 E0 85 D5 9A BD E3 FF FF"


def test_a_simulated_contec_speaks_when_it_is_asked_to(make_kit: Callable[..., Kit]) -> None:
    kit = make_kit()
    port = os.open(kit.path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(port, bytes.fromhex("7D81A1808080808080"))
        frame = b""
        while len(frame) < 9:
            frame += os.read(port, 9 - len(frame))
        assert frame[0] == 0x01
    finally:
        os.close(port)
