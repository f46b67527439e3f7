import DriverKit
import Loop
import Simulation
import Vitals

/// An oximeter that exists only here. It talks in packets that nobody can misread.
///
///     B0 spo2 pulse                  now; 7F: the sensor is off
///     B1 spo2 pulse                  now, while the patient moves
///     B2 yy mm dd hh mm ss spo2      from its memory
///     B3 yy mm dd hh mm ss           its clock
///     B4 percent                     its battery
///     B5 yy mm dd hh mm ss           its clock was set to that
///
/// It is sent D0 to fetch its memory and EE for goodbye.
struct Bedside: Driver {
    static let manifest = Manifest(
        id: "bedside", family: "Bedside", vendor: "Nobody", models: ["Bedside"], serial: SerialSettings(baud: 9600),
        bluetooth: BluetoothProfile(
            recognition: [.init(namePrefixes: ["Bedside"], model: "Bedside 7")],
            characteristics: [
                CharacteristicUse(
                    .serial, service: BluetoothUUID(0x1822), characteristic: BluetoothUUID(0x2A5F),
                    access: .subscribe)
            ], pairing: .bonded),
        metrics: [.oxygenSaturation, .pulseRate, .batteryLevel], canFetchStored: true, evidence: .example,
        sources: [])

    static let fetch: [UInt8] = [0xD0]
    static let goodbye: [UInt8] = [0xEE]

    private let settings: DriverSettings
    private var rest: [UInt8] = []

    init(settings: DriverSettings) { self.settings = settings }

    mutating func begin(_ turn: inout Turn) {
        if settings.fetchesStored { turn.send(Self.fetch) }
    }

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices { rest.append(bytes[index]) }
        while let first = rest.first {
            guard let length = [0xB0: 3, 0xB1: 3, 0xB2: 8, 0xB3: 7, 0xB4: 2, 0xB5: 7][first] else {
                rest.removeFirst()
                turn.report(.dropped(bytes: 1))
                continue
            }
            guard rest.count >= length else { return }
            tell(Array(rest[..<length]), &turn)
            rest.removeFirst(length)
        }
    }

    mutating func end(_ turn: inout Turn) { turn.send(Self.goodbye) }

    private func tell(_ packet: [UInt8], _ turn: inout Turn) {
        switch packet[0] {
        case 0xB0: live(packet, .valid, &turn)
        case 0xB1: live(packet, .questionable(.motion), &turn)
        case 0xB2:
            turn.report(
                Reading(.oxygenSaturation, Double(packet[7]), source: .stored, deviceTime: Self.time(packet[1...])))
        case 0xB3: if let time = Self.time(packet[1...]) { turn.report(.clock(time)) }
        case 0xB5: if let time = Self.time(packet[1...]) { turn.report(.clockSet(time)) }
        default: turn.report(Reading(.batteryLevel, Double(packet[1])))
        }
    }

    private func live(_ packet: [UInt8], _ quality: Quality, _ turn: inout Turn) {
        for (metric, byte) in [(Metric.oxygenSaturation, packet[1]), (.pulseRate, packet[2])] {
            let isOff = byte == 0x7F
            turn.report(Reading(metric, isOff ? nil : Double(byte), isOff ? .invalid(.sensorOff) : quality))
        }
    }

    private static func time(_ bytes: ArraySlice<UInt8>) -> CivilTime? {
        let parts = bytes.map(Int.init)
        return CivilTime(
            year: 2000 + parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4],
            second: parts[5])
    }

    /// A packet with a time in it.
    static func packet(_ kind: UInt8, _ time: CivilTime, _ rest: [UInt8] = []) -> [UInt8] {
        [
            kind, UInt8(time.year - 2000), UInt8(time.month), UInt8(time.day), UInt8(time.hour), UInt8(time.minute),
            UInt8(time.second),
        ] + rest
    }
}

/// What a patient's saturation is in each second; `nil`: nothing is sent.
typealias Signal = @Sendable (_ second: Int) -> UInt8?

extension ScriptedLink {
    /// A bedside oximeter that sends the signal, one packet a second, until `end`.
    static func bedside(
        _ path: String, on loop: EventLoop, until end: Int, kind: UInt8 = 0xB0, _ signal: @escaping Signal
    ) -> ScriptedLink {
        var second = Int(loop.now.nanoseconds / 1_000_000_000)
        return ScriptedLink(
            path: path, on: loop,
            next: {
                while second < end {
                    defer { second += 1 }
                    if let value = signal(second) {
                        return .bytes([kind, value, 70], at: .boot + .seconds(second))
                    }
                }
                return nil
            })
    }
}
