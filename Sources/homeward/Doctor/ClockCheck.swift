import Linux
import Vitals

/// Whether times that are published can be believed.
enum ClockCheck {
    private static let part = "clock"
    /// A file that is written later than now by more than that: the clock went back.
    private static let leapSecondsMax: Int64 = 120

    static func findings(_ box: Box) -> [Finding] {
        guard let clock = try? SystemClock() else {
            return [
                .unseen(
                    part, "clock-unseen", "the clock cannot be read", proof: nil,
                    remedy: "run 'sudo homeward doctor'")
            ]
        }
        let wall = clock.read()
        let shown = rfc3339(utcNanoseconds: wall.utcNanoseconds)
        var findings: [Finding] = []
        switch trust(wall.trust, box, clock) {
        case .unset:
            return [
                .fault(
                    part, "clock-unset", "the clock was never set: times of readings are wrong",
                    proof: "it shows \(shown), which is before this program was made",
                    remedy: "connect the box to a network, and run 'sudo timedatectl set-ntp true'; or set it with "
                        + "'sudo timedatectl set-time'")
            ]
        case .unsynchronized:
            findings.append(
                .warning(
                    part, "clock-unsynchronized", "nobody keeps the clock right: times may be off by any amount",
                    proof: "the kernel says that it is not synchronized; it shows \(shown)",
                    remedy: "run 'sudo timedatectl set-ntp true', and let NTP (UDP port 123) through the firewall; "
                        + "'timedatectl' shows what comes of it"))
        case .synchronized:
            findings.append(.fine(part, "clock-synchronized", "the clock is synchronized; it shows \(shown)"))
        }
        return findings + behind(box, wall)
    }

    /// Of a copy of another box, what its own service has found.
    private static func trust(_ trust: ClockTrust, _ box: Box, _ clock: SystemClock) -> ClockTrust {
        guard !box.root.isEmpty, trust != .unset, let told = ClockState(box.text(ClockState.path) ?? "") else {
            return trust
        }
        return told.isSynchronized ? .synchronized : .unsynchronized
    }

    private static func behind(_ box: Box, _ wall: WallClock) -> [Finding] {
        let now = wall.utcNanoseconds / 1_000_000_000
        for name in ["outbox.sqlite3-wal", "outbox.sqlite3"] {
            let path = "\(box.dataDirectory)/\(name)"
            guard let facts = FileFacts(path), facts.writtenSecondsSince1970 > now + leapSecondsMax else {
                continue
            }
            let written = rfc3339(utcNanoseconds: facts.writtenSecondsSince1970 * 1_000_000_000)
            return [
                .fault(
                    part, "clock-behind", "the clock has gone back: it shows a time before the last measurement",
                    proof: "\(path) was written at \(written)",
                    remedy:
                        "set the clock right: 'sudo timedatectl set-ntp true'; when that happens at each start, "
                        + "the battery of the clock is empty")
            ]
        }
        return []
    }
}
