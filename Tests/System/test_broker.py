"""Whatever the broker does: nothing is lost, each lane keeps its order, alerts go first."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Any

import pytest

from harness.broker import Broker
from harness.daemon import Daemon
from harness.fake_broker import Behaviour, FakeBroker, Publish
from harness.kit import Kit
from harness.subscriber import ROOT_TOPIC, Ledger, Subscriber
from harness.waiting import until

MakeBroker = Callable[..., Broker]
MakeDaemon = Callable[..., Daemon]
MakeFakeBroker = Callable[..., FakeBroker]
MakeKit = Callable[..., Kit]

OUTAGE_SECONDS = float(os.environ.get("HOMEWARD_OUTAGE_SECONDS", "10"))

LIMITS = {"oxygen-saturation-low": {"levels": [{"limit": 88, "onsetSeconds": 1, "priority": "medium"}]}}


def busy(make_kit: MakeKit, name: str = "oximeter") -> Kit:
    kit = make_kit(name)
    kit.is_busy = True
    return kit


def acknowledged(fake: FakeBroker) -> Ledger:
    """What counts at a broker: only what it took charge of."""
    ledger = Ledger()
    for publish in list(fake.acknowledged):
        ledger.receive(publish.topic, publish.payload)
    return ledger


def all_acknowledged(fake: FakeBroker, daemon: Daemon) -> Ledger:
    """Everything committed until now, taken charge of."""
    committed = dict(daemon.committed)
    until(lambda: not acknowledged(fake).missing(committed), "all that was committed is acknowledged", within=60)
    ledger = acknowledged(fake)
    fake.check()
    return ledger


def test_an_outage_of_the_broker_loses_nothing(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, busy(make_kit)).start()
    daemon.wait_for_commits("reading", 20)
    broker.stop()
    # One busy device tells about three times sixty readings in a second.
    daemon.wait_for_commits("reading", daemon.committed["reading"] + int(OUTAGE_SECONDS * 100), OUTAGE_SECONDS * 20)
    broker.start()
    witness.wait_for_all(dict(daemon.committed), within=120)
    assert {m.body["delivery"] for m in witness.unique("patient/p-1/reading/+")} == {"live", "backfill"}
    witness.check()


def test_after_an_outage_alerts_come_before_the_readings_that_waited(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = busy(make_kit)
    daemon = make_daemon(broker.port, kit, limits=LIMITS).start()
    daemon.wait_for_commits("reading", 20)
    broker.stop()
    daemon.wait_for_commits("reading", daemon.committed["reading"] + 500)
    kit.is_busy = False
    kit.show(saturation=70)
    daemon.wait_for_commits("alert", 1)
    waiting = daemon.committed["reading"]
    broker.start()
    heard = len(witness.messages)
    witness.wait_for(lambda m: m.topic == "patient/p-1/alert/medium", "the alert", since=heard)
    with witness.happening:
        until_alert = []
        for message in witness.messages[heard:]:
            if message.topic == "patient/p-1/alert/medium":
                break
            if message.body.get("lane") == "reading" and not message.is_retained:
                until_alert.append(message)
    # What was in flight when the connection broke may come with it; the hundreds that waited may not.
    assert len(until_alert) <= 32, f"{len(until_alert)} readings came before the alert"
    witness.wait_for_all({"reading": waiting}, within=120)
    witness.check()


@pytest.mark.parametrize("protocol,code", [("5", 0x87), ("5", 0x88), ("5", 0x9F), ("3.1.1", 5), ("3.1.1", 3)])
def test_a_refused_connection_is_tried_again_and_nothing_is_lost(
        protocol: str, code: int, make_fake_broker: MakeFakeBroker, make_kit: MakeKit,
        make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(connack=code)
    daemon = make_daemon(fake.port, busy(make_kit), broker={"protocol": protocol}).start()
    fake.wait_for_connections(2)
    daemon.wait_for_commits("reading", 100)
    assert not fake.publishes
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_a_broker_that_never_answers_a_connection_is_left_and_tried_again(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(connack=None)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    fake.wait_for_connections(2, within=90)
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_a_broker_that_does_not_acknowledge_is_left_and_tried_again(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(puback=lambda _: None)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    daemon.wait_for_commits("reading", 20)
    fake.wait_for_connections(2, within=90)
    assert fake.window <= 32, "more in flight than a window"
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


@pytest.mark.parametrize("code", [0x80, 0x83, 0x87, 0x97])
def test_a_refused_message_is_not_counted_as_delivered(
        code: int, make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(puback=lambda _: code)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    daemon.wait_for_commits("reading", 50)
    fake.wait_for(lambda m: m.body.get("lane") == "reading", "a reading is offered")
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_a_topic_that_is_refused_does_not_hold_up_the_others(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    def refuse_pulse(publish: Publish) -> int:
        return 0x87 if publish.topic.endswith("/pulse-rate") else 0
    fake = make_fake_broker(puback=refuse_pulse)
    daemon = make_daemon(fake.port, busy(make_kit)).start()

    def others() -> bool:
        taken = {publish.topic for publish in list(fake.acknowledged)}
        count = sum(publish.topic.endswith("/oxygen-saturation") for publish in list(fake.acknowledged))
        return count > 100 and not any(topic.endswith("/pulse-rate") for topic in taken)

    until(others, "a hundred readings of another topic are acknowledged", within=120)
    fake.behave(Behaviour())
    # Held back ones come later than their numbers: only completeness and identity are promised here.
    committed = dict(daemon.committed)
    until(lambda: not acknowledged(fake).missing(committed), "all that was committed is acknowledged", within=90)
    assert not fake.broken_identities()


def test_no_subscriber_is_success_for_a_reading(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(puback=lambda _: 0x10)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    daemon.wait_for_commits("reading", 200)
    all_acknowledged(fake, daemon)


def test_a_connection_closed_in_the_middle_of_a_window_loses_nothing(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(close_after=7)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    fake.wait_for_connections(4, within=90)
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_an_acknowledgement_that_comes_twice_changes_nothing(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(copies=2)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    daemon.wait_for_commits("reading", 200)
    all_acknowledged(fake, daemon)


def test_a_small_receive_maximum_is_kept(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(receive_maximum=2, delay=0.005)
    daemon = make_daemon(fake.port, make_kit()).start()
    daemon.wait_for_commits("reading", 15)
    all_acknowledged(fake, daemon)
    assert fake.window <= 2


def test_a_slow_broker_is_waited_for(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(delay=0.05)
    daemon = make_daemon(fake.port, make_kit()).start()
    daemon.wait_for_commits("reading", 15)
    all_acknowledged(fake, daemon)
    assert fake.connections == 1


def test_a_broker_that_answers_no_pings_is_left(
        make_fake_broker: MakeFakeBroker, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(answers_pings=False)
    make_daemon(fake.port, healthIntervalSeconds=600).start()
    fake.wait_for_connections(2, within=60)


#: What no client should have to read.
NONSENSE = {
    "noise": bytes(range(255, 0, -1)) * 4,
    "text": b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "endless length": b"\x30\xff\xff\xff\xff\xff\xff",
    "huge length": b"\x30\xff\xff\xff\x7f" + b"x" * 1000,
    "acknowledgement of nothing": b"\x20\x03\x00\x00\x00" + b"\x40\x02" + struct.pack(">H", 4711),
    "short acknowledgement": b"\x20\x03\x00\x00\x00" + b"\x40\x01\x00",
    "empty connack": b"\x20\x00",
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_from_a_broker_ends_no_more_than_the_connection(
        nonsense: bytes, make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(greeting=nonsense)
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    fake.wait_for_connections(1)
    daemon.wait_for_commits("reading", 50)
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_nonsense_instead_of_an_acknowledgement_loses_nothing(
        make_fake_broker: MakeFakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    fake = make_fake_broker(garbage=b"\xf0\x00\x40\x7f\x00")
    daemon = make_daemon(fake.port, busy(make_kit)).start()
    fake.wait_for_connections(2, within=90)
    fake.behave(Behaviour())
    all_acknowledged(fake, daemon)


def test_what_access_rules_denied_arrives_when_they_allow_it(
        make_broker: MakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon, stack: Any) -> None:
    rules = f"topic read {ROOT_TOPIC}#\ntopic write {ROOT_TOPIC}status\ntopic write {ROOT_TOPIC}health\n"
    broker = make_broker(acl=rules)
    witness = Subscriber(broker.port)
    stack.callback(witness.close)
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 20)
    witness.wait_for(lambda m: m.topic in ("status", "health"), "what is allowed")
    assert not witness.on("patient/#")
    broker.allow("topic readwrite #\n")
    witness.wait_for_all(dict(daemon.committed), within=180)
    assert not witness.broken_identities() and not witness.broken_schemas()


def test_a_user_and_a_password_file_open_the_door(
        make_broker: MakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon, stack: Any, folder: Any) -> None:
    broker = make_broker(users={"box": "correct horse", "nurse": "battery staple"})
    secret = folder / "secret"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    witness = Subscriber(broker.port, username="nurse", password="battery staple")
    stack.callback(witness.close)
    daemon = make_daemon(
        broker.port, make_kit(), broker={"username": "box", "passwordFile": str(secret)}).start()
    witness.wait_for(lambda m: m.topic.endswith("/reading/pulse-rate"), "a reading")
    assert not any("correct horse" in line for line in daemon.lines)


def test_a_wrong_password_is_said_in_the_journal_and_never_shown(
        make_broker: MakeBroker, make_kit: MakeKit, make_daemon: MakeDaemon, folder: Any) -> None:
    broker = make_broker(users={"box": "correct horse"})
    secret = folder / "secret"
    secret.write_text("wrong zebra\n")
    secret.chmod(0o600)
    daemon = make_daemon(
        broker.port, make_kit(), broker={"username": "box", "passwordFile": str(secret)}).start()
    daemon.wait_for_line(r"(?i)refus|authori[sz]e|password|denied")
    daemon.wait_for_commits("reading", 10)
    assert not any("zebra" in line for line in daemon.lines)


def test_version_3_1_1_of_the_protocol_carries_everything(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, busy(make_kit), broker={"protocol": "3.1.1"}).start()
    daemon.wait_for_commits("reading", 200)
    witness.wait_for_all(dict(daemon.committed))
    daemon.stop()
    witness.wait_for(lambda m: m.topic == "status" and m.body["state"] == "offline", "a clean goodbye")
    witness.check()


def test_another_broker_on_the_usual_port_is_left_alone(
        make_broker: MakeBroker, witness: Subscriber, broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon,
        folder: Any, stack: Any) -> None:
    from harness.broker import accepts
    if not accepts(1883):
        other = Broker(folder / "other", port=1883).start()
        stack.callback(other.stop)
    stranger = Subscriber(1883, name="homeward-system-test")
    stack.callback(stranger.close)
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 10)
    witness.wait_for_all(dict(daemon.committed))
    assert not [m for m in stranger.messages if not m.is_retained]
