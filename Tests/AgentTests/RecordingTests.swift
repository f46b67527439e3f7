import Agent
import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite struct `A recording` {
    /// A device that falls from 97 to 85, and fetches its memory.
    private func stage(seconds: Int = 100, recorder: RecorderSettings? = RecorderSettings()) -> Stage {
        var stage = Stage.oximeter(seconds: seconds) { $0 < 50 ? 97 : 85 }
        stage.devices = [bedside("oximeter-1", settings: DriverSettings(fetchesStored: true))]
        stage.recorder = recorder
        return stage
    }

    /// What the driver says when the capture is played to it.
    private func replayed(_ capture: Capture) throws -> [Double] {
        var values: [Double] = []
        var playback = Playback(
            Bedside(settings: try capture.settings), localTimeAtStart: capture.localTimeAtStart,
            channels: capture.channels
        ) { _, turn in
            for case .reading(let reading) in turn.events where reading.metric == .oxygenSaturation {
                values.append(reading.value ?? -1)
            }
        }
        playback.play(capture)
        return values
    }

    private func capture(_ lines: [String]) throws -> Capture {
        let all = lines.flatMap { line in
            line.split(separator: "\"").filter { $0.hasPrefix("# ") || $0.contains(" <") || $0.contains(" >") }
        }
        return try Capture(parsing: all.joined(separator: "\n"))
    }

    @Test func `of a connection gives the same readings when it is replayed`() throws {
        let stage = stage()
        let record = try stage.play()
        let text = try #require(stage.recordings.text("oximeter-1.1.capture"))
        let capture = try Capture(parsing: text)
        #expect(capture.lines.first?.direction == .toDevice)
        #expect(capture.lines.first?.bytes == Bedside.fetch)
        #expect(capture.lines.last?.bytes == Bedside.goodbye)
        #expect(capture["begins"] == "with the connection")
        #expect(capture["driver"] == "bedside")
        #expect(try capture.settings.fetchesStored)
        #expect(capture.localTimeAtStart?.description == "2026-01-15T12:00:00")
        let values = try replayed(capture)
        #expect(values.count == record.values("oxygen-saturation").count)
        #expect(values.count(where: { $0 == 97 }) == 50)
        #expect(values.count(where: { $0 == 85 }) == values.count - 50)
    }

    @Test func `names no patient, no gateway and no device of the box`() throws {
        let stage = stage()
        _ = try stage.play()
        let text = try #require(stage.recordings.text("oximeter-1.1.capture"))
        for secret in ["p-17", "home-1", "oximeter-1", "/dev/", "boot-1"] { #expect(!text.contains(secret)) }
    }

    @Test func `is not made while it is off`() throws {
        let stage = stage(recorder: nil)
        _ = try stage.play()
        #expect(stage.recordings.files.isEmpty)
    }

    @Test func `keeps the end of a long connection within its bound`() throws {
        let stage = stage(seconds: 600, recorder: RecorderSettings(bytesMaxPerDevice: 2000))
        _ = try stage.play()
        let text = try #require(stage.recordings.text("oximeter-1.1.capture"))
        let capture = try Capture(parsing: text)
        #expect(text.utf8.count < 2000 + 600)
        #expect(capture["begins"] == "in the middle of a connection")
        #expect(capture.lines.count > 20)
        #expect(capture.lines.first.map { $0.at < .boot + .seconds(1) } ?? false)
        #expect(capture.lines.last?.bytes == Bedside.goodbye)
    }

    @Test(arguments: [(3, 64 << 20, 3), (100, 1500, 6)])
    func `is rotated, and all together stay within a bound`(
        _ filesMax: Int, _ bytesMax: Int, _ expected: Int
    ) throws {
        var stage = Stage.oximeter(seconds: 200) { _ in 97 }
        stage.recorder = RecorderSettings(filesMaxPerDevice: filesMax, bytesMax: bytesMax)
        stage.plug = { connector, loop in
            connector.add("/dev/oximeter-1") {
                let link = ScriptedLink.bedside("/dev/oximeter-1", on: loop, until: 200) { _ in 97 }
                return Pulled(link, at: loop.now + .seconds(10), loop)
            }
        }
        _ = try stage.play()
        let captures = stage.recordings.names.filter { $0.hasSuffix(".capture") }
        #expect(captures.count <= expected && !captures.isEmpty)
        #expect(
            stage.recordings.files.filter { $0.key != "recordings.list" }.reduce(0) { $0 + $1.value.count }
                <= bytesMax)
        let listed = stage.recordings.text("recordings.list")?.split(separator: "\n").count
        #expect(listed == captures.count)
        let again = stage
        _ = try again.play()
        #expect(again.recordings.names.filter { $0.hasSuffix(".capture") }.count == captures.count)
    }

    @Test func `that finds no room on the disk is told and stops nothing`() throws {
        let stage = stage()
        stage.recordings.setFull(true)
        let record = try stage.play()
        #expect(record.journal.contains { $0.contains("a recording was not kept") })
        #expect(record.values("oxygen-saturation").count > 90)
    }

    // MARK: Asked for

    @Test func `is handed to a technician who asks, from the middle of a connection`() throws {
        var stage = stage(recorder: nil)
        stage.air = { _ in }
        stage.technician = { visit in
            await visit.loop.sleep(until: .boot + .seconds(40))
            let lines = await visit.ask(#"{"command":"record","device":"oximeter-1","seconds":20}"#)
            #expect(lines.first?.contains(#""isWhole":false"#) ?? false)
            #expect(lines.last == #"{"done":true}"#)
            #expect(lines.dropLast().last?.contains(#""event":"recorded""#) ?? false)
            do {
                let values = try replayed(try capture(lines))
                #expect((19 ... 21).contains(values.count))
                #expect(Set(values) == [97, 85])
            } catch {
                Issue.record(error)
            }
        }
        let record = try stage.play()
        #expect(record.journal.contains { $0.contains("command record oximeter-1 20 s by uid 1000") })
        #expect(stage.recordings.files.isEmpty)
    }

    @Test func `holds what was kept before it was asked for`() throws {
        var stage = stage()
        stage.air = { _ in }
        stage.technician = { visit in
            await visit.loop.sleep(until: .boot + .seconds(70))
            let lines = await visit.ask(#"{"command":"record","device":"oximeter-1","seconds":0}"#)
            #expect(lines.first?.contains(#""isWhole":true"#) ?? false)
            do {
                let capture = try capture(lines)
                #expect(capture.lines.first?.bytes == Bedside.fetch)
                #expect(try replayed(capture).count >= 69)
            } catch {
                Issue.record(error)
            }
        }
        _ = try stage.play()
    }

    @Test func `waits for a connection, and is whole then`() throws {
        var stage = stage(recorder: nil)
        stage.air = { _ in }
        let plug = stage.plug
        stage.plug = { connector, loop in
            plug(connector, loop)
            connector.set("/dev/oximeter-1", to: .gone, from: .boot)
            connector.set("/dev/oximeter-1", to: .present, from: .boot + .seconds(30))
        }
        stage.technician = { visit in
            let gone = await visit.outcome(#"{"command":"record","device":"oximeter-1","seconds":5}"#)
            #expect(gone == "not-connected")
            let lines = await visit.ask(#"{"command":"record","device":"oximeter-1","seconds":60}"#)
            #expect(lines.first?.contains(#""isWhole":true"#) ?? false)
        }
        _ = try stage.play()
    }

    @Test(arguments: [
        (#"{"command":"record"}"#, "bad-request"), (#"{"command":"record","device":"nobody"}"#, "unknown-device"),
        (#"{"command":"record","device":"oximeter-1","seconds":3601}"#, "bad-request"),
        (#"{"command":"record","device":"oximeter-1","seconds":0}"#, "not-recorded"),
    ])
    func `is refused with a reason`(_ request: String, _ code: String) throws {
        var stage = stage(seconds: 10, recorder: nil)
        stage.air = { _ in }
        stage.technician = { visit in #expect(await visit.outcome(request) == code) }
        _ = try stage.play()
    }
}
