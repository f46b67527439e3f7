import DriverKit
import Loop
import Vitals

extension DeviceSession {
    /// What stands at the head of a capture of this device: the kind of device and of the conversation, and nothing
    /// of a person, of this box or of the broker.
    func captureHead(
        of connection: DeviceRecorder.Connection, from start: Instant, isWhole: Bool
    ) -> [Capture.Note] {
        let manifest = setup.driver.manifest
        let model = twin.information.model ?? binding.model ?? manifest.models.first ?? "unknown"
        var head: [Capture.Note] = [
            .init(key: "device", cleaning: "\(manifest.vendor) \(model)"),
            .init(key: "firmware", cleaning: twin.information.firmware ?? "unknown"),
            .init(key: "driver", value: manifest.id), .init(key: "made", value: "recorded"),
            .init(key: "source", cleaning: "homeward \(world.version), recorder"),
            .init(key: "licence", value: "not stated"),
            .init(key: "begins", value: isWhole ? "with the connection" : "in the middle of a connection"),
        ]
        let settings = Capture.text(of: setup.settings)
        if !settings.isEmpty { head.append(.init(key: "settings", value: settings)) }
        if let time = clockwork.localTime(at: start) {
            head.append(.init(key: "local-time", value: "\(time)"))
        }
        let channels = connection.channels.map(\.name).joined(separator: " ")
        if !channels.isEmpty { head.append(.init(key: "channels", value: channels)) }
        return head
    }

    /// Where a capture begins: with the connection or, of what is left of it, with the second of the first frame.
    static func start(of ring: CaptureRing, _ connection: DeviceRecorder.Connection, isWhole: Bool) -> Instant {
        guard !isWhole, let first = ring.first?.at, first > connection.begin else { return connection.begin }
        return connection.begin + .seconds((first - connection.begin).components.seconds)
    }

    /// The connection is over: what was recorded becomes a file, beside everything else.
    func endRecording() {
        guard let (ring, connection) = recorder.end(at: world.loop.now), let recordings = world.recordings else {
            return
        }
        let isWhole = ring.dropped == 0
        let start = Self.start(of: ring, connection, isWhole: isWhole)
        let head = captureHead(of: connection, from: start, isWhole: isWhole)
        recordings.take(ring, from: start, head: head, of: setup.id, log: world.log)
    }
}
