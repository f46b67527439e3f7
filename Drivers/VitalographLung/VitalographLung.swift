public import DriverKit
import Vitals

/// Vitalograph's Lung Monitor family over Bluetooth Classic: one message for each blow, answered with 06 when it
/// has been kept and with 15 when its check does not fit.
///
/// The link is a serial stream: RFCOMM bound to a terminal (`rfcomm bind`), or the same by another bridge.
public struct VitalographLung: Driver {
    public static let manifest = Manifest(
        id: "vitalograph-lung", family: "VitalographLung", vendor: "Vitalograph",
        models: ["Lung Monitor (Bluetooth Classic)", "copd-6 bt", "asma-1 bt"],
        serial: SerialSettings(baud: 115_200), metrics: metrics, silenceSecondsMax: 86_400,
        evidence: .implementations, sources: ["silverbullet-dk/opentele-client-android, with a real message"])

    static let metrics: [Metric] = [
        .peakExpiratoryFlow, .forcedExpiratoryVolume750ms, .forcedExpiratoryVolume1s, .forcedExpiratoryVolume6s,
        .fev1OverFEV6, .forcedExpiratoryFlow25To75, .peakExpiratoryFlowPersonalBest,
    ]
    static let kept: UInt8 = 0x06
    static let again: UInt8 = 0x15

    private var framer = LungFramer()

    public init(settings: DriverSettings) {}

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices {
            if let answer = Self.answer(to: framer.take(bytes[index], &turn), &turn) { turn.send([answer]) }
        }
    }

    public mutating func end(_ turn: inout Turn) { framer.close(&turn) }

    /// What the device is to hear. A sound message that nobody can read is not answered: the device keeps it.
    static func answer(to found: LungFramer.Found?, _ turn: inout Turn) -> UInt8? {
        switch found {
        case nil: return nil
        case .badCheck: return again
        case .message(let text):
            guard let blow = LungBlow(text, localTime: turn.localTime) else {
                turn.report(.unknown("message of \(text.count) characters"))
                return nil
            }
            turn.report(blow.information)
            turn.report(blow.session)
            turn.report(blow.status)
            return kept
        }
    }
}
