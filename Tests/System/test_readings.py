"""What a measurement looks like when it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timezone

from harness.broker import Broker
from harness.daemon import Daemon
from harness.kit import Kit
from harness.subscriber import Message, Subscriber, retained

MakeKit = Callable[..., Kit]
MakeDaemon = Callable[..., Daemon]


def values(message: Message) -> list[float | None]:
    return [reading["value"] for reading in message.body["readings"]]


def shows(metric: str, value: float | None) -> Callable[[Message], bool]:
    return lambda m: m.topic.endswith(f"/reading/{metric}") and value in values(m)


def test_readings_arrive_with_unit_codes_quality_and_two_clocks(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=97, pulse=61, perfusion=412)
    make_daemon(broker.port, kit).start()
    expected = {
        "oxygen-saturation": (97, "%", 150456, "MDC_PULS_OXIM_SAT_O2", "59408-5"),
        "pulse-rate": (61, "/min", 149530, "MDC_PULS_OXIM_PULS_RATE", "8889-8"),
        "perfusion-index": (4.12, "%", 150448, "MDC_PULS_OXIM_PERF_REL", "61006-3"),
    }
    for metric, (value, unit, mdc, reference, loinc) in expected.items():
        message = witness.wait_for(shows(metric, value), f"{metric} {value}")
        body = message.body
        assert message.topic == f"patient/p-1/reading/{metric}"
        assert (body["unit"], body["mdc"], body["mdcReference"], body["loinc"]) == (unit, mdc, reference, loinc)
        assert (body["device"], body["patient"], body["origin"]) == ("oximeter", "p-1", "measured")
        reading = body["readings"][0]
        assert (reading["quality"], reading["source"]) == ("valid", "live")
        assert reading["received"]["nanoseconds"] > 0
        age = datetime.now(timezone.utc) - datetime.fromisoformat(reading["time"])
        assert abs(age.total_seconds()) < 60
    witness.check()


def test_three_families_speak_at_once_each_under_its_own_name(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = [make_kit("contec"), make_kit("berry", "berrymed-bci"), make_kit("nonin", "nonin-serial")]
    for kit, saturation in zip(kits, (91, 92, 93)):
        kit.show(saturation=saturation, pulse=saturation + 100)
    make_daemon(broker.port, *kits).start()
    for kit, saturation in zip(kits, (91, 92, 93)):
        witness.wait_for(
            lambda m: shows("oxygen-saturation", saturation)(m) and m.body["device"] == kit.name,
            f"{saturation} % from {kit.name}")
        witness.wait_for(
            lambda m: shows("pulse-rate", saturation + 100)(m) and m.body["device"] == kit.name,
            f"{saturation + 100} /min from {kit.name}")
    witness.check()


def test_a_finger_taken_out_is_an_invalid_reading_and_never_a_number(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, kit).start()
    witness.wait_for(shows("oxygen-saturation", 98), "a value while the finger is in")
    kit.take_finger_out()
    message = witness.wait_for(shows("oxygen-saturation", None), "no value while it is out")
    reading = next(reading for reading in message.body["readings"] if reading["value"] is None)
    assert reading["quality"] == "invalid"
    assert "sensor-off" in reading["reasons"]
    witness.check()


def test_what_belongs_to_nobody_goes_to_unassigned(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, devices=[kit.entry()]).start()
    message = witness.wait_for(shows("oxygen-saturation", 98), "a reading")
    assert message.topic == "unassigned/reading/oxygen-saturation"
    assert message.body["patient"] is None
    assert not witness.on("patient/#")
    witness.check()


def test_a_trial_kit_says_that_its_readings_are_a_test(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, devices=[kit.entry(patient="p-1", test=True)]).start()
    assert witness.wait_for(shows("oxygen-saturation", 98), "a reading").body["origin"] == "test"
    witness.check()


def test_waveforms_come_when_asked_for_without_holes(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    contec, berry = make_kit("contec"), make_kit("berry", "berrymed-bci")
    make_daemon(broker.port, devices=[
        contec.entry(patient="p-1", waveforms=True), berry.entry(patient="p-2", waveforms=True)]).start()
    for patient in ("p-1", "p-2"):
        topic = f"patient/{patient}/waveform/plethysmogram"
        witness.wait_for(lambda m: m.topic == topic and m.body["seq"] > 4, f"blocks of {patient}")
    blocks = [m.body for m in witness.unique("patient/p-1/waveform/plethysmogram")]
    samples = [sample for block in blocks for sample in block["samples"]]
    assert all(block["sampleRateHz"] == 60 for block in blocks)
    # The simulated wave is a saw tooth: a sample that is lost or doubled shows.
    steps = {(after - before) % 128 for before, after in zip(samples, samples[1:])}
    assert steps == {1}
    witness.check()


def test_every_kind_of_message_is_seen_and_follows_its_schema(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    limits = {"oxygen-saturation-low": {"levels": [{"limit": 88, "onsetSeconds": 1, "priority": "medium"}]}}
    daemon = make_daemon(broker.port, devices=[kit.entry(patient="p-1", waveforms=True)], limits=limits).start()
    kinds = ["status", "health", "device", "reading", "waveform", "alert", "alarm"]
    for kind in kinds:
        witness.wait_for(lambda m: m.body.get("schema") == f"homeward/1/{kind}", f"a message of the kind {kind}")
    daemon.stop()
    witness.check()


def test_health_counts_up_and_names_each_device(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, kit).start()
    first = witness.wait_for(lambda m: m.topic == "health", "a health message").body
    later = witness.wait_for(
        lambda m: m.topic == "health" and m.body["alarmSelfCheck"]["count"] > first["alarmSelfCheck"]["count"] + 1
        and m.body["devices"][0]["readings"] > 0, "a later one").body
    assert [device["device"] for device in later["devices"]] == ["oximeter"]
    assert later["devices"][0]["link"] == "connected"
    assert later["intervalSeconds"] == 1
    witness.check()


def test_state_is_retained_for_those_who_come_later(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, kit).start()
    witness.wait_for(lambda m: m.topic == "device/oximeter" and m.body["link"] == "connected", "the twin")
    witness.wait_for(lambda m: m.topic == "health", "health")
    for topic in ("status", "health", "device/oximeter"):
        payload = retained(broker.port, topic)
        assert payload and json.loads(payload)["delivery"] == "live", topic
    twin = json.loads(retained(broker.port, "device/oximeter") or b"{}")
    assert twin["driver"] == "contec-cms50-v7"
    assert twin["port"].endswith("/oximeter")
    assert twin["patient"] == "p-1"


def test_no_name_of_a_person_can_be_in_a_topic(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    make_daemon(broker.port, make_kit()).start()
    witness.wait_for(shows("pulse-rate", 72), "a reading")
    assert all(re.fullmatch(r"[a-z0-9/-]+", message.topic) for message in witness.messages)
