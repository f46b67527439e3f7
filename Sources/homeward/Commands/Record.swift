import Bytes
import DriverKit
import Drivers
import Linux
import Loop
import Vitals

extension Command {
    static let record = Command(
        name: "record",
        synopsis: "record DEVICE [FILE] [--seconds N] | --driver ID --port PATH [--seconds N] [--output FILE]",
        summary: "Records a live conversation with a device as a capture.",
        details: [
            "  DEVICE           one of the running daemon's devices: see 'homeward devices'",
            "  FILE             standard output unless told",
            "  --seconds N      0 to 3600, 60 unless told. 0: what the daemon's recorder",
            "                   has kept of the connection so far",
            "  --socket, --json as with 'homeward status'",
            "",
            "Or a port of its own, which the daemon must not hold:",
            "  --driver ID      see 'homeward drivers'",
            "  --port PATH      a serial port",
            "  --seconds N      stop after that many seconds (1 to 86400, 60 unless told)",
            "  --fetch-stored   also fetch what the device has stored",
            "  --output FILE    standard output unless told",
            "",
            "The capture holds the device's bytes and ours with their times: no patient,",
            "no box, no broker. What the device says of itself, such as its serial number,",
            "is among its bytes.",
            "'homeward replay FILE' decodes it.",
        ],
        grammar: .init(
            options: Technician.options.union(["--driver", "--port", "--seconds", "--output"]),
            flags: Technician.flags.union(["--fetch-stored"]), operandsMax: 2)
    ) { arguments, loop in
        if !arguments.operands.isEmpty {
            let seconds = try arguments.integer("--seconds", in: 0 ... 3600) ?? 60
            return try await RecordDevice(arguments, on: loop).run(seconds: seconds)
        }
        guard let id = arguments["--driver"], let driver = Catalogue.driver(id: id) else {
            let ids = Catalogue.drivers.map { $0.manifest.id }.joined(separator: ", ")
            throw CommandError(.usage, "record: --driver is needed: one of \(ids)")
        }
        guard let serial = driver.manifest.serial else {
            throw CommandError(
                .usage, "record: devices of \(id) have no serial port: pair one, and run 'homeward record DEVICE'")
        }
        guard let port = arguments["--port"] else { throw CommandError(.usage, "record: --port is needed") }
        let seconds = try arguments.integer("--seconds", in: 1 ... 86_400) ?? 60
        let settings = DriverSettings(fetchesStored: arguments.has("--fetch-stored"))
        let recorder = Recorder(driver, settings, port: port, serial, until: loop.now + .seconds(seconds), on: loop)
        let text = try await recorder.run()
        guard let output = arguments["--output"] else {
            let console = try Console()
            console.line(text)
            console.flush()
            return .success
        }
        do throws(SystemError) { try File.write(text, to: output, mode: 0o644) } catch {
            throw CommandError(.cannotCreate, "record: \(error)")
        }
        return .success
    }
}

/// Runs a driver on a live port and notes down every byte in both directions.
final class Recorder {
    private let driverType: any Driver.Type
    private var driver: any Driver
    private let port: String
    private let serial: SerialSettings
    private let end: Instant
    private let loop: EventLoop
    private var capture: Capture
    private var start = Instant.boot
    private var wakeAt = Instant.never

    /// What is noted at the most: about six hours of a busy device.
    static let bytesMax = 32 << 20

    init(
        _ driverType: any Driver.Type, _ settings: DriverSettings, port: String, _ serial: SerialSettings,
        until end: Instant, on loop: EventLoop
    ) {
        self.driverType = driverType
        driver = driverType.init(settings: settings)
        self.port = port
        self.serial = serial
        self.end = end
        self.loop = loop
        capture = Capture(provenance: [
            .init(key: "device", value: "unknown"), .init(key: "firmware", value: "unknown"),
            .init(key: "driver", value: driverType.manifest.id), .init(key: "made", value: "recorded"),
            .init(key: "source", value: "homeward record \(Version.text)"),
            .init(key: "licence", value: "not stated"),
        ])
    }

    func run() async throws -> String {
        let link = try await open()
        defer { link.close() }
        start = loop.now
        var bytes = 0
        try await step(link) { driver, turn in driver.begin(&turn) }
        while loop.now < end, bytes < Self.bytesMax {
            if let chunk = try await link.receive(before: min(end, wakeAt)) {
                bytes += chunk.bytes.count
                note(chunk.bytes, .fromDevice, at: chunk.at)
                try await step(link) { driver, turn in
                    driver.receive(chunk.bytes.span, from: chunk.channel, &turn)
                }
            } else if loop.now >= wakeAt {
                wakeAt = .never
                try await step(link) { driver, turn in driver.wake(&turn) }
            }
        }
        try await step(link) { driver, turn in driver.end(&turn) }
        return capture.text
    }

    private func open() async throws(CommandError) -> any Link {
        do throws(LinkError) {
            return try await SerialConnector(on: loop).connect(to: .serial(path: port, serial))
        } catch {
            if case .denied = error { throw CommandError(.noPermission, "record: \(error)") }
            throw CommandError(.unavailable, "record: \(error)")
        }
    }

    private func step(_ link: any Link, _ work: (inout any Driver, inout Turn) -> Void) async throws(LinkError) {
        var turn = Turn(now: loop.now)
        work(&driver, &turn)
        if let asked = turn.wakeAt { wakeAt = asked }
        for request in turn.requests {
            note(request.bytes, .toDevice, at: loop.now)
            try await link.send(request.bytes, to: request.channel)
        }
    }

    private func note(_ bytes: [UInt8], _ direction: Capture.Direction, at now: Instant) {
        capture.lines.append(Capture.Line(at: .boot + (now - start), direction: direction, bytes: bytes))
    }
}
