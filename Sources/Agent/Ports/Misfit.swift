import DriverKit
import Vitals

/// Whether what is heard speaks against the driver that was guessed.
struct Misfit {
    private var since: Instant
    private var droppedBytes = 0
    private var faults = 0

    /// A device that makes sense now and then is its own: only this long without a value proves anything.
    static let withoutValueMin: Duration = .seconds(3)
    static let droppedBytesMin = 256
    static let faultsMin = 8

    init(since now: Instant) { since = now }

    mutating func hear(_ turn: Turn) {
        for event in turn.events {
            switch event {
            case .reading, .waveform, .session, .information: self = Misfit(since: turn.now)
            case .fault(.dropped(let bytes)): droppedBytes += bytes
            case .fault(.noAnswer), .status, .notice: break
            case .fault: faults += 1
            }
        }
    }

    func isProved(at now: Instant) -> Bool {
        now - since >= Self.withoutValueMin && (droppedBytes >= Self.droppedBytesMin || faults >= Self.faultsMin)
    }
}
