import DriverKit
import Vitals

/// A stored test, `E1`. Places from the first byte on:
///
///     1   7E, 7F: no record        17 FVC   19 FEV0.5  21 FEV1   0.01 L
///     2   kind: 0 all, 1 FVC,      23 FEV1/FVC                   0.1 %
///         2 VC, 3 MVV, 4 MV        25 FEV3  27 FEV6              0.01 L
///     3   number                   29 PEF   31 FEF25  33 FEF50   0.01 L/s
///     5   yy mo dd hh mi ss        35 FEF75 37 FEF25-75          0.01 L/s
///     11  sex, age, height,        39 time of the peak           ms
///         standard, drug           41 extrapolated volume        mL
///
/// What stands from 11 to 16 is of the patient and is not looked at.
enum SPRecord {
    private static let results: [(place: Int, metric: Metric, scale: Double)] = [
        (17, .forcedVitalCapacity, 0.01), (19, .forcedExpiratoryVolume500ms, 0.01),
        (21, .forcedExpiratoryVolume1s, 0.01), (23, .fev1OverFVC, 0.1), (25, .forcedExpiratoryVolume3s, 0.01),
        (27, .forcedExpiratoryVolume6s, 0.01), (29, .peakExpiratoryFlow, 0.01),
        (31, .forcedExpiratoryFlow25, 0.01), (33, .forcedExpiratoryFlow50, 0.01),
        (35, .forcedExpiratoryFlow75, 0.01), (37, .forcedExpiratoryFlow25To75, 0.01),
        (39, .peakExpiratoryFlowTime, 0.001), (41, .extrapolatedVolume, 0.001),
    ]

    static let metrics = results.map(\.metric)

    static func isRecord(_ bytes: [UInt8]) -> Bool { bytes.count > 1 && bytes[1] != 0x7E && bytes[1] != 0x7F }

    /// 0 is taken for "none". `nil`: a kind of test whose numbers nobody has described.
    static func manoeuvre(_ bytes: [UInt8]) -> Manoeuvre? {
        guard bytes.count >= 44, bytes[2] <= 1 else { return nil }
        var doubts: QualityReasons = []
        var found: [ManoeuvreResult] = []
        for result in results {
            let number = SPAnswer.number(bytes, result.place)
            guard number > 0 else { continue }
            let value = ManoeuvreResult(result.metric, Double(number) * result.scale)
            if value.isPossible { found.append(value) } else { doubts.insert(.outOfRange) }
        }
        let parts = bytes[5 ... 10].map(Int.init)
        let time = CivilTime(
            year: 2000 + parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
            second: parts[5])
        if time == nil { doubts.insert(.clockUncertain) }
        return Manoeuvre(number: 1, results: found, quality: Quality(doubts: doubts), deviceTime: time)
    }
}

/// The curve of a test, `E2`: points of eight bytes behind a head of five.
///
///     0     bit 7 of the bytes 1 to 7, in its bits 0 to 6
///     1-3   time, 0.1 ms      4-5   flow, mL/s, signed      6-7   volume, mL
///
/// That flow and volume are signed is a guess: no recording shows an inspiration.
enum SPCurve {
    static func curve(_ bytes: [UInt8]) -> Curve? {
        let count = min(SPAnswer.number(bytes, 3), (bytes.count - 5) / SPAnswer.pointBytes, SPAnswer.pointsMax)
        guard count > 0 else { return nil }
        var times: [Int32] = []
        var flows: [Int32] = []
        var volumes: [Int32] = []
        for point in 0 ..< count {
            let start = 5 + point * SPAnswer.pointBytes
            let whole = (1 ... 7).map { index in
                Int32(bytes[start + index] & 0x7F) | Int32(bytes[start] >> UInt8(index - 1) & 1) << 7
            }
            times.append(whole[0] | whole[1] << 8 | whole[2] << 16)
            flows.append(Int32(Int16(truncatingIfNeeded: whole[3] | whole[4] << 8)))
            volumes.append(Int32(Int16(truncatingIfNeeded: whole[5] | whole[6] << 8)))
        }
        return Curve(
            .flowVolume, sampleRateHz: nil,
            tracks: [
                Curve.Track(.time, scale: 0.0001, samples: times), Curve.Track(.flow, scale: 0.001, samples: flows),
                Curve.Track(.volume, scale: 0.001, samples: volumes),
            ])
    }
}
