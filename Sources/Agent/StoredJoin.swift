import Delivery
import Timekeeping
import Vitals

/// Joins what a device stored with what it sent live: each second of each metric is told once.
struct StoredJoin {
    private let device: Identifier
    private var coverage: [Metric: Coverage] = [:]
    private var lastLive: [Metric: Int64] = [:]
    private var changed: Set<Metric> = []

    /// Live values come at least once a second; a longer pause is a hole that stored records may fill.
    static let liveGapSecondsMax: Int64 = 2

    static let prefix = "coverage/"

    static func prefix(_ device: Identifier) -> String { "\(prefix)\(device)/" }

    init(device: Identifier, remembering keepsakes: [Keepsake]) {
        self.device = device
        let prefix = Self.prefix(device)
        for keepsake in keepsakes where keepsake.key.hasPrefix(prefix) {
            guard let metric = Metric(rawValue: String(keepsake.key.dropFirst(prefix.count))),
                let value = keepsake.value
            else { continue }
            coverage[metric] = Coverage(text: String(decoding: value, as: UTF8.self))
        }
    }

    /// `false`: this second is known already, and the record is the same fact again.
    mutating func admits(_ observation: Observation) -> Bool {
        guard observation.reading.value != nil else { return observation.reading.source == .live }
        let metric = observation.reading.metric
        let second = observation.stamp.utcNanoseconds / 1_000_000_000
        var known = coverage[metric] ?? Coverage()
        switch observation.reading.source {
        case .live:
            let last = lastLive[metric] ?? second
            known.insert(from: last, to: second, atMost: Self.liveGapSecondsMax + 1)
            lastLive[metric] = second
        case .stored:
            guard observation.stamp.device != nil else { return true }
            guard known.insert(second) else { return false }
        }
        coverage[metric] = known
        changed.insert(metric)
        return true
    }

    /// What has changed since this was last asked, to be kept with the readings it belongs to.
    mutating func takeKeepsakes() -> [Keepsake] {
        defer { changed.removeAll(keepingCapacity: true) }
        return changed.sorted { $0.rawValue < $1.rawValue }.map { metric in
            Keepsake(Self.prefix(device) + metric.rawValue, Array((coverage[metric] ?? Coverage()).text.utf8))
        }
    }
}
