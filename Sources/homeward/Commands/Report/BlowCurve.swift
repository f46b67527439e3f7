import Pictures
import Vitals

/// One blow as a picture wants it: flow and volume of the same length, whichever of them the device sent.
enum BlowCurve {
    static func picture(of blow: SessionDocument.Blow, isBest: Bool) -> SpirometryPicture.Blow {
        let (volume, flow, seconds) = curve(of: blow)
        return SpirometryPicture.Blow(
            number: blow.number, volumeLitres: volume, flowLitresPerSecond: flow, seconds: seconds,
            values: columns.map { value($0, of: blow) }, verdict: verdict(of: blow), isBest: isBest)
    }

    private static let columns: [Metric] = [
        .forcedExpiratoryVolume1s, .forcedVitalCapacity, .fev1OverFVC, .peakExpiratoryFlow, .extrapolatedVolume,
        .forcedExpiratoryTime,
    ]

    /// Ours where the curve gave it, else the device's.
    private static func value(_ metric: Metric, of blow: SessionDocument.Blow) -> String {
        let ours = blow.analysis?.number(metric.rawValue)?.value
        guard let value = ours ?? blow.results.first(where: { $0.metric == metric.rawValue })?.value else {
            return "–"
        }
        let digits = metric == .fev1OverFVC || metric == .forcedExpiratoryTime ? 1 : 2
        return ReportWords.fixed(value, digits)
    }

    private static func verdict(of blow: SessionDocument.Blow) -> String {
        guard let analysis = blow.analysis else {
            return (blow.reasons ?? []).isEmpty ? blow.quality : (blow.reasons ?? []).joined(separator: ", ")
        }
        let gradings = [
            ("FEV1", analysis.grading(.acceptabilityFEV1)), ("FVC", analysis.grading(.acceptabilityFVC)),
        ]
        let told = gradings.compactMap { name, grading in grading.map { (name, $0) } }
        guard let first = told.first else { return blow.quality }
        let isOne = told.allSatisfy { $0.1.grade == first.1.grade }
        let grades = isOne ? first.1.grade : told.map { "\($0.0) \($0.1.grade)" }.joined(separator: ", ")
        var reasons: [String] = []
        for reason in told.flatMap({ $0.1.reasons ?? [] }) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return reasons.isEmpty ? grades : "\(grades): \(reasons.map(ReportWords.plain).joined(separator: ", "))"
    }

    /// Of what was sent, the flow-time curve first: volume is its sum and nothing is guessed.
    private static func curve(of blow: SessionDocument.Blow) -> (
        volume: [Double], flow: [Double], seconds: [Double]
    ) {
        for kind in [Curve.Kind.flowTime, .volumeTime, .flowVolume] {
            guard let curve = blow.curves.first(where: { $0.kind == kind.rawValue }) else { continue }
            func track(_ quantity: Curve.Quantity) -> [Double]? {
                curve.tracks.first { $0.quantity == quantity.rawValue }?.values
            }
            let flow = track(.flow)
            let volume = track(.volume)
            guard let count = (flow ?? volume)?.count, count > 1 else { continue }
            let seconds = track(.time) ?? steady(curve, count)
            if let flow, let volume, flow.count == volume.count {
                return (volume, flow, seconds.count == count ? seconds : [])
            }
            guard seconds.count == count else { continue }
            if let flow { return (sum(of: flow, seconds), flow, seconds) }
            if let volume { return (volume, slope(of: volume, seconds), seconds) }
        }
        return ([], [], [])
    }

    private static func steady(_ curve: SessionDocument.Curve, _ count: Int) -> [Double] {
        guard let rate = curve.sampleRateHz, rate > 0 else { return [] }
        return (0 ..< count).map { Double($0 * max(1, curve.keptOneOf ?? 1)) / rate }
    }

    private static func sum(of flow: [Double], _ seconds: [Double]) -> [Double] {
        var volume = 0.0
        return flow.indices.map { index in
            if index > 0 { volume += (flow[index] + flow[index - 1]) / 2 * (seconds[index] - seconds[index - 1]) }
            return volume
        }
    }

    private static func slope(of volume: [Double], _ seconds: [Double]) -> [Double] {
        volume.indices.map { index in
            guard index > 0, seconds[index] > seconds[index - 1] else { return 0 }
            return (volume[index] - volume[index - 1]) / (seconds[index] - seconds[index - 1])
        }
    }
}
