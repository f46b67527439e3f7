import Vitals

/// What the numbers of a session's samples mean.
struct OpenSignal: Hashable, Sendable {
    var kind: Curve.Kind
    var quantity: Curve.Quantity
    var sampleRateHz: Double
    /// Of one count, in L/s or L, BTPS.
    var scale: Double
    var isCalibrated: Bool

    static let rates = 25.0 ... 500.0
    /// Air in the mouthpiece to air in the lung: about 1.02 for what is breathed out, 1.1 for room air.
    static let factors = 0.8 ... 1.3

    /// `signal unit=mL/s rate=100 btps=1.026 calibrated=2026-01-10 scale=1`; `nil`: something in it cannot be.
    init?(_ line: OpenLine) {
        let unit: (quantity: Curve.Quantity, factor: Double)
        switch line["unit"] {
        case "L/s": unit = (.flow, 1)
        case "mL/s": unit = (.flow, 0.001)
        case "L": unit = (.volume, 1)
        case "mL": unit = (.volume, 0.001)
        default: return nil
        }
        guard let rate = line.number("rate"), Self.rates.contains(rate), let btps = line.number("btps"),
            Self.factors.contains(btps), let calibrated = line["calibrated"]
        else { return nil }
        let scale = line["scale"] == nil ? 1 : line.number("scale") ?? 0
        guard scale > 0, scale <= 10 else { return nil }
        quantity = unit.quantity
        kind = unit.quantity == .flow ? .flowTime : .volumeTime
        sampleRateHz = rate
        self.scale = unit.factor * scale * btps
        isCalibrated = CivilTime("\(calibrated)T00:00:00") != nil
    }
}

/// A blow whose samples are coming.
struct OpenBlow: Sendable {
    let number: Int
    private let signal: OpenSignal?
    private var doubts: QualityReasons
    private var curves: [Curve] = []
    private var samples: [Int32] = []
    private var first = 0
    private var received = 0

    /// Room for ten times the flow of anybody, in the finest units.
    static let sampleMagnitudeMax: Int32 = 10_000_000

    init(number: Int, signal: OpenSignal?) {
        self.number = number
        self.signal = signal
        doubts = signal?.isCalibrated ?? true ? [] : .uncalibrated
    }

    /// `s 120 310 305 290`: the place of the first, then the samples. `false`: it cannot be.
    mutating func take(_ line: OpenLine) -> Bool {
        guard signal != nil, let place = line.words.first.flatMap({ Int($0) }), place >= 0,
            place <= Curve.samplesMax
        else { return false }
        let new = line.words.dropFirst().compactMap { Int32($0) }
        let limit = -Self.sampleMagnitudeMax ... Self.sampleMagnitudeMax
        let next = first + samples.count
        guard new.count == line.words.count - 1, new.allSatisfy(limit.contains), place >= next else { return false }
        if place > next {
            doubts.insert(.incomplete)
            close()
            first = place
        }
        let room = max(0, Curve.samplesMax - received)
        if new.count > room { doubts.insert(.incomplete) }
        samples += new.prefix(room)
        received += min(new.count, room)
        return true
    }

    mutating func doubt(_ reasons: QualityReasons) { doubts.formUnion(reasons) }

    /// - Parameter line: `done samples=612 verdict=good fvc=4.12 …`; `nil`: it never came.
    func manoeuvre(_ line: OpenLine?) -> Manoeuvre {
        var blow = self
        blow.close()
        var results: [ManoeuvreResult] = []
        if let line {
            for (key, metric) in OpenBlow.results {
                guard let value = line.number(key) else { continue }
                let result = ManoeuvreResult(metric, value)
                if result.isPossible { results.append(result) } else { blow.doubts.insert(.outOfRange) }
            }
            if line["verdict"] == "bad" { blow.doubts.insert(.deviceRejected) }
            if signal != nil, line.count("samples") != blow.received { blow.doubts.insert(.incomplete) }
        } else {
            blow.doubts.insert(.incomplete)
        }
        if blow.curves.isEmpty { blow.doubts.insert(.resultsOnly) }
        return Manoeuvre(
            number: number, results: results, curves: blow.curves, quality: Quality(doubts: blow.doubts))
    }

    /// The piece so far ends here.
    private mutating func close() {
        guard let signal, !samples.isEmpty else { return }
        if curves.count < Curve.perManoeuvreMax {
            curves.append(
                Curve(
                    signal.kind, sampleRateHz: signal.sampleRateHz, firstSample: first,
                    tracks: [Curve.Track(signal.quantity, scale: signal.scale, samples: samples)]))
        } else {
            doubts.insert(.incomplete)
        }
        first += samples.count
        samples = []
    }

    static let results: [(key: String, metric: Metric)] = [
        ("fvc", .forcedVitalCapacity), ("fev1", .forcedExpiratoryVolume1s), ("fev6", .forcedExpiratoryVolume6s),
        ("fev05", .forcedExpiratoryVolume500ms), ("fev075", .forcedExpiratoryVolume750ms),
        ("fev3", .forcedExpiratoryVolume3s), ("pef", .peakExpiratoryFlow),
        ("fef2575", .forcedExpiratoryFlow25To75), ("fef25", .forcedExpiratoryFlow25),
        ("fef50", .forcedExpiratoryFlow50), ("fef75", .forcedExpiratoryFlow75), ("pif", .peakInspiratoryFlow),
        ("fivc", .forcedInspiratoryVitalCapacity), ("svc", .slowVitalCapacity), ("bev", .extrapolatedVolume),
        ("fet", .forcedExpiratoryTime), ("pet", .peakExpiratoryFlowTime),
    ]
}
