import DriverKit
import Vitals

/// The message that tells of one blow; decimal digits padded with zeros.
///
///     characters   classic (56)                     Bluetooth LE (68)
///     0-2          F TD                             three that nobody has described
///     3-12         serial number                    serial number
///     13-          FEV1 FEV6 FEV1/FEV6 FEF25-75     PEF FEV0.75 FEV1 FEV6 FEV1/FEV6 FEF25-75
///                  FEV1 best, FEV1 % of best        FEV1 best, PEF best, FEV1 %, PEF %
///                  green, yellow, orange %          the same
///                  YYMMDDhhmmss                     the same
///                  0 good, 1 bad                    0 good
///                  version, 3                       version, 3
///
/// Volumes and FEF25-75 in hundredths, peak flow in L/min. 000 is taken for "none": no lung gives nothing.
struct LungBlow: Sendable {
    let session: Session
    let information: DeviceInformation
    let status: DeviceStatus

    /// The device's clock this far from the box's: it may be wrong, or the blow an old one.
    static let clockSecondsMax: Int64 = 600

    private static let lengthClassic = 56
    private static let lengthLow = 68

    /// `nil`: not such a message.
    init?(_ text: [UInt8], localTime: CivilTime?) {
        guard text.count == Self.lengthClassic || text.count == Self.lengthLow else { return nil }
        var fields = Fields(text)
        guard let serial = fields.text(10) else { return nil }
        var results: [ManoeuvreResult?] = []
        let isLow = text.count == Self.lengthLow
        if isLow {
            results.append(fields.result(.peakExpiratoryFlow, 1.0 / 60))
            results.append(fields.result(.forcedExpiratoryVolume750ms, 0.01))
        }
        results.append(fields.result(.forcedExpiratoryVolume1s, 0.01))
        results.append(fields.result(.forcedExpiratoryVolume6s, 0.01))
        results.append(fields.result(.fev1OverFEV6, 1))
        results.append(fields.result(.forcedExpiratoryFlow25To75, 0.01))
        var shown = [DeviceStatus.Field("fev1-best-centilitres", fields.number(3))]
        if isLow { results.append(fields.result(.peakExpiratoryFlowPersonalBest, 1.0 / 60)) }
        shown.append(DeviceStatus.Field("fev1-percent-of-best", fields.number(3)))
        if isLow { shown.append(DeviceStatus.Field("pef-percent-of-best", fields.number(3))) }
        for zone in ["green", "yellow", "orange"] {
            shown.append(DeviceStatus.Field("\(zone)-zone-percent", fields.number(3)))
        }
        let time = fields.time()
        let isGood = fields.character() == 0x30
        guard let version = fields.text(3), !fields.isBroken else { return nil }
        let manoeuvre = Manoeuvre(
            number: 1, results: results.compactMap(\.self),
            quality: Self.quality(fields, isGood: isGood, time: time, localTime: localTime))
        session = Session(.spirometry, manoeuvres: [manoeuvre], quality: manoeuvre.quality, deviceTime: time)
        information = DeviceInformation(manufacturer: "Vitalograph", serialNumber: serial, firmware: version)
        status = DeviceStatus(shown)
    }

    private static func quality(
        _ fields: Fields, isGood: Bool, time: CivilTime?, localTime: CivilTime?
    ) -> Quality {
        var doubts: QualityReasons = .resultsOnly
        if !isGood { doubts.insert(.deviceRejected) }
        if fields.isOutOfRange { doubts.insert(.outOfRange) }
        if let time {
            let off = localTime.map { time.secondsSince1970 - $0.secondsSince1970 } ?? 0
            if abs(off) > clockSecondsMax { doubts.insert(.clockUncertain) }
        } else {
            doubts.insert(.clockUncertain)
        }
        return .questionable(doubts)
    }

    /// Takes the characters from left to right.
    private struct Fields {
        let text: [UInt8]
        var place = 3
        /// A character that is no digit stood where one must.
        var isBroken = false
        var isOutOfRange = false

        init(_ text: [UInt8]) { self.text = text }

        mutating func character() -> UInt8 {
            guard place < text.count else { return 0 }
            defer { place += 1 }
            return text[place]
        }

        /// Letters and digits; `nil`: something else.
        mutating func text(_ count: Int) -> String? {
            let bytes = (0 ..< count).map { _ in character() }
            let isPlain = bytes.allSatisfy { byte in
                (0x30 ... 0x39).contains(byte) || (0x41 ... 0x5A).contains(byte) || (0x61 ... 0x7A).contains(byte)
            }
            return isPlain ? String(decoding: bytes, as: UTF8.self) : nil
        }

        mutating func number(_ count: Int) -> Int {
            var number = 0
            for _ in 0 ..< count {
                let byte = character()
                guard (0x30 ... 0x39).contains(byte) else {
                    isBroken = true
                    return 0
                }
                number = number * 10 + Int(byte - 0x30)
            }
            return number
        }

        mutating func result(_ metric: Metric, _ scale: Double) -> ManoeuvreResult? {
            let number = number(3)
            guard number > 0 else { return nil }
            let result = ManoeuvreResult(metric, Double(number) * scale)
            guard result.isPossible else {
                isOutOfRange = true
                return nil
            }
            return result
        }

        mutating func time() -> CivilTime? {
            let parts = (0 ..< 6).map { _ in number(2) }
            return CivilTime(
                year: 2000 + parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
                second: parts[5])
        }
    }
}
