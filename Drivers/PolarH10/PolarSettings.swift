import Bytes
import DriverKit

/// The settings of a stream, offered or chosen: `setting count value…`.
///
///     0 samples per second, 2 bytes    1 bits of a sample, 2 bytes    2 range, 2 bytes
///     3 range in thousandths, 4 bytes  4 channels, 1 byte             5 factor, IEEE 754 single
///
/// - Source: Polar, Measurement Data Specification for 3rd Party.
struct PolarSettings: Hashable, Sendable {
    /// In the device's order; values as they came.
    private(set) var entries: [Entry] = []
    /// Units in one count; only in the answer to a start.
    var factor: Double?

    struct Entry: Hashable, Sendable {
        var setting: UInt8
        var values: [UInt32]
    }

    private static let rate: UInt8 = 0
    private static let resolution: UInt8 = 1
    private static let range: UInt8 = 2
    private static let channels: UInt8 = 4
    private static let factorSetting: UInt8 = 5
    private static let bytesOfValue = [2, 2, 2, 4, 1, 4]

    init() {}

    /// `nil` when they end in the middle, or when one is not known.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let setting = rest.popFirst() {
            guard Int(setting) < Self.bytesOfValue.count, let count = rest.popFirst() else { return nil }
            let width = Self.bytesOfValue[Int(setting)]
            guard rest.count >= Int(count) * width else { return nil }
            var values: [UInt32] = []
            for _ in 0 ..< count {
                values.append(rest.prefix(width).reversed().reduce(0) { $0 << 8 | UInt32($1) })
                rest = rest.dropFirst(width)
            }
            if setting == Self.factorSetting {
                let value = values.first.map { Double(Float(bitPattern: $0)) } ?? 0
                if value.isFinite, value > 0 { factor = value }
            } else {
                entries.append(Entry(setting: setting, values: values))
            }
        }
    }

    var samplesPerSecond: Int? { self[Self.rate].map { Int($0) } }

    private subscript(setting: UInt8) -> UInt32? { entries.first { $0.setting == setting }?.values.first }

    /// One value of each: ECG at 130 Hz, acceleration at 25 Hz over the widest range; else what comes first.
    func choice(for type: PolarType) -> PolarSettings {
        var choice = PolarSettings()
        for entry in entries where entry.setting != 3 {
            guard let first = entry.values.first else { continue }
            let value: UInt32 =
                switch entry.setting {
                case Self.rate:
                    entry.values.contains(type == .ecg ? 130 : 25) ? (type == .ecg ? 130 : 25) : first
                case Self.resolution, Self.range: entry.values.max() ?? first
                default: first
                }
            choice.entries.append(Entry(setting: entry.setting, values: [value]))
        }
        return choice
    }

    /// As a request carries them.
    var bytes: [UInt8] {
        entries.flatMap { entry in
            [entry.setting, UInt8(truncatingIfNeeded: entry.values.count)]
                + entry.values.flatMap { value in
                    (0 ..< Self.bytesOfValue[Int(entry.setting)]).map {
                        UInt8(truncatingIfNeeded: value >> UInt32(8 * $0))
                    }
                }
        }
    }
}
