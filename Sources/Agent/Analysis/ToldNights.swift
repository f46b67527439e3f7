import Delivery
import Oximetry
import Vitals

/// The nights that were told, so that one that was streamed is not told again when the device's memory gives it.
///
/// Used on the device loop only.
final class ToldNights {
    private struct Night {
        var start: Int64
        var end: Int64
        var validSeconds: Int
    }

    private var nights: [Identifier: [Night]] = [:]

    static let prefix = "night/"
    static let nightsMax = 32
    /// Told with less than this share of what the device has of it, a night is told once more.
    static let knownShareMin = 0.5

    init(remembering keepsakes: [Keepsake] = []) { remember(keepsakes) }

    func remember(_ keepsakes: [Keepsake]) {
        for keepsake in keepsakes where keepsake.key.hasPrefix(Self.prefix) {
            guard let device = Identifier(keepsake.key.dropFirst(Self.prefix.count)), let value = keepsake.value
            else { continue }
            let words = String(decoding: value, as: UTF8.self).split(separator: " ").map { Int64($0) }
            nights[device] = stride(from: 0, to: words.count - words.count % 3, by: 3).suffix(Self.nightsMax)
                .compactMap { index in
                    guard let start = words[index], let end = words[index + 1], let valid = words[index + 2] else {
                        return nil
                    }
                    return Night(start: start, end: end, validSeconds: Int(clamping: valid))
                }
        }
    }

    func has(_ record: NightRecord, of device: Identifier) -> Bool {
        nights[device]?.contains { night in
            let common = min(night.end, record.endSecond) - max(night.start, record.startSecond)
            let covered = record.validSeconds * record.holdSeconds
            return Double(common) >= Self.knownShareMin * Double(record.endSecond - record.startSecond)
                && Double(night.validSeconds) >= Self.knownShareMin * Double(covered)
        } ?? false
    }

    func add(_ record: NightRecord, of device: Identifier) -> Keepsake {
        var all = nights[device] ?? []
        all.append(
            Night(
                start: record.startSecond, end: record.endSecond,
                validSeconds: record.validSeconds * record.holdSeconds))
        if all.count > Self.nightsMax { all.removeFirst() }
        nights[device] = all
        let words = all.flatMap { [$0.start, $0.end, Int64($0.validSeconds)] }.map(String.init)
        return Keepsake(Self.prefix + device.text, Array(words.joined(separator: " ").utf8))
    }
}
