import Bytes
public import DriverKit
import Vitals

/// Polar chest straps and armbands: heart rate with R-R intervals by the standard service, ECG and acceleration by
/// Polar Measurement Data (PMD).
public struct PolarH10: Driver {
    public static let manifest = Manifest(
        id: "polar-h10", family: "PolarH10", vendor: "Polar Electro",
        models: ["H10", "H9 (heart rate)", "OH1 (heart rate)", "Verity Sense (heart rate)"],
        bluetooth: profile,
        metrics: HeartRateService.metrics
            + [.ecgLead, .accelerationX, .accelerationY, .accelerationZ, .batteryLevel],
        formats: ["ecg", "ecg-acceleration"], silenceSecondsMax: 10, evidence: .vendorDocumentAndCaptures,
        sources: [
            "Polar, Measurement Data Specification for 3rd Party (polarofficial/polar-ble-sdk)",
            "polarofficial/polar-ble-sdk issues 227, 265, 281, 287, 360, 691", "phdiethelm/h10_ecg",
        ])

    private static let profile = BluetoothProfile(
        recognition: [
            .init(namePrefixes: ["Polar H10"], model: "Polar H10"),
            .init(namePrefixes: ["Polar H9"], model: "Polar H9"),
            .init(namePrefixes: ["Polar OH1"], model: "Polar OH1"),
            .init(namePrefixes: ["Polar Sense", "Polar Verity"], model: "Polar Verity Sense"),
        ],
        characteristics: StandardServices.uses + HeartRateService.uses(isRequired: true) + PolarControl.uses,
        // A frame of 73 samples needs 232; a strap with less does not answer, or sends short frames.
        mtuMin: 232, pace: .stream)

    private var standard = StandardServices()
    private var heart = HeartRateService()
    private var control: PolarControl
    private var ecg: PolarStream
    private var acceleration: PolarStream

    public init(settings: DriverSettings) {
        let wanted: [PolarType] =
            !settings.reportsWaveforms
            ? [] : settings.format == "ecg-acceleration" ? [.ecg, .acceleration] : [.ecg]
        control = PolarControl(wanted: wanted)
        ecg = PolarStream(.ecg, [.ecgLead], scale: 0.001, isOn: !wanted.isEmpty)
        acceleration = PolarStream(
            .acceleration, [.accelerationX, .accelerationY, .accelerationZ],
            // Thousandths of standard gravity.
            scale: 0.009_806_65, isOn: wanted.contains(.acceleration))
    }

    public mutating func begin(_ turn: inout Turn) {
        control.begin(&turn)
        turn.wake(at: control.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        if standard.receive(bytes, from: channel, &turn) || heart.receive(bytes, from: channel, &turn) { return }
        switch channel {
        case PolarControl.channel:
            control.receive(bytes, &turn)
            ecg.prepare(control.ecg, &turn)
            acceleration.prepare(control.acceleration, &turn)
            turn.wake(at: control.deadline)
        case PolarControl.data: receiveFrame(bytes, &turn)
        default: turn.report(.unknown(channel.name))
        }
    }

    public mutating func wake(_ turn: inout Turn) {
        control.wake(&turn)
        turn.wake(at: control.deadline)
    }

    public mutating func end(_ turn: inout Turn) {
        ecg.end(&turn)
        acceleration.end(&turn)
        control.end(&turn)
    }

    private mutating func receiveFrame(_ bytes: Span<UInt8>, _ turn: inout Turn) {
        guard let frame = PolarFrame(bytes) else {
            turn.report(.malformed("\(PolarControl.data.name): shorter than its head"))
            return
        }
        switch frame.type {
        case PolarType.ecg.rawValue:
            ecg.receive(frame, bytes, doubts: heart.hasContact == false ? .leadOff : [], &turn)
        case PolarType.acceleration.rawValue: acceleration.receive(frame, bytes, doubts: [], &turn)
        default: turn.report(.unknown("measurement \(frame.type)"))
        }
    }
}
