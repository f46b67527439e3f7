import Bytes
import DriverKit
import Vitals

/// What the packets say.
///
///     0F 01   SpO2, pulse rate (2, low byte first), PI × 10, status, battery in bits 6–7       once a second
///     0F 02   five wave samples, bit 7: beat                                                   ten a second
///     0F 21   mode, step, two numbers                      2D 01   breaths per minute, bit 0: none
///     F0 01   software (2), hardware, name                 F0 02   serial number     F0 03   battery 0–3
///
/// 0 is no value. Status: 1 probe off, 2 searching, 3 check the probe.
struct CreativeLive: Sendable {
    private let oxygen = LiveNumber(.oxygenSaturation, valid: 1 ... 100, missing: [0], framesPerSecond: 1)
    private let pulse = LiveNumber(.pulseRate, valid: 1 ... 511, missing: [0], framesPerSecond: 1)
    private let perfusion = LiveNumber(
        .perfusionIndex, valid: 1 ... 255, missing: [0], scale: 0.1, framesPerSecond: 1)
    private let respiration = LiveNumber(.respirationRateAirway, valid: 6 ... 60, missing: [0], framesPerSecond: 1)
    private var wave: SampleBlock
    private var isOff = false
    private var doubts: QualityReasons = []
    private var unknownKinds: Set<UInt16> = []
    private var batteryBars: UInt8?

    static let samplesPerSecond = 50
    private static let samplesPerPacket = 5
    /// Each unknown kind is told once, and no more than so many.
    private static let unknownKindsMax = 8
    private static let textBytesMax = 64

    init(reportsWaveforms: Bool) {
        wave = SampleBlock(.plethysmogram, samplesPerSecond: Self.samplesPerSecond, isOn: reportsWaveforms)
    }

    /// `packet` was given by the finder, which passed over `lostBytes` in front of it.
    mutating func tell(_ packet: [UInt8], lostBytes: Int, _ turn: inout Turn) {
        if lostBytes > 0 { wave.interrupt(lost: 0, &turn) }
        let data = Array(packet[(CreativePacket.headBytes + 1)...].dropLast())
        switch (packet[2], packet[4]) {
        case (0x0F, 0x01) where data.count >= 5: tellNumbers(data, &turn)
        case (0x0F, 0x02): tellWave(data, &turn)
        case (0x0F, 0x20): break
        case (0x0F, 0x21) where data.count >= 2: tellMode(data, &turn)
        case (0x2D, 0x01) where data.count >= 2: tellRespiration(data, &turn)
        case (0xF0, 0x01) where data.count >= 3: tellVersion(data, &turn)
        case (0xF0, 0x02):
            if let serial = Self.text(data[...]) { turn.report(DeviceInformation(serialNumber: serial)) }
        case (0xF0, 0x03) where data.count >= 1: tellBattery(data[0] & 3, &turn)
        default: tellUnknown(packet[2], packet[4], &turn)
        }
    }

    mutating func end(_ turn: inout Turn) { wave.flush(&turn) }

    private mutating func tellNumbers(_ data: [UInt8], _ turn: inout Turn) {
        let status = data[4]
        isOff = status & 0x02 != 0
        doubts = status & 0x04 != 0 ? .searching : []
        var unusable: QualityReasons = isOff ? .sensorOff : []
        if status & 0x08 != 0 { unusable.insert(.sensorFault) }
        let rate = UInt16(data[1]) | UInt16(data[2]) << 8
        turn.report(oxygen.reading(UInt16(data[0]), unusable: unusable, doubts: doubts))
        turn.report(pulse.reading(rate, unusable: unusable, doubts: doubts))
        turn.report(perfusion.reading(UInt16(data[3]), unusable: unusable, doubts: doubts))
        if data.count > 5 { tellBattery(data[5] >> 6, &turn) }
    }

    private mutating func tellWave(_ data: [UInt8], _ turn: inout Turn) {
        guard data.count == Self.samplesPerPacket else {
            turn.report(.malformed("wave of \(data.count) samples"))
            return
        }
        guard !isOff else { return wave.interrupt(lost: data.count, &turn) }
        for byte in data { wave.append(Int32(byte & 0x7F), doubts: doubts, &turn) }
    }

    private func tellMode(_ data: [UInt8], _ turn: inout Turn) {
        var fields: [DeviceStatus.Field] = [.init("mode", Int(data[0])), .init("step", Int(data[1]))]
        for (index, byte) in data.dropFirst(2).prefix(2).enumerated() {
            fields.append(.init("parameter-\(index + 1)", Int(byte)))
        }
        turn.report(DeviceStatus(fields))
    }

    private func tellRespiration(_ data: [UInt8], _ turn: inout Turn) {
        turn.report(respiration.reading(UInt16(data[0]), unusable: []))
        turn.report(DeviceStatus([.init("no-breathing", Int(data[1] & 1))]))
    }

    private func tellVersion(_ data: [UInt8], _ turn: inout Turn) {
        turn.report(DeviceInformation(model: Self.text(data.dropFirst(3)), firmware: "\(data[0]).\(data[1])"))
    }

    /// Four steps are no percentage.
    private mutating func tellBattery(_ bars: UInt8, _ turn: inout Turn) {
        guard bars != batteryBars else { return }
        batteryBars = bars
        turn.report(DeviceStatus([.init("battery-bars", Int(bars))]))
    }

    private mutating func tellUnknown(_ token: UInt8, _ type: UInt8, _ turn: inout Turn) {
        let kind = UInt16(token) << 8 | UInt16(type)
        guard unknownKinds.count < Self.unknownKindsMax, unknownKinds.insert(kind).inserted else { return }
        turn.report(.unknown("packet \(Hex.text([token, type]))"))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        var text = ""
        for byte in bytes.prefix(textBytesMax) {
            guard byte != 0 else { break }
            text.append((0x20 ..< 0x7F).contains(byte) ? Character(UnicodeScalar(byte)) : "?")
        }
        return text.isEmpty ? nil : text
    }
}
