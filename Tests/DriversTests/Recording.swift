import DriverKit
import Drivers
import Foundation
import Testing
import Vitals

/// A capture found under `Drivers/`, with the readings that stand beside it.
struct Recording: CustomTestStringConvertible, Sendable {
    let path: String
    let capture: Capture
    let readings: [String]
    let driver: any Driver.Type
    let settings: DriverSettings

    var testDescription: String { path }

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Drivers").path

    static let paths: [String] =
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
        .filter { $0.hasSuffix(".capture") }.sorted()

    static let driverIDs: [String] = (Catalogue.drivers + Catalogue.examples).map { $0.manifest.id }

    /// Those that can be read; ``CaptureTests`` says which cannot.
    static let all: [Recording] = paths.compactMap { try? Recording(path: $0) }

    init(path: String) throws {
        self.path = path
        capture = try Capture(parsing: try String(contentsOfFile: "\(Self.folder)/\(path)", encoding: .utf8))
        driver = try #require(Catalogue.driver(id: capture["driver"] ?? ""), "no driver for \(path)")
        settings = try capture.settings
        let beside = "\(Self.folder)/\(path.dropLast(".capture".count)).readings"
        readings = try String(contentsOfFile: beside, encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
    }

    /// The readings file holds lines of that kind, so all of them count.
    func compares(_ line: String) -> Bool {
        let kind = Self.kind(line)
        return kind != "~" && kind != "=" || readings.contains { Self.kind($0) == kind }
    }

    private static func kind(_ line: String) -> Substring {
        let words = line.split(separator: " ", maxSplits: 2)
        return words.count > 1 ? words[1] : ""
    }
}

/// Everything that a driver told and asked while a capture was played.
struct Transcript: Equatable {
    var events: [String] = []
    var requests: [String] = []
    var reported: [Turn.Event] = []
    var lost = 0
    var turns = 0

    init(_ recording: Recording, cutInto piece: Int = .max) {
        self.init(recording.driver, recording.capture, recording.settings, cutInto: piece)
    }

    init(_ driver: any Driver.Type, _ capture: Capture, _ settings: DriverSettings, cutInto piece: Int = .max) {
        final class Notes { var transcript: [(Instant, Turn)] = [] }
        let notes = Notes()
        var playback = Playback(
            driver.init(settings: settings), localTimeAtStart: capture.localTimeAtStart, channels: capture.channels
        ) { notes.transcript.append(($0, $1)) }
        playback.play(capture, cutInto: piece)
        for (at, turn) in notes.transcript {
            events += turn.events.map { EventText.line(at: at, $0) }
            requests += turn.requests.map {
                Capture.Line(at: at, direction: .toDevice, channel: $0.channel, bytes: $0.bytes).text
            }
            reported += turn.events
            lost += turn.lost
        }
        turns = notes.transcript.count
    }

    /// Plays bytes that come at once, `pause` apart.
    init(
        _ driver: any Driver.Type, _ pieces: [[UInt8]], pauseMilliseconds: Int64 = 0,
        _ settings: DriverSettings = .init()
    ) {
        var at: Int64 = 0
        var capture = Capture()
        for piece in pieces {
            capture.lines.append(
                .init(at: Instant(nanoseconds: at * 1_000_000), direction: .fromDevice, bytes: piece))
            at += pauseMilliseconds
        }
        self.init(driver, capture, settings)
    }

    var readings: [Reading] {
        reported.compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
    }

    func values(_ metric: Metric) -> [Double?] { readings.filter { $0.metric == metric }.map(\.value) }

    var faults: [Fault] { reported.compactMap { if case .fault(let fault) = $0 { fault } else { nil } } }

    static func == (one: Transcript, other: Transcript) -> Bool {
        one.events == other.events && one.requests == other.requests
    }
}
