"""Alarms from the finger to the subscriber."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from paho.mqtt import publish

from harness.broker import Broker
from harness.daemon import Daemon
from harness.kit import Kit
from harness.subscriber import Message, Subscriber, retained

MakeKit = Callable[..., Kit]
MakeDaemon = Callable[..., Daemon]

TOPIC = "patient/p-1/alarm/oxygen-saturation-low"


def limits(*priorities: str, onset: float = 2) -> dict[str, Any]:
    levels = [{"limit": 88 - 3 * index, "onsetSeconds": onset, "priority": priority}
              for index, priority in enumerate(priorities)]
    return {"oxygen-saturation-low": {
        "levels": levels, "hysteresis": 2, "clearAfterSeconds": 2, "freshnessSeconds": 5}}


def alert(phase: str, **members: Any) -> Callable[[Message], bool]:
    def is_wanted(message: Message) -> bool:
        body = message.body
        return body.get("schema") == "homeward/1/alert" and body["phase"] == phase and all(
            body[name] == value for name, value in members.items())
    return is_wanted


def clinical(witness: Subscriber) -> list[tuple[str, str]]:
    return [(m.body["phase"], m.body["priority"]) for m in witness.unique("+/+/alert/+")
            if m.body["kind"] == "physiological"]


def test_a_desaturation_is_one_alert_that_escalates_ends_and_clears_what_was_retained(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, kit, limits=limits("low", "medium")).start()
    witness.wait_for(lambda m: m.topic.endswith("/reading/oxygen-saturation"), "a reading")

    kit.show(saturation=87)
    start = witness.wait_for(alert("start"), "the alarm starts")
    assert start.topic == "patient/p-1/alert/low"
    kit.show(saturation=79)
    escalation = witness.wait_for(alert("escalate"), "the alarm escalates")
    assert escalation.topic == "patient/p-1/alert/medium"
    state = json.loads(retained(broker.port, TOPIC) or b"{}")
    assert (state["phase"], state["priority"], state["state"]) == ("escalate", "medium", "active")
    kit.show(saturation=97)
    end = witness.wait_for(alert("end"), "the alarm ends")
    witness.wait_for(lambda m: m.topic == TOPIC and not m.payload, "the retained state is emptied")

    assert clinical(witness) == [("start", "low"), ("escalate", "medium"), ("end", end.body["priority"])]
    assert len({m.body["occurrence"] for m in witness.unique("patient/p-1/alert/+")}) == 1
    assert retained(broker.port, TOPIC) is None
    witness.check()


def test_an_alert_carries_the_evidence_it_was_judged_by(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=84)
    make_daemon(broker.port, kit, limits=limits("medium")).start()
    body = witness.wait_for(alert("start"), "the alarm starts").body
    assert body["limit"]["metric"] == "oxygen-saturation"
    assert (body["limit"]["side"], body["limit"]["value"], body["limit"]["onsetSeconds"]) == ("below", 88, 2)
    assert body["limit"]["worst"] == 84
    assert [sample["value"] for sample in body["evidence"]][-1] == 84
    times = [sample["time"] for sample in body["evidence"]]
    assert times == sorted(times)
    assert all(word in body["text"] for word in ("xygen saturation", "88 %", "84 %"))
    witness.check()


def test_a_high_alarm_stays_latched_when_its_cause_is_gone(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    make_daemon(broker.port, kit, limits=limits("medium", "high")).start()
    witness.wait_for(lambda m: m.topic == "patient/p-1/alert/high", "a high alert")
    kit.show(saturation=98)
    witness.wait_for(alert("update", state="latched"), "it waits to be acknowledged")
    state = json.loads(retained(broker.port, TOPIC) or b"{}")
    assert state["state"] == "latched"
    assert not state["isAcknowledged"]
    witness.check()


def command(port: int, name: str, body: dict[str, str]) -> None:
    publish.single(f"homeward/1/box-1/command/{name}", json.dumps(body), qos=1, hostname="127.0.0.1", port=port)


def answer(request: str) -> Callable[[Message], bool]:
    return lambda message: message.topic == "response" and message.body.get("request") == request


def test_a_latched_alarm_ends_when_somebody_acknowledges_it(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    make_daemon(broker.port, kit, limits=limits("high"), commands={"acknowledge": True}).start()
    witness.wait_for(alert("start"), "the alarm starts")
    kit.show(saturation=98)
    witness.wait_for(alert("update", state="latched"), "it waits to be acknowledged")
    wanted = {"request": "r-1", "patient": "p-1", "condition": "oxygen-saturation-low", "by": "nurse-4"}
    command(broker.port, "acknowledge", wanted)
    assert witness.wait_for(answer("r-1"), "the answer").body["result"] == "done"
    witness.wait_for(alert("end"), "the alarm ends")
    witness.wait_for(lambda m: m.topic == TOPIC and not m.payload, "the retained state is emptied")
    command(broker.port, "acknowledge", wanted | {"request": "r-2"})
    second = witness.wait_for(answer("r-2"), "the second answer").body
    assert (second["result"], "nothing to acknowledge" in second["reason"]) == ("refused", True)
    witness.check()


def test_commands_are_refused_unless_the_configuration_allows_them(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    make_daemon(broker.port, kit, limits=limits("medium")).start()
    witness.wait_for(alert("start"), "the alarm starts")
    wanted = {"request": "r-1", "patient": "p-1", "condition": "oxygen-saturation-low", "by": "nurse-4"}
    command(broker.port, "acknowledge", wanted)
    refused = witness.wait_for(answer("r-1"), "the answer").body
    assert (refused["result"], "commands.acknowledge" in refused["reason"]) == ("refused", True)
    assert "acknowledge" not in [phase for phase, _ in clinical(witness)]
    witness.check()


def test_a_finger_taken_out_starts_no_clinical_alarm(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.take_finger_out()
    daemon = make_daemon(broker.port, kit, limits=limits("medium", onset=1)).start()
    daemon.wait_for_commits("reading", 14)
    kit.show(saturation=97)
    witness.wait_for(lambda m: m.topic.endswith("/oxygen-saturation") and any(
        reading["value"] == 97 for reading in m.body["readings"]), "the finger is in again")
    assert clinical(witness) == []
    witness.check()


def test_a_finger_taken_out_does_not_clear_an_alarm_but_says_that_nobody_can_see_it(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    make_daemon(broker.port, kit, limits=limits("medium")).start()
    witness.wait_for(alert("start"), "the alarm starts")
    kit.take_finger_out()
    unseen = witness.wait_for(alert("update", isObserved=False), "the alarm is not observed any more")
    assert unseen.body["state"] == "active"
    state = json.loads(retained(broker.port, TOPIC) or b"{}")
    assert (state["state"], state["isObserved"]) == ("active", False)
    assert "end" not in [phase for phase, _ in clinical(witness)]
    witness.check()


def test_a_device_that_belongs_to_nobody_raises_no_alert(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    nobody, somebody = make_kit("nobody"), make_kit("somebody")
    nobody.show(saturation=70)
    somebody.show(saturation=70)
    devices = [nobody.entry(), somebody.entry(patient="p-1")]
    make_daemon(broker.port, devices=devices, limits=limits("medium")).start()
    witness.wait_for(alert("start", device="somebody"), "the other device's alarm")
    assert not witness.on("unassigned/alert/+")
    assert not [m for m in witness.messages if m.body.get("phase") and m.body["device"] == "nobody"]
    witness.check()


def test_a_trial_kit_raises_no_alert(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    trial, real = make_kit("trial"), make_kit("real")
    trial.show(saturation=70)
    real.show(saturation=70)
    devices = [trial.entry(patient="p-2", test=True), real.entry(patient="p-1")]
    make_daemon(broker.port, devices=devices, limits=limits("medium")).start()
    witness.wait_for(alert("start", device="real"), "the other device's alarm")
    assert not witness.on("patient/p-2/alert/+")
    witness.check()


def test_limits_of_one_patient_are_not_those_of_another(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    tolerant, strict = make_kit("tolerant"), make_kit("strict")
    tolerant.show(saturation=86)
    strict.show(saturation=86)
    devices = [tolerant.entry(patient="p-2"), strict.entry(patient="p-1")]
    own = {"oxygen-saturation-low": {"levels": [{"limit": 80, "onsetSeconds": 1, "priority": "medium"}]}}
    make_daemon(broker.port, devices=devices, limits=limits("medium"), patients={"p-2": {"limits": own}}).start()
    witness.wait_for(alert("start", patient="p-1"), "the alarm of the patient with the usual limits")
    assert not witness.on("patient/p-2/alert/+")
    witness.check()


def test_an_alarm_outlives_a_kill_and_is_not_raised_twice(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    kit.show(saturation=80)
    daemon = make_daemon(broker.port, kit, limits=limits("medium")).start()
    witness.wait_for(alert("start"), "the alarm starts")
    daemon.kill()
    daemon.start()
    witness.wait_for(alert("update", isObserved=True), "the alarm is seen again")
    kit.show(saturation=97)
    witness.wait_for(alert("end"), "the alarm ends")
    phases = [phase for phase, _ in clinical(witness)]
    assert phases.count("start") == 1 and phases.count("end") == 1
    assert len({m.body["occurrence"] for m in witness.unique("patient/p-1/alert/+")}) == 1
    witness.check()


def test_a_device_meant_to_measure_all_the_time_is_missed_when_it_does_not(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kit = make_kit()
    make_daemon(broker.port, devices=[
        kit.entry(patient="p-1", expect="continuous", missingAfterSeconds=5)]).start()
    witness.wait_for(lambda m: m.topic.endswith("/reading/pulse-rate"), "a reading")
    kit.is_mute = True
    missing = witness.wait_for(alert("start", kind="technical"), "the silence is told")
    assert missing.body["condition"] == "measurement-missing-oximeter"
    assert "limit" not in missing.body
    kit.is_mute = False
    witness.wait_for(alert("end", kind="technical"), "the return is told")
    witness.check()
