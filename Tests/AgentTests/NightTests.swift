import Agent
import Delivery
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

/// A night in forty minutes: 97 %, with a fall to 89 % for half a minute every five minutes.
@Suite struct `A night with an oximeter` {
    private static let night = 2400
    private static let noon = CivilTime("2026-01-15T12:00:00")

    private static func saturation(_ second: Int) -> UInt8 { second % 300 >= 270 ? 89 : 97 }

    private func sessions(_ record: Stage.Record) -> [Draft] {
        record.drafts.filter { $0.topic == "patient/p-17/session/overnight-oximetry" }
    }

    private func stage(seconds: Int, settings: DriverSettings = DriverSettings()) -> Stage {
        var stage = Stage()
        stage.seconds = seconds
        stage.devices = [bedside("oximeter-1", settings: settings)]
        return stage
    }

    private func streamed(seconds: Int) -> Stage {
        var stage = stage(seconds: seconds)
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: Self.night) { Self.saturation($0) }
            }
        }
        return stage
    }

    /// Streamed until `stop`, out of reach for 200 s, then the memory is fetched.
    private func stored(streamedUntil stop: Int, seconds: Int = 3600, boot: String = "boot-1") -> Stage {
        var stage = stage(seconds: seconds, settings: DriverSettings(fetchesStored: true))
        stage.boot = boot
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") { Self.link(on: loop, streamedUntil: stop) }
            connector.set("/dev/oximeter-1", to: .gone, from: .boot + .seconds(Self.night))
            connector.set("/dev/oximeter-1", to: .present, from: .boot + .seconds(Self.night + 200))
        }
        return stage
    }

    private static func link(on loop: EventLoop, streamedUntil stop: Int) -> ScriptedLink {
        let opened = loop.now
        var second = Int(opened.nanoseconds / 1_000_000_000)
        return ScriptedLink(
            path: "/dev/oximeter-1", on: loop,
            next: {
                defer { second += 1 }
                if second < stop { return .bytes([0xB0, saturation(second), 70], at: .boot + .seconds(second)) }
                return opened < .boot + .seconds(night) ? .gone(at: .boot + .seconds(night)) : nil
            },
            answer: { bytes, at in
                guard bytes == Bedside.fetch, opened >= .boot + .seconds(night), let noon else { return [] }
                var told: [UInt8] = []
                if let now = noon.adding(seconds: at.nanoseconds / 1_000_000_000) {
                    told += Bedside.packet(0xB3, now)
                }
                for second in 0 ..< night {
                    guard let time = noon.adding(seconds: Int64(second)) else { continue }
                    told += Bedside.packet(0xB2, time, [saturation(second)])
                }
                return [.bytes(told, at: at)]
            })
    }

    /// The value of a result of the session.
    private func result(_ name: String, in draft: Draft) -> Double? {
        guard let start = draft.text.firstRange(of: "\"name\":\"\(name)\"")?.upperBound else { return nil }
        return Double(number("value", in: String(draft.text[start...])))
    }

    @Test func `becomes a session when it was streamed`() throws {
        let record = try streamed(seconds: 4600).play()
        let draft = try #require(sessions(record).first)
        #expect(sessions(record).count == 1)
        #expect(field("source", in: draft.text) == "live")
        #expect(result("desaturation-index-3", in: draft) == 12)
        #expect(result("desaturation-index-4", in: draft) == 12)
        #expect(result("oxygen-saturation-nadir", in: draft) == 89)
        #expect(result("valid-time", in: draft) == 2400)
        #expect(draft.text.split(separator: "\"kind\":\"desaturation\"").count == 9)
        #expect(draft.text.contains("screening-not-diagnosis"))
        #expect(record.values("oxygen-desaturation-index-3").count == 1)
    }

    @Test func `is told when the program stops`() throws {
        #expect(try sessions(streamed(seconds: 2500).play()).count == 1)
    }

    @Test func `is none when it was too short`() throws {
        #expect(try sessions(streamed(seconds: 1200).play()).isEmpty)
    }

    @Test func `becomes a session when it comes from the device's memory`() throws {
        let record = try stored(streamedUntil: 0).play()
        let draft = try #require(sessions(record).first)
        #expect(sessions(record).count == 1)
        #expect(field("source", in: draft.text) == "stored")
        #expect(field("deviceTime", in: draft.text) == "2026-01-15T12:00:00")
        #expect(result("desaturation-index-3", in: draft) == 12)
    }

    @Test(arguments: [600, 1500, 2390])
    func `is one session when it was streamed and downloaded`(_ stop: Int) throws {
        let record = try stored(streamedUntil: stop).play()
        let draft = try #require(sessions(record).first)
        #expect(sessions(record).count == 1)
        #expect(result("desaturation-index-3", in: draft) == 12)
        #expect(abs((result("valid-time", in: draft) ?? 0) - 2400) <= 2)
    }

    @Test func `is not told again by the next download, also after a restart`() throws {
        let first = try stored(streamedUntil: 2390).play()
        #expect(sessions(first).count == 1)
        var again = stored(streamedUntil: 0, boot: "boot-2")
        again.keepsakes = first.kept
        #expect(try sessions(again.play()).isEmpty)
    }

    @Test func `alarms while desaturations repeat`() throws {
        let record = try streamed(seconds: 2500).play()
        let alerts = record.alerts.filter { $0.hasSuffix("desaturation-cluster") }
        let start = try #require(alerts.first)
        #expect(start.contains("start low"))
        // The fifth fall ends at the 1500th second.
        #expect((1490 ... 1530).contains(Int(start.split(separator: " ")[0]) ?? 0))
        let draft = try #require(record.drafts.first { $0.alert == "start low desaturation-cluster" })
        #expect(draft.text.contains(#""value":89"#))
    }
}
