import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A device of a patient` {
    private static let assign = #"{"command":"assign","device":"spare","patient":"p-17"}"#

    /// A serial oximeter without a patient, in trouble from the beginning.
    private func stage(
        expectation: DeviceSetup.Expectation = .spot, signal: @escaping Signal = { _ in 80 },
        _ visit: @escaping @Sendable (Stage.Visit) async -> Void
    ) -> Stage {
        var stage = Stage.technician(seconds: 200, visit)
        stage.air = nil
        stage.devices = [bedside("spare", patient: nil, expectation: expectation)]
        stage.plug = { connector, loop in
            connector.add("/dev/spare") { ScriptedLink.bedside("/dev/spare", on: loop, until: 200, signal) }
        }
        return stage
    }

    @Test func `is watched from its assignment to its end`() throws {
        let record = try stage { visit in
            await visit.loop.sleep(until: .boot + .seconds(50))
            _ = await visit.ask(Self.assign)
            await visit.loop.sleep(until: .boot + .seconds(100))
            _ = await visit.ask(#"{"command":"unassign","device":"spare"}"#)
        }.play()
        #expect(
            record.alerts == ["61 start high oxygen-saturation-low", "100 end high oxygen-saturation-low"])
        let end = try #require(record.drafts.last { $0.schema == "alert" })
        #expect(field("text", in: end.text) == "No longer watched: the device was taken from the patient.")
        #expect(record.standing.isEmpty)
        #expect(!record.kept.contains { $0.key.hasPrefix("alarm/") })
    }

    @Test func `is missed only while it is a patient's`() throws {
        let record = try stage(
            expectation: .continuous(missingAfter: .seconds(20)), signal: { $0 < 60 ? 97 : nil }
        ) { visit in
            await visit.loop.sleep(until: .boot + .seconds(100))
            _ = await visit.ask(Self.assign)
            await visit.loop.sleep(until: .boot + .seconds(150))
            _ = await visit.ask(#"{"command":"unassign","device":"spare"}"#)
        }.play()
        #expect(record.alerts.count == 2)
        #expect(record.alerts.first?.hasSuffix("start low measurement-missing-spare") == true)
        #expect(record.alerts.last == "150 end low measurement-missing-spare")
    }

    @Test func `is missed when its assignment says so, also after a restart, and no longer than it lasts`() throws {
        let worn = #"{"command":"assign","device":"spare","patient":"p-17","missingAfterSeconds":20}"#
        let first = stage(signal: { $0 < 60 ? 97 : nil }, { #expect(await $0.outcome(worn) == "done") })
        let before = try first.play()
        #expect(before.alerts.count == 1)
        #expect(before.alerts.first?.hasSuffix("start low measurement-missing-spare") == true)
        let silent: Signal = { _ in nil }
        var second = stage(
            signal: silent,
            { visit in
                await visit.loop.sleep(until: .boot + .seconds(100))
                _ = await visit.ask(#"{"command":"unassign","device":"spare"}"#)
                #expect(await visit.outcome(Self.assign) == "done")
            })
        second.folder = first.folder
        second.keepsakes = before.kept
        #expect(try second.play().alerts == ["100 end low measurement-missing-spare"])
    }

    @Test(arguments: ["4", "86401", "\"60\"", "1.5"])
    func `is not missed after a time that makes no sense`(_ seconds: String) throws {
        let request = #"{"command":"assign","device":"spare","patient":"p-17","missingAfterSeconds":\#(seconds)}"#
        let record = try stage { visit in #expect(await visit.outcome(request) == "bad-request") }.play()
        #expect(record.alerts.isEmpty)
    }

    @Test func `keeps its alarm over a restart`() throws {
        let first = stage { visit in _ = await visit.ask(Self.assign) }
        let before = try first.play()
        var second = stage { _ in }
        second.folder = first.folder
        second.keepsakes = before.kept
        second.boot = "boot-2"
        let after = try second.play()
        #expect(before.alerts.first?.hasSuffix("start high oxygen-saturation-low") == true)
        #expect(!after.alerts.contains { $0.contains("start") || $0.contains("end") })
    }

    @Test func `gets what was stored while it was theirs`() throws {
        // 12:00:05 nobody's, 12:01:00 of p-17, 12:02:30 of p-18: told by the device at the end.
        let times = ["2026-01-15T12:00:05", "2026-01-15T12:01:00", "2026-01-15T12:02:30", "2027-01-15T12:00:00"]
        let packets = try times.map { Bedside.packet(0xB2, try #require(CivilTime($0)), [96]) }
        let clock = Bedside.packet(0xB3, try #require(CivilTime("2026-01-15T12:02:50")))
        var stage = stage { visit in
            await visit.loop.sleep(until: .boot + .seconds(50))
            _ = await visit.ask(Self.assign)
            await visit.loop.sleep(until: .boot + .seconds(100))
            _ = await visit.ask(#"{"command":"unassign","device":"spare"}"#)
            _ = await visit.ask(#"{"command":"assign","device":"spare","patient":"p-18"}"#)
        }
        stage.plug = { connector, _ in
            connector.add(
                "/dev/spare", script: [(at: .boot + .seconds(170), bytes: clock + packets.flatMap(\.self))])
        }
        let record = try stage.play()
        #expect(
            record.topicsBySecond("oxygen-saturation").map(\.1)
                == ["unassigned", "patient/p-17", "patient/p-18"],
            "in one message each; a time that cannot be belongs to nobody")
        let unassigned = try #require(record.drafts.first { $0.topic == "unassigned/reading/oxygen-saturation" })
        #expect(unassigned.text.contains("2027-01-15"))
    }

    @Test func `beside another gets conditions with its own name`() throws {
        var stage = stage { visit in _ = await visit.ask(Self.assign) }
        stage.devices.append(bedside("oximeter-1"))
        let plug = stage.plug
        stage.plug = { connector, loop in
            plug(connector, loop)
            connector.add("/dev/oximeter-1") {
                ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: 200) { _ in 80 }
            }
        }
        let record = try stage.play()
        #expect(
            Set(record.standing.keys.map { $0.split(separator: "/").last.map(String.init) ?? "" })
                == ["oxygen-saturation-low", "oxygen-saturation-low-spare"])
    }

    @Test(arguments: [
        "{", #"{"format":"homeward-devices","version":1,"devices":[{"device":"X"}]}"#, #"{"format":"other"}"#,
        #"{"format":"homeward-devices","version":1,"assignments":[{"device":"a","patient":"p","from":"now"}]}"#,
    ])
    func `is forgotten with a word when the file is damaged`(_ text: String) throws {
        var stage = stage { visit in #expect(await visit.outcome(Self.assign) == "done") }
        stage.folder = MemoryFolder(["devices.json": Array(text.utf8)])
        let record = try stage.play()
        #expect(stage.folder.files["devices-damaged.json"] == Array(text.utf8))
        #expect(record.journal.contains { $0.hasPrefix("devices.json is damaged") })
        #expect(String(decoding: stage.folder.files["devices.json"] ?? [], as: UTF8.self).contains("p-17"))
    }

    @Test func `is not written over when the file is of a newer program`() throws {
        var stage = stage { visit in #expect(await visit.outcome(Self.assign) == "state-not-written") }
        let bytes = Array(#"{"format":"homeward-devices","version":3}"#.utf8)
        stage.folder = MemoryFolder(["devices.json": bytes])
        _ = try stage.play()
        #expect(stage.folder.files == ["devices.json": bytes])
    }

    @Test func `is not written over when the file cannot be read`() throws {
        var stage = stage { visit in #expect(await visit.outcome(Self.assign) == "state-not-written") }
        let folder = MemoryFolder(["devices.json": [0x7B]])
        folder.setUnreadable(true)
        stage.folder = folder
        let record = try stage.play()
        #expect(folder.files == ["devices.json": [0x7B]])
        #expect(record.journal.contains { $0.contains("input/output error") })
    }
}
