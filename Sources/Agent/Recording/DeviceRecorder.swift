import DriverKit
import Vitals

/// Takes down the raw frames of a device's connections, in both directions: into a ring where the configuration
/// says so, and for each technician who asks. Without both it does nothing.
///
/// It sees bytes, channels and times, and never whose they are. Stays on the device loop.
final class DeviceRecorder {
    /// What a capture says of the connection at its head.
    struct Connection {
        var begin: Instant
        var channels: [Channel]
    }

    private(set) var connection: Connection?
    /// Of the connection that lasts, or of the one before.
    private(set) var ring: CaptureRing?
    private let ringBytesMax: Int?
    private var taps: [RecordingTap] = []

    /// - Parameter ringBytesMax: `nil`: no ring.
    init(ringBytesMax: Int?) { self.ringBytesMax = ringBytesMax }

    func begin(at now: Instant, channels: [Channel]) {
        connection = Connection(begin: now, channels: channels)
        ring = ringBytesMax.map { CaptureRing(bytesMax: $0) }
        for tap in taps { tap.begin(at: now, channels: channels, before: nil, isWhole: true) }
    }

    func note(_ bytes: [UInt8], _ direction: Capture.Direction, _ channel: Channel, at now: Instant) {
        ring?.add(bytes, direction, channel, at: now)
        for tap in taps where !tap.isOver { tap.ring.add(bytes, direction, channel, at: now) }
    }

    /// - Returns: what the ring held, with the moment that is its 0 seconds, once for each connection.
    func end(at now: Instant) -> (ring: CaptureRing, connection: Connection)? {
        guard let connection else { return nil }
        self.connection = nil
        for tap in taps { tap.end() }
        guard let ring, ring.frames > 0 else { return nil }
        return (ring, connection)
    }

    // MARK: Technicians

    var hasRing: Bool { ringBytesMax != nil }

    func tap(wake: @escaping () -> Void) -> RecordingTap {
        let tap = RecordingTap(bytesMax: ringBytesMax ?? RecorderSettings.bytesMaxPerDeviceUsual, wake: wake)
        if let connection {
            let isWhole = ring.map { $0.dropped == 0 } ?? false
            tap.begin(at: connection.begin, channels: connection.channels, before: ring, isWhole: isWhole)
        }
        taps.append(tap)
        return tap
    }

    func remove(_ tap: RecordingTap) { taps.removeAll { $0 === tap } }
}

/// What a technician has asked to see of one connection, and has not been handed yet.
final class RecordingTap {
    var ring: CaptureRing
    /// `nil`: there was no connection yet.
    private(set) var connection: DeviceRecorder.Connection?
    /// It holds the whole connection from its first frame.
    private(set) var isWhole = false
    private(set) var isOver = false
    private let wake: () -> Void

    fileprivate init(bytesMax: Int, wake: @escaping () -> Void) {
        ring = CaptureRing(bytesMax: bytesMax)
        self.wake = wake
    }

    /// - Parameter before: what was recorded of the connection already.
    fileprivate func begin(at now: Instant, channels: [Channel], before: CaptureRing?, isWhole: Bool) {
        guard connection == nil else { return }
        self.isWhole = isWhole
        connection = DeviceRecorder.Connection(begin: now, channels: channels)
        if let before { ring = before }
        wake()
    }

    fileprivate func end() {
        guard connection != nil else { return }
        isOver = true
        wake()
    }
}
