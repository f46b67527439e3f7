import Bytes
import Delivery
import DriverKit
import Drivers
import Linux
import Loop
import Vitals

extension Command {
    static let replay = Command(
        name: "replay",
        synopsis: "replay --driver ID [--format capture|bin|hex] [--channel C] [--paced] [FILE|-]",
        summary: "Decodes recorded bytes: one JSON object a line for each event.",
        details: [
            "  --driver ID      see 'homeward drivers'; a capture may name it itself",
            "  --format F       capture (text with times, the default for *.capture), bin, or hex",
            "  --channel C      where raw bytes come from, when the link has several pipes",
            "  --data-format D  which of the driver's data formats, when it shall not choose by itself",
            "  --paced          keep the timing of the capture",
            "  --requests       also print what the driver would send to the device",
            "  --readings       lines for people instead of JSON: what a '.readings' file holds",
            "  FILE             '-' or nothing is standard input",
            "",
            "Events are readings, waveforms, status, information, notices and faults. Counts go to standard",
            "error. The exit status is 0 however dirty the bytes are.",
        ],
        grammar: .init(
            options: ["--driver", "--format", "--channel", "--data-format"],
            flags: ["--paced", "--requests", "--readings"],
            operandsMax: 1)
    ) { arguments, loop in
        let replay = try Replay(arguments, loop: loop)
        return try await replay.run()
    }
}

/// Plays bytes through a driver and prints what it says.
final class Replay {
    private let loop: EventLoop
    private let source: ReplaySource
    private let driver: any Driver.Type
    private let settings: DriverSettings
    private let isPaced: Bool
    private let printsRequests: Bool
    private let isForPeople: Bool
    private let console: Console
    private let tally = Tally()

    init(_ arguments: Arguments, loop: EventLoop) throws(CommandError) {
        self.loop = loop
        isPaced = arguments.has("--paced")
        printsRequests = arguments.has("--requests")
        isForPeople = arguments.has("--readings")
        do throws(SystemError) { console = try Console() } catch { throw CommandError(.systemError, "\(error)") }
        let named = try arguments["--driver"].map { id throws(CommandError) in try Self.driver(id) }
        source = try ReplaySource(arguments)
        if let named { driver = named } else { driver = try Self.driver(source.capture?["driver"]) }
        let manifest = driver.manifest
        if let format = arguments["--data-format"], !manifest.formats.contains(format) {
            let allowed =
                manifest.formats.isEmpty ? "\(manifest.id) has no choice" : manifest.formats.joined(separator: ", ")
            throw CommandError(.usage, "replay: --data-format is '\(format)', allowed is: \(allowed)")
        }
        settings = try Self.settings(source.capture, format: arguments["--data-format"])
    }

    private static func driver(_ id: String?) throws(CommandError) -> any Driver.Type {
        let ids = Catalogue.drivers.map { $0.manifest.id }
        guard let id else {
            throw CommandError(.usage, "replay: --driver is needed: one of \(ids.joined(separator: ", "))")
        }
        if let driver = Catalogue.driver(id: id) { return driver }
        let hint = Similar.closest(to: id, in: ids).map { " (did you mean \($0)?)" } ?? ""
        throw CommandError(
            .usage, "replay: there is no driver '\(id)'\(hint): one of \(ids.joined(separator: ", "))")
    }

    private static func settings(_ capture: Capture?, format: String?) throws(CommandError) -> DriverSettings {
        // Raw bytes may hold a download, and nobody says so.
        var settings = DriverSettings(fetchesStored: capture == nil)
        do throws(CaptureError) { if let capture { settings = try capture.settings } } catch {
            throw CommandError(.dataError, "replay: the capture \(error)")
        }
        if let format { settings.format = format }
        return settings
    }

    func run() async throws -> ExitCode {
        let start = loop.now
        let console = console
        let tally = tally
        let printsRequests = printsRequests
        let isForPeople = isForPeople
        var playback = Playback(
            driver.init(settings: settings), localTimeAtStart: source.localTimeAtStart,
            channels: source.capture?.channels
        ) { at, turn in
            for event in turn.events {
                tally.count(event)
                console.line(
                    isForPeople ? Array(EventText.line(at: at, event).utf8) : EventJSON.line(at: at, event))
            }
            tally.lost += turn.lost
            guard printsRequests else { return }
            for request in turn.requests { console.line(EventJSON.line(at: at, request)) }
        }
        playback.begin()
        while let chunk = try source.next() {
            if isPaced {
                console.flush()
                await loop.sleep(until: start + (chunk.at - .boot))
            }
            tally.bytes += chunk.bytes.count
            playback.receive(chunk.bytes.span, from: chunk.channel, at: chunk.at)
            if console.isBroken { break }
        }
        playback.end()
        console.flush()
        Complaint.say(tally.text)
        return .success
    }

    private final class Tally {
        var bytes = 0
        var lost = 0
        private var kinds: [String: Int] = [:]
        private var droppedBytes = 0

        func count(_ event: Turn.Event) {
            kinds[EventJSON.kind(event), default: 0] += 1
            if case .fault(.dropped(let bytes)) = event { droppedBytes += bytes }
        }

        var text: String {
            let counts = kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            let lost = lost > 0 ? ", \(lost) events lost" : ""
            return "\(bytes) bytes: \(counts.isEmpty ? "no events" : counts); \(droppedBytes) bytes dropped\(lost)"
        }
    }
}
