import Bytes
public import DriverKit
import Vitals

/// An example to copy: a thermometer that nobody makes. It sends one packet a second and needs no request.
///
///     byte 0   A5                                  begins a packet; may also occur inside one
///     byte 1   temperature, low byte               hundredths of a degree Celsius, 0: no value
///     byte 2   temperature, high byte
///     byte 3   sum of the three bytes before it
public struct Template: Driver {
    public static let manifest = Manifest(
        id: "template", family: "Template", vendor: "Nobody", models: ["Example thermometer"],
        serial: SerialSettings(baud: 9600), metrics: [.bodyTemperature], evidence: .example,
        sources: ["Drivers/Template/README.md"])

    private static let length = 4
    private var buffer = FrameBuffer<4>()
    private var gap = Gap()
    private var temperature = LiveNumber(
        .bodyTemperature, valid: 2000 ... 4500, missing: [0], scale: 0.01, framesPerSecond: 1)

    public init(settings: DriverSettings) {}

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices {
            buffer.append(bytes[index])
            while let isGood = examine() {
                if isGood { tell(&turn) } else { passOver(&turn) }
            }
        }
    }

    public mutating func end(_ turn: inout Turn) { gap.close(&turn) }

    /// Whether a good packet stands at the front; `nil` while that cannot be told.
    private func examine() -> Bool? {
        guard !buffer.isEmpty else { return nil }
        guard buffer[0] == 0xA5 else { return false }
        guard buffer.count == Self.length else { return nil }
        return buffer.sum(from: 0, length: 3) == buffer[3]
    }

    private mutating func tell(_ turn: inout Turn) {
        gap.close(&turn)
        let raw = UInt16(buffer[1]) | UInt16(buffer[2]) << 8
        buffer.removeAll()
        if temperature.isDue(raw, flags: 0) { turn.report(temperature.reading(raw, unusable: [])) }
    }

    /// One byte only: a packet may begin inside what looked like another.
    private mutating func passOver(_ turn: inout Turn) {
        if buffer.count == Self.length { turn.report(.checksum) }
        buffer.removeFirst()
        gap.add(1, &turn)
    }
}
