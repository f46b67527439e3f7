import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A patient who desaturates` {
    /// 97 %, from the 100th second on 80 %, from the 200th on 97 %.
    static let fall: Signal = { (100 ..< 200).contains($0) ? 80 : 97 }

    @Test func `raises one alert, and a retained alarm that waits for somebody`() throws {
        let record = try Stage.oximeter(seconds: 600, Self.fall).play()
        #expect(
            record.alerts == [
                "110 start high oxygen-saturation-low", "210 update high oxygen-saturation-low",
            ])
        let alarm = try #require(record.standing["patient/p-17/alarm/oxygen-saturation-low"])
        #expect(field("state", in: alarm) == "latched")
        #expect(field("text", in: alarm).contains("waits to be acknowledged"))
        #expect(field("text", in: alarm).contains("lowest 80 %"))
    }

    @Test func `says in one sentence what is wrong`() throws {
        let record = try Stage.oximeter(seconds: 150, Self.fall).play()
        let alert = try #require(record.drafts.first { $0.schema == "alert" })
        #expect(alert.topic == "patient/p-17/alert/high")
        #expect(field("text", in: alert.text) == "Oxygen saturation below 85 % for 10 s: now 80 %, lowest 80 %.")
        #expect(number("onsetSeconds", in: alert.text) == "10")
    }

    @Test func `is on disk as an alert before the reading that caused it, and before anything else`() throws {
        let record = try Stage.oximeter(seconds: 150, Self.fall).play()
        let moment = Instant.boot + .seconds(110)
        let first = try #require(record.entries.first { $0.at >= moment })
        guard case .accepted(let drafts, let keepsakes, _) = first else {
            Issue.record("first of all came \(first)")
            return
        }
        #expect(drafts.map(\.schema) == ["alert", "alarm"])
        #expect(keepsakes.map(\.key) == ["alarm/p-17/oximeter-1/oxygen-saturation-low"])
    }

    @Test func `is let go when somebody has acknowledged it`() throws {
        var stage = Stage.oximeter(seconds: 600, Self.fall)
        stage.meanwhile = { agent, loop in
            await loop.sleep(until: .boot + .seconds(300))
            let isDone = await agent.acknowledge("oxygen-saturation-low", of: name("p-17"))
            let isDoneAgain = await agent.acknowledge("oxygen-saturation-low", of: name("p-17"))
            let isDoneForAnother = await agent.acknowledge("oxygen-saturation-low", of: name("p-18"))
            #expect(isDone && !isDoneAgain && !isDoneForAnother)
        }
        let record = try stage.play()
        #expect(
            record.alerts.suffix(2) == [
                "300 acknowledge high oxygen-saturation-low", "300 end high oxygen-saturation-low",
            ])
        #expect(record.standing.isEmpty)
        #expect(!record.kept.contains { $0.key.hasPrefix("alarm/") })
    }

    @Test func `and takes the sensor off is told as unseen`() throws {
        let record = try Stage.oximeter(seconds: 300) { (100 ..< 120).contains($0) ? 80 : $0 < 100 ? 97 : 0x7F }
            .play()
        #expect(record.alerts.map { $0.split(separator: " ")[1] } == ["start", "update"])
        let alarm = try #require(record.standing["patient/p-17/alarm/oxygen-saturation-low"])
        #expect(number("isObserved", in: alarm) == "false")
        #expect(field("text", in: alarm).contains("no valid value has come since: last 80 %"))
    }

    @Test func `a medium fall ends where it was told`() throws {
        let record = try Stage.oximeter(seconds: 300) { (100 ..< 150).contains($0) ? 87 : 97 }.play()
        let topics = record.drafts.filter { $0.schema == "alert" }.map(\.topic)
        #expect(topics == ["patient/p-17/alert/medium", "patient/p-17/alert/medium"])
    }
}

@Suite struct `Nobody is called` {
    @Test func `in a day of a healthy patient with noise`() throws {
        let record = try Stage.oximeter(seconds: 86_400) { second in
            // Dips of 9 s below 85 % and of 14 s below 88 %, sensor off, and nothing, again and again.
            switch second % 600 {
            case 100 ..< 109: 80
            case 200 ..< 214: 87
            case 300 ..< 330: 0x7F
            case 400 ..< 404: nil
            default: UInt8(94 + second % 5)
            }
        }.play()
        #expect(record.alerts.isEmpty)
        #expect(record.values("oxygen-saturation").count > 80_000)
    }

    @Test func `for a device that belongs to nobody`() throws {
        let record = try Stage.oximeter(
            seconds: 300, patient: nil, expectation: .continuous(missingAfter: .seconds(60))
        ) { $0 < 100 ? 80 : nil }.play()
        #expect(record.alerts.isEmpty)
        #expect(record.drafts.allSatisfy { $0.topic.hasPrefix("unassigned/") })
        #expect(record.drafts.contains { $0.schema == "reading" })
    }

    @Test func `for a kit that is being tried`() throws {
        let record = try Stage.oximeter(
            seconds: 300, isTest: true, expectation: .continuous(missingAfter: .seconds(60))
        ) { $0 < 100 ? 80 : nil }.play()
        #expect(record.alerts.isEmpty)
        let readings = record.drafts.filter { $0.schema == "reading" }
        #expect(!readings.isEmpty && readings.allSatisfy { field("origin", in: $0.text) == "test" })
    }

    @Test func `by values in doubt`() throws {
        let record = try Stage.oximeter(seconds: 300, kind: 0xB1) { _ in 70 }.play()
        #expect(record.alerts.allSatisfy { $0.hasSuffix("low oximeter-signal-poor-oximeter-1") })
    }
}

@Suite struct `Two devices` {
    private func stage(isTrial: Bool) -> Stage {
        var stage = Stage()
        stage.devices = [bedside("oximeter-1", isTest: isTrial), bedside("oximeter-2")]
        stage.seconds = 60
        stage.plug = { connector, loop in
            for path in ["/dev/oximeter-1", "/dev/oximeter-2"] {
                connector.add(path) { ScriptedLink.bedside(path, on: loop, until: 60) { _ in 80 } }
            }
        }
        return stage
    }

    @Test func `that measure the same on one patient have alarms of their own`() throws {
        let record = try stage(isTrial: false).play()
        #expect(
            record.standing.keys.sorted() == [
                "patient/p-17/alarm/oxygen-saturation-low", "patient/p-17/alarm/oxygen-saturation-low-oximeter-2",
            ])
        let occurrences = record.drafts.filter { $0.schema == "alert" }.map { field("occurrence", in: $0.text) }
        #expect(Set(occurrences).count == 2)
    }

    @Test func `of which one is being tried: the other keeps its name`() throws {
        let record = try stage(isTrial: true).play()
        #expect(record.standing.keys.sorted() == ["patient/p-17/alarm/oxygen-saturation-low"])
        #expect(
            record.drafts.filter { $0.schema == "alert" }.allSatisfy {
                field("device", in: $0.text) == "oximeter-2"
            })
    }
}

@Suite struct `A device that is meant to measure all the time` {
    static let expectation = DeviceSetup.Expectation.continuous(missingAfter: .seconds(120))

    @Test func `is missed when nothing comes, and the alarm ends with the next value`() throws {
        let record = try Stage.oximeter(seconds: 600, expectation: Self.expectation) {
            (100 ..< 400).contains($0) ? nil : 97
        }.play()
        #expect(
            record.alerts.map { String($0.drop { $0 != " " }.dropFirst()) } == [
                "start low measurement-missing-oximeter-1", "end low measurement-missing-oximeter-1",
            ])
        #expect(record.standing.isEmpty)
    }

    @Test(arguments: [UInt8(0xB0), 0xB4]) func `without limits counts what is valid, and never its battery`(
        _ kind: UInt8
    ) throws {
        var stage = Stage.oximeter(seconds: 300, expectation: Self.expectation, kind: kind) { _ in 97 }
        stage.limits = []
        stage.plug = { connector, _ in
            let script = (0 ..< 300).map { (at: Instant.boot + .seconds($0), bytes: [kind, 97, 70] as [UInt8]) }
            connector.add("/dev/oximeter-1", script: script)
        }
        #expect(try stage.play().alerts.count == (kind == 0xB0 ? 0 : 1))
    }

    @Test func `is missed when it is not plugged in at all`() throws {
        var stage = Stage.oximeter(seconds: 600, expectation: Self.expectation) { _ in 97 }
        stage.plug = { _, _ in }
        #expect(try stage.play().alerts.count == 1)
    }

    /// A battery, a sensor in the air or a patient who moves: nobody is watched.
    @Test func `is missed while it says nothing that counts`() throws {
        var stage = Stage.oximeter(seconds: 600, expectation: Self.expectation) { _ in 97 }
        stage.plug = { connector, loop in
            let script = (0 ..< 600).map { second in
                (
                    at: Instant.boot + .seconds(second),
                    bytes: second % 3 == 0
                        ? [0xB4, 50] : second % 3 == 1 ? [0xB0, 0x7F, 0x7F] : [0xB1, 97, 70] as [UInt8]
                )
            }
            connector.add("/dev/oximeter-1", script: script)
        }
        #expect(try stage.play().alerts.map { $0.split(separator: " ")[1] } == ["start"])
    }
}

@Suite struct `After a restart` {
    static let low: Signal = { $0 < 10 ? 97 : 80 }

    private func later(_ record: Stage.Record, patient: String? = "p-17", _ signal: @escaping Signal) -> Stage {
        var stage = Stage.oximeter(seconds: 300, patient: patient, signal)
        stage.boot = "boot-2"
        stage.utcAtBoot += 100
        stage.keepsakes = record.kept
        return stage
    }

    @Test func `an alarm that lasts is not raised again`() throws {
        let before = try Stage.oximeter(seconds: 60, Self.low).play()
        #expect(before.alerts.count == 1)
        #expect(try later(before) { _ in 80 }.play().alerts == ["0 update high oxygen-saturation-low"])
    }

    @Test func `it ends once, as the occurrence that it was`() throws {
        let before = try Stage.oximeter(seconds: 60) { $0 < 10 ? 97 : 87 }.play()
        let after = try later(before) { _ in 97 }.play()
        #expect(
            after.alerts == ["0 update medium oxygen-saturation-low", "10 end medium oxygen-saturation-low"])
        #expect(after.standing.isEmpty && !after.kept.contains { $0.key.hasPrefix("alarm/") })
        let occurrences = (before.drafts + after.drafts).filter { $0.schema == "alert" }.map {
            field("occurrence", in: $0.text)
        }
        #expect(Set(occurrences).count == 1)
        #expect(
            after.drafts.contains {
                $0.isRetained && $0.topic.hasSuffix("/oxygen-saturation-low") && $0.body.isEmpty
            })
    }

    @Test func `one that nobody sees any more is told as unseen`() throws {
        let before = try Stage.oximeter(seconds: 60, Self.low).play()
        let after = try later(before) { _ in nil }.play()
        #expect(after.alerts.count == 1)
        let alarm = try #require(after.standing["patient/p-17/alarm/oxygen-saturation-low"])
        #expect(number("isObserved", in: alarm) == "false")
        #expect(field("text", in: alarm).hasSuffix("no value since the restart, lowest 80 %."))
    }

    @Test func `another patient does not inherit it, and it does not stand for ever`() throws {
        let before = try Stage.oximeter(seconds: 60, Self.low).play()
        let after = try later(before, patient: "p-18") { _ in 97 }.play()
        #expect(after.alerts == ["0 end high oxygen-saturation-low"])
        let end = try #require(after.drafts.first)
        #expect(end.topic == "patient/p-17/alert/high")
        #expect(field("text", in: end.text).contains("No longer watched"))
        #expect(after.kept.allSatisfy { $0.key.hasPrefix("trends/") })
    }

    @Test func `what cannot be read is passed over`() throws {
        var stage = Stage.oximeter(seconds: 60) { _ in 97 }
        stage.keepsakes =
            ["", "1 active", "2 active 1 1 no yes b 0 0 synchronized physiological high -", "\u{1F4A5}"].map {
                Keepsake("alarm/p-17/oximeter-1/oxygen-saturation-low", Array($0.utf8))
            } + [Keepsake("alarm/garbage", [0xFF, 0xFE])]
        #expect(try stage.play().alerts.isEmpty)
    }
}
