/// The device's side of Contec's protocol V7.0: live packets, and the answers a real oximeter gives.
///
/// Written from the vendor's document, independently of the driver, so that each can find the other's mistakes.
public struct SimulatedCMS50: Sendable {
    public var oxygenSaturation: UInt8 = 98
    public var pulseRate: UInt8 = 70
    /// Percent × 100; `nil`: this model has no perfusion index.
    public var perfusionIndexHundredths: UInt16? = 250
    public var isFingerIn = true
    private var phase = 0.0

    public static let framesPerSecond = 60

    public init() {}

    /// The next live packet: 9 bytes. The pulse wave is drawn from the pulse rate; it is not recorded.
    public mutating func nextFrame() -> [UInt8] {
        phase += Double(pulseRate) / 60 / Double(Self.framesPerSecond)
        phase -= phase.rounded(.down)
        let wave = isFingerIn ? UInt8(20 + 90 * Self.pulse(at: phase)) : 0x40
        let index = perfusionIndexHundredths ?? 0xFFFF
        let isIndexValid = isFingerIn && perfusionIndexHundredths != nil
        let data: [UInt8] = [
            (isFingerIn ? 0x05 : 0x80) | (phase < 0.1 && isFingerIn ? 0x40 : 0),
            wave,
            (wave / 8) | (isIndexValid ? 0 : 0x10),
            isFingerIn ? pulseRate : 0xFF,
            isFingerIn ? oxygenSaturation : 0x7F,
            isIndexValid ? UInt8(index & 0xFF) : 0xFF,
            isIndexValid ? UInt8(index >> 8) : 0xFF,
        ]
        return Self.package(type: 0x01, data)
    }

    /// A package: its type, the high bits of its data, and the data with bit 7 set.
    public static func package(type: UInt8, _ data: [UInt8]) -> [UInt8] {
        var high: UInt8 = 0x80
        for (index, byte) in data.prefix(7).enumerated() where byte & 0x80 != 0 { high |= 1 << UInt8(index) }
        return [type, high] + data.map { $0 | 0x80 }
    }

    /// What it answers to a command of the host; empty for those that it obeys in silence.
    public func answer(to command: UInt8) -> [UInt8] {
        switch command {
        case 0xA2, 0xA7: Self.package(type: 0x0C, [])
        case 0xA8: Self.package(type: 0x02, [0x00] + Array("SIM50 ".utf8))
        case 0xAC: Self.package(type: 0x0E, [perfusionIndexHundredths == nil ? 1 : 0])
        case 0xB1, 0xB2: Self.package(type: 0x0B, [command, 0])
        default: []
        }
    }

    /// A rise of a fifth of the beat, a fall with a notch: between 0 and 1.
    private static func pulse(at phase: Double) -> Double {
        if phase < 0.2 { return phase / 0.2 }
        if phase < 0.45 { return 1 - (phase - 0.2) * 2.4 }
        if phase < 0.55 { return 0.4 + (phase - 0.45) * 1.2 }
        return 0.52 * (1 - phase) / 0.45
    }
}
