import Delivery
import DriverKit
import Loop
import Vitals

/// What a technician is handed of a device's raw frames: the lines of a capture of one connection.
extension HomeAgent {
    /// Frames are handed over this often.
    private static let framesInterval: Duration = .seconds(1)
    /// Of the lines in one event; the longest line of a capture fits beside it.
    private static let framesBytesMax = CommandRequest.lineBytesMax / 2

    /// Waits for a connection where there is none, and ends with it or when the time is over.
    ///
    /// - Throws: `unknown-device`, `not-recorded`, `not-connected`.
    func record(
        _ device: Identifier, seconds: Int, _ conversation: Conversation
    ) async throws(CommandFailure) -> String {
        let session = try session(device)
        guard seconds > 0 || session.recorder.hasRing else {
            throw CommandFailure(.notRecorded, "what \(device) has said before was not recorded")
        }
        let tap = session.recorder.tap { conversation.ring() }
        defer { session.recorder.remove(tap) }
        let end = loop.now + .seconds(seconds)
        var start: Instant?
        while true {
            if let connection = tap.connection {
                let from = start ?? tellBeginning(session, tap, connection, conversation)
                start = from
                tellFrames(tap, from: from, conversation)
            }
            if tap.isOver || loop.now >= end || conversation.isEnded || isStopping { break }
            await conversation.rest(before: min(end, loop.now + Self.framesInterval))
        }
        guard let start else {
            let problem = session.twin.problem ?? "it is \(session.twin.state.rawValue)"
            throw CommandFailure(.notConnected, "\(device) was not connected in \(seconds) s: \(problem)")
        }
        // That nothing came until then is told too.
        let last = Capture.Line(at: loop.now, direction: .fromDevice, bytes: [])
        send([last.counted(from: start).text], to: conversation)
        let frames = tap.ring.frames
        conversation.send(event: "recorded") { json in
            json.member("device", device.text)
            json.member("frames", frames)
            json.member("dropped", tap.ring.dropped)
            json.member("hasEnded", tap.isOver)
        }
        return "done, \(frames) frames"
    }

    private func tellBeginning(
        _ session: DeviceSession, _ tap: RecordingTap, _ connection: DeviceRecorder.Connection,
        _ conversation: Conversation
    ) -> Instant {
        var start = DeviceSession.start(of: tap.ring, connection, isWhole: tap.isWhole)
        // Nothing was recorded before it was asked for.
        if !tap.isWhole, tap.ring.isEmpty { start = loop.now }
        let head = session.captureHead(of: connection, from: start, isWhole: tap.isWhole)
        conversation.send(event: "recording") { json in
            json.member("device", session.setup.id.text)
            json.member("isWhole", tap.isWhole)
            json.array("lines", head.map { "# \($0.key): \($0.value)" })
        }
        return start
    }

    private func tellFrames(_ tap: RecordingTap, from start: Instant, _ conversation: Conversation) {
        var lines: [String] = []
        var bytes = 0
        while let line = tap.ring.popFirst() {
            let text = line.counted(from: start).text
            lines.append(text)
            bytes += text.utf8.count + 3
            guard bytes > Self.framesBytesMax else { continue }
            guard send(lines, to: conversation) else { return }
            lines = []
            bytes = 0
        }
        if !lines.isEmpty { send(lines, to: conversation) }
    }

    @discardableResult
    private func send(_ lines: [String], to conversation: Conversation) -> Bool {
        conversation.send(event: "frames") { $0.array("lines", lines) }
    }
}
