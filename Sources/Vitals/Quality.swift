/// How far a value may be trusted, and why not further.
///
/// An alarm may start only from a ``valid`` value, or from a questionable one whose reasons its limit
/// tolerates. A value that is missing is never a number: it is ``invalid(_:)`` with its reasons.
public enum Quality: Hashable, Sendable {
    case valid
    /// A number, with a doubt. The reasons are not empty.
    case questionable(QualityReasons)
    /// The device is still finding its value; the number, if any, is provisional.
    case calibrating
    /// No number. The reasons are not empty.
    case invalid(QualityReasons)

    public var reasons: QualityReasons {
        switch self {
        case .valid, .calibrating: []
        case .questionable(let reasons), .invalid(let reasons): reasons
        }
    }

    /// ``valid`` without reasons, else ``questionable(_:)``.
    public init(doubts reasons: QualityReasons) { self = reasons.isEmpty ? .valid : .questionable(reasons) }

    /// The same with one more doubt.
    public func doubting(_ reason: QualityReasons) -> Quality {
        switch self {
        case .valid, .calibrating: .questionable(reason)
        case .questionable(let reasons): .questionable(reasons.union(reason))
        case .invalid(let reasons): .invalid(reasons.union(reason))
        }
    }

    /// `valid`, `questionable`, `calibrating` or `invalid`.
    public var name: String {
        switch self {
        case .valid: "valid"
        case .questionable: "questionable"
        case .calibrating: "calibrating"
        case .invalid: "invalid"
        }
    }
}

/// Why a value is doubtful or missing. A closed list; each has one name on the wire.
public struct QualityReasons: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No finger, no arm: the sensor is not on the patient.
    public static let sensorOff = QualityReasons(rawValue: 1 << 0)
    /// The sensor is unplugged from the device, or broken.
    public static let sensorFault = QualityReasons(rawValue: 1 << 1)
    /// An electrode has no contact.
    public static let leadOff = QualityReasons(rawValue: 1 << 2)
    /// The device is looking for a pulse.
    public static let searching = QualityReasons(rawValue: 1 << 3)
    /// The device sees no pulse.
    public static let noSignal = QualityReasons(rawValue: 1 << 4)
    /// The patient moves.
    public static let motion = QualityReasons(rawValue: 1 << 5)
    /// Little blood flow under the sensor.
    public static let lowPerfusion = QualityReasons(rawValue: 1 << 6)
    /// The device reports an artefact or that it lost track of the pulse.
    public static let artefact = QualityReasons(rawValue: 1 << 7)
    /// Outside what the device, or a body, can give.
    public static let outOfRange = QualityReasons(rawValue: 1 << 8)
    /// The device sent its mark for "no value".
    public static let noValue = QualityReasons(rawValue: 1 << 9)
    public static let saturated = QualityReasons(rawValue: 1 << 10)
    public static let flatline = QualityReasons(rawValue: 1 << 11)
    public static let noise = QualityReasons(rawValue: 1 << 12)
    /// An old value that the device goes on showing.
    public static let held = QualityReasons(rawValue: 1 << 13)
    /// The device's battery is nearly empty.
    public static let lowBattery = QualityReasons(rawValue: 1 << 14)
    /// The time of the value is not certain: the device's clock was never set, or was lost.
    public static let clockUncertain = QualityReasons(rawValue: 1 << 15)
    /// Only the device's numbers came, without the curve that they were taken from.
    public static let resultsOnly = QualityReasons(rawValue: 1 << 16)
    /// The device itself calls the attempt a bad one.
    public static let deviceRejected = QualityReasons(rawValue: 1 << 17)
    /// Part of it was lost on the way, or it was broken off.
    public static let incomplete = QualityReasons(rawValue: 1 << 18)
    /// The device says that it was never calibrated.
    public static let uncalibrated = QualityReasons(rawValue: 1 << 19)
    /// The baseline of a curve moves as much as what is looked for on it.
    public static let baselineWander = QualityReasons(rawValue: 1 << 20)
    /// Muscles are heard beside the heart.
    public static let muscleNoise = QualityReasons(rawValue: 1 << 21)
    /// An electrode moves on the skin.
    public static let electrodeMotion = QualityReasons(rawValue: 1 << 22)
    /// The mains are heard; they were taken out of the curve.
    public static let mains = QualityReasons(rawValue: 1 << 23)
    /// The patient did not do what the measurement needs: a blow that began slowly or ended early.
    public static let technique = QualityReasons(rawValue: 1 << 24)

    private static let names: [(QualityReasons, String)] = [
        (.sensorOff, "sensor-off"), (.sensorFault, "sensor-fault"), (.leadOff, "lead-off"),
        (.searching, "searching"), (.noSignal, "no-signal"), (.motion, "motion"),
        (.lowPerfusion, "low-perfusion"), (.artefact, "artefact"), (.outOfRange, "out-of-range"),
        (.noValue, "no-value"), (.saturated, "saturated"), (.flatline, "flatline"), (.noise, "noise"),
        (.held, "held"), (.lowBattery, "low-battery"), (.clockUncertain, "clock-uncertain"),
        (.resultsOnly, "results-only"), (.deviceRejected, "device-rejected"), (.incomplete, "incomplete"),
        (.uncalibrated, "uncalibrated"), (.baselineWander, "baseline-wander"), (.muscleNoise, "muscle-noise"),
        (.electrodeMotion, "electrode-motion"), (.mains, "mains"), (.technique, "technique"),
    ]

    /// The names on the wire, in a fixed order.
    public var names: [String] { Self.names.filter { contains($0.0) }.map(\.1) }

    /// The reason with that name, `nil` when there is none.
    public init?(name: some StringProtocol) {
        guard let known = Self.names.first(where: { $0.1 == name }) else { return nil }
        self = known.0
    }
}
