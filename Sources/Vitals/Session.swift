/// An episode with a beginning and an end, told as a whole: the blows of one sitting at a spirometer, a night with
/// an oximeter, the part of an ECG that a finding is about.
///
/// It holds what the device says, what this program makes of it (``analysis``), and nothing of the patient: no sex,
/// age, height or name.
public struct Session: Hashable, Sendable {
    public var kind: Kind
    /// Measured just now, or taken from the device's memory.
    public var source: Reading.Source
    /// When it began, on the device's own clock.
    public var deviceTime: CivilTime?
    /// When its first and last words were received; `nil`: with the turn that tells it.
    public var begun: Instant?
    public var ended: Instant?
    /// In the order in which they were made; at most ``manoeuvresMax``.
    public var manoeuvres: [Manoeuvre]
    /// Measured all the way; at most ``signalsMax``.
    public var signals: [SessionSignal] = []
    /// What this program makes of the whole.
    public var analysis = SessionAnalysis()
    /// Stands for the digest in the session's name on the wire, `[a-z0-9-]`: of one that alerts speak of before it
    /// is complete. `nil`: its ``digest`` does.
    public var label: String?
    /// What the device thinks of the session, in its own letters: `A`, `good`.
    public var deviceGrade: String?
    /// The number of the manoeuvre that the device calls the best.
    public var deviceBest: Int?
    public var quality: Quality

    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case spirometry
        /// From before a finding until after it, all leads.
        case ecgStrip = "ecg-strip"
        case overnightOximetry = "overnight-oximetry"
    }

    /// ATS/ERS 2019 knows no more than eight attempts for adults; devices let go on.
    public static let manoeuvresMax = 12
    /// The twelve leads of an ECG, and what is beside them.
    public static let signalsMax = 16

    public init(
        _ kind: Kind, manoeuvres: [Manoeuvre] = [], quality: Quality = .valid, source: Reading.Source = .live,
        deviceTime: CivilTime? = nil
    ) {
        self.kind = kind
        self.manoeuvres = manoeuvres
        self.quality = quality
        self.source = source
        self.deviceTime = deviceTime
    }

    /// Tells sessions of one device apart, and is the same for the same record however often it is received: its
    /// results, curves and signals, as 64 bits (FNV-1a). What this program makes of them is not in it, so that the
    /// same record is the same after a newer version has looked at it; only where there is nothing else, its own
    /// results are.
    public var digest: UInt64 {
        var digest = Digest()
        for manoeuvre in manoeuvres {
            digest.add(Int64(manoeuvre.number))
            digest.add(manoeuvre.deviceTime?.secondsSince1970 ?? -1)
            for result in manoeuvre.results {
                digest.add(result.metric.rawValue)
                digest.add(Int64(exactly: (result.value * 1000).rounded()) ?? -1)
            }
            for track in manoeuvre.curves.flatMap(\.tracks) {
                for sample in track.samples { digest.add(Int64(sample)) }
            }
        }
        for signal in signals {
            digest.add(signal.metric.rawValue)
            for segment in signal.segments {
                digest.add(Int64(segment.firstSample))
                for sample in segment.samples { digest.add(Int64(sample)) }
            }
        }
        guard manoeuvres.isEmpty, signals.isEmpty else { return digest.value }
        for result in analysis.results {
            digest.add(result.text)
            digest.add(result.value.flatMap { Int64(exactly: ($0 * 1000).rounded()) } ?? -1)
        }
        return digest.value
    }

    private struct Digest {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        mutating func add(_ text: String) { for byte in text.utf8 { add(byte) } }
        mutating func add(_ number: Int64) {
            var rest = UInt64(bitPattern: number)
            for _ in 0 ..< 8 {
                add(UInt8(truncatingIfNeeded: rest))
                rest >>= 8
            }
        }
    }
}

/// One attempt of a session: a blow into the spirometer.
public struct Manoeuvre: Hashable, Sendable {
    /// From 1, as the device counts.
    public var number: Int
    public var deviceTime: CivilTime?
    /// The device's own numbers, each metric at most once.
    public var results: [ManoeuvreResult]
    public var curves: [Curve]
    /// What this program makes of the curves; `nil`: nothing looked at them.
    public var analysis: SessionAnalysis?
    /// With ``QualityReasons/resultsOnly`` where there is no curve to check the results against.
    public var quality: Quality

    public init(
        number: Int, results: [ManoeuvreResult], curves: [Curve] = [], quality: Quality = .valid,
        deviceTime: CivilTime? = nil
    ) {
        self.number = number
        self.results = results
        self.curves = curves
        self.quality = quality
        self.deviceTime = deviceTime
    }
}

/// A number that the device made out of one manoeuvre.
public struct ManoeuvreResult: Hashable, Sendable {
    public var metric: Metric
    /// In ``unit``.
    public var value: Double

    public init(_ metric: Metric, _ value: Double) {
        self.metric = metric
        self.value = value
    }

    /// Every flow in litres a second: also peak flow, which as a reading of its own is in `L/min`.
    public var unit: String { Self.perMinute.contains(metric) ? "L/s" : metric.unit }
    public var fractionDigits: Int { Self.perMinute.contains(metric) ? 3 : metric.definition.fractionDigits }

    /// What any device can mean, in ``unit``.
    public var isPossible: Bool {
        value.isFinite && metric.definition.possible.contains(Self.perMinute.contains(metric) ? value * 60 : value)
    }

    private static let perMinute: Set<Metric> = [.peakExpiratoryFlow, .peakExpiratoryFlowPersonalBest]
}

/// Samples of one manoeuvre, as the device sent them, out of the patient positive.
public struct Curve: Hashable, Sendable {
    public var kind: Kind
    /// Samples in a second where they are equally spaced; `nil`: the track ``Quantity/time`` tells when.
    public var sampleRateHz: Double?
    /// The place of the first sample in the manoeuvre: greater than 0 behind samples that are missing.
    public var firstSample: Int
    /// All of the same length.
    public var tracks: [Track]

    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case flowTime = "flow-time"
        case volumeTime = "volume-time"
        case flowVolume = "flow-volume"
    }

    public enum Quantity: String, Hashable, Sendable, CaseIterable {
        case time, flow, volume

        /// UCUM; flow and volume are BTPS.
        public var unit: String {
            switch self {
            case .time: "s"
            case .flow: "L/s"
            case .volume: "L"
            }
        }
    }

    public struct Track: Hashable, Sendable {
        public var quantity: Quantity
        /// value = sample × scale, in the quantity's unit.
        public var scale: Double
        public var samples: [Int32]

        public init(_ quantity: Quantity, scale: Double, samples: [Int32]) {
            self.quantity = quantity
            self.scale = scale
            self.samples = samples
        }
    }

    /// Fifteen seconds, the longest blow that a spirometer has to record, at 500 Hz.
    public static let samplesMax = 7500
    /// Pieces of one manoeuvre; more holes than that leave nothing to look at.
    public static let perManoeuvreMax = 8

    public init(_ kind: Kind, sampleRateHz: Double?, firstSample: Int = 0, tracks: [Track]) {
        self.kind = kind
        self.sampleRateHz = sampleRateHz
        self.firstSample = firstSample
        self.tracks = tracks
    }

    public var sampleCount: Int { tracks.map(\.samples.count).max() ?? 0 }
}
