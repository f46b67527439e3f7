import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// A device that sends 97 % live and remembers 96 % for each second since 12:00:00.
@Suite struct `What a device has stored` {
    /// Live until the 100th second, out of reach until the 200th, then its memory is fetched.
    private func stage(clock: CivilTime?, shift: Int64 = 0, from boot: String = "boot-1") throws -> Stage {
        let noon = try #require(CivilTime("2026-01-15T12:00:00"))
        var stage = Stage()
        stage.seconds = 300
        stage.boot = boot
        stage.devices = [bedside("oximeter-1", settings: DriverSettings(fetchesStored: true))]
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                Self.link(on: loop, noon.adding(seconds: shift) ?? noon, isClockShown: clock != nil)
            }
            connector.set("/dev/oximeter-1", to: .gone, from: .boot + .seconds(100))
            connector.set("/dev/oximeter-1", to: .present, from: .boot + .seconds(200))
        }
        return stage
    }

    private static func link(on loop: EventLoop, _ noon: CivilTime, isClockShown: Bool) -> ScriptedLink {
        let opened = loop.now.nanoseconds / 1_000_000_000
        var second = Int(opened)
        return ScriptedLink(
            path: "/dev/oximeter-1", on: loop,
            next: {
                defer { second += 1 }
                if (100 ..< 200).contains(second) { return .gone(at: .boot + .seconds(100)) }
                return second < 300 ? .bytes([0xB0, 97, 70], at: .boot + .seconds(second)) : nil
            },
            answer: { bytes, at in
                guard bytes == Bedside.fetch, opened > 0 else { return [] }
                var told: [UInt8] = []
                if isClockShown, let now = noon.adding(seconds: at.nanoseconds / 1_000_000_000) {
                    told += Bedside.packet(0xB3, now)
                }
                for second in 0 ..< opened {
                    if let time = noon.adding(seconds: second) { told += Bedside.packet(0xB2, time, [96]) }
                }
                return [.bytes(told, at: at)]
            })
    }

    /// `12:01:40`: the seconds of the day for which something was told.
    private func times(_ record: Stage.Record, _ source: String) -> [String] {
        record.values("oxygen-saturation").filter { $0.hasSuffix(source) }.map { String($0.prefix(8)) }
    }

    @Test(arguments: [Int64(0), -7200, 3])
    func `fills the hole, and repeats nothing, whatever its clock shows`(_ shift: Int64) throws {
        let record = try stage(clock: CivilTime("2026-01-15T12:00:00"), shift: shift).play()
        let stored = times(record, "stored")
        let live = times(record, "live")
        #expect(stored.first == "12:01:40")
        #expect(try #require(stored.last) >= "12:03:19")
        #expect(Set(stored).count == stored.count)
        #expect(Set(stored).intersection(live).count <= 1)
        #expect(Set(stored + live).count >= 299)
    }

    @Test func `gives nothing new the second time, also after a restart`() throws {
        let first = try stage(clock: CivilTime("2026-01-15T12:00:00")).play()
        #expect(times(first, "stored").count >= 100)
        var again = try stage(clock: CivilTime("2026-01-15T12:00:00"), from: "boot-2")
        again.keepsakes = first.kept
        #expect(times(try again.play(), "stored").isEmpty)
    }

    @Test func `raises no alarm, however bad it was`() throws {
        var stage = Stage.oximeter(seconds: 300) { _ in nil }
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                let noon = CivilTime("2026-01-15T02:00:00")
                let script = (0 ..< 200).compactMap { second in
                    noon?.adding(seconds: second).map {
                        (at: Instant.boot + .seconds(second), bytes: Bedside.packet(0xB2, $0, [60]))
                    }
                }
                return ScriptedLink(path: "/dev/oximeter-1", on: loop, script: script)
            }
        }
        let record = try stage.play()
        #expect(times(record, "stored").count == 200)
        #expect(record.alerts.isEmpty)
    }

    @Test func `from before its clock was set stays unchecked, however often the clock is compared`() throws {
        func time(_ text: String) throws -> CivilTime { try #require(CivilTime(text)) }
        let bytes =
            try Bedside.packet(0xB5, time("2026-01-15T12:00:05"))
            + Bedside.packet(0xB3, time("2026-01-15T12:00:05"))
            + Bedside.packet(0xB2, time("2026-01-15T11:00:00"), [96])
            + Bedside.packet(0xB2, time("2026-01-15T12:00:05"), [96])
        var stage = Stage.oximeter(seconds: 60) { _ in nil }
        stage.plug = { connector, _ in
            connector.add("/dev/oximeter-1", script: [(at: .boot + .seconds(5), bytes: bytes)])
        }
        let reading = try #require(try stage.play().drafts.first { $0.schema == "reading" })
        let corrections = reading.text.split(separator: #"{"reading":"#).dropFirst().map {
            field("correction", in: String($0))
        }
        #expect(corrections == ["device-clock-unchecked", "device-clock"])
    }

    @Test func `from a time that has not come yet is in doubt`() throws {
        var stage = Stage.oximeter(seconds: 60) { _ in nil }
        let tomorrow = try #require(CivilTime("2026-01-16T12:00:00"))
        stage.plug = { connector, loop in
            connector.add(
                "/dev/oximeter-1", script: [(at: .boot + .seconds(5), bytes: Bedside.packet(0xB2, tomorrow, [96]))])
        }
        let reading = try #require(try stage.play().drafts.first { $0.schema == "reading" })
        #expect(field("quality", in: reading.text) == "questionable")
        #expect(reading.text.contains(#"["clock-uncertain"]"#))
        #expect(field("correction", in: reading.text) == "device-clock-unchecked")
    }
}
