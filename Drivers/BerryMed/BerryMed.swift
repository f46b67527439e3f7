import Bytes
public import DriverKit
import Vitals

/// BerryMed oximeters and the OEM modules behind many others: the BCI protocol or Berry's own V1.5, whichever
/// the device turns out to speak.
public struct BerryMed: Driver {
    public static let manifest = Manifest(
        id: "berrymed-bci", family: "BerryMed", vendor: "Shanghai Berry",
        models: ["BM1000B", "BM1000C", "BM1000E", "BM2000", "OEM oximeters with the BCI protocol"],
        serial: SerialSettings(baud: 115_200),
        usb: [USBIdentity(vendor: 0x10C4, product: 0xEA60, isGenericBridge: true)],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: ["BerryMed"], services: [uart]),
                BluetoothProfile.Recognition(namePrefixes: ["BerryMed"]),
            ],
            characteristics: [
                CharacteristicUse(
                    Channel("berry-data"), service: uart, characteristic: uartData, access: .subscribe,
                    framing: .stream)
            ], pace: .stream),
        metrics: [
            .oxygenSaturation, .pulseRate, .perfusionIndex, .rrInterval, .batteryLevel, .plethysmogram,
        ],
        evidence: .vendorDocument,
        sources: [
            "Shanghai Berry, BCI Protocol V1.2", "zh2x/SpO2-BLE-for-Android",
            "adafruit/Adafruit_CircuitPython_BLE_BerryMed_Pulse_Oximeter", "atick-faisal/berry-oximeter",
        ])

    /// The transparent UART of ISSC (Microchip), which devices of many kinds have: the name decides.
    private static let uart = BluetoothUUID(high: 0x4953_5343_FE7D_4AE5, low: 0x8FA9_9FAF_D205_E455)
    private static let uartData = BluetoothUUID(high: 0x4953_5343_1E4D_4BD9, low: 0xBA61_23C6_4724_9616)

    private var bci: BerryBCI
    private var packets: BerryPackets
    /// What may become a V1.5 packet; it begins with FF, which no BCI frame does.
    private var candidate = FrameBuffer<22>()
    private var speaksPackets = false
    private var gap = Gap()
    /// Bytes in a row that were no part of a packet, since packets are spoken.
    private var strayBytes = 0
    private var quietAt = Instant.never

    /// So many bytes without a packet: perhaps it is another device now.
    private static let strayBytesMax = 256

    public init(settings: DriverSettings) {
        bci = BerryBCI(reportsWaveforms: settings.reportsWaveforms)
        packets = BerryPackets(reportsWaveforms: settings.reportsWaveforms)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            if candidate.isEmpty {
                if speaksPackets {
                    if let packet = BerryPacket(bytes, at: index), packet.hasGoodSum {
                        index &+= BerryPacket.length
                        tell(packet, &turn)
                        continue
                    }
                } else {
                    bci.decode(bytes, at: &index, stoppingBefore: 0xFF, &turn)
                    guard index < bytes.count else { break }
                }
            }
            candidate.append(bytes[index])
            index &+= 1
            examine(&turn)
        }
        quietAt = candidate.isEmpty && !bci.framer.isHolding ? .never : turn.now + SyncFramer.quiet
        turn.wake(at: quietAt)
    }

    public mutating func wake(_ turn: inout Turn) {
        guard turn.now >= quietAt else { return }
        flush(&turn)
        quietAt = .never
    }

    public mutating func end(_ turn: inout Turn) {
        flush(&turn)
        gap.close(&turn)
        bci.end(&turn)
        packets.end(&turn)
    }
}

// Finding packets.
extension BerryMed {
    private mutating func examine(_ turn: inout Turn) {
        while !candidate.isEmpty {
            guard candidate[0] == 0xFF, candidate.count < 2 || candidate[1] == 0xAA else {
                passOver(&turn)
                continue
            }
            guard let packet = BerryPacket(candidate) else { return }
            if !packet.hasGoodSum {
                guard candidate.count == 22 else { return }
                guard candidate[20] == 0xFF, candidate[21] == 0xAA else {
                    passOver(&turn)
                    continue
                }
            }
            tell(packet, &turn)
            candidate.removeFirst(BerryPacket.length)
        }
    }

    /// The first byte of the candidate begins no packet.
    private mutating func passOver(_ turn: inout Turn) {
        let byte = candidate[0]
        candidate.removeFirst()
        guard speaksPackets else { return bci.take(byte, &turn) }
        gap.add(1, &turn)
        packets.lostBytes &+= 1
        strayBytes &+= 1
        if strayBytes >= Self.strayBytesMax {
            speaksPackets = false
            bci.restart()
        }
    }

    private mutating func tell(_ packet: BerryPacket, _ turn: inout Turn) {
        if !speaksPackets {
            speaksPackets = true
            bci.abandon(&turn)
            packets.restart()
        }
        strayBytes = 0
        if !gap.isEmpty { gap.close(&turn) }
        if !packet.hasGoodSum { turn.report(.checksum) }
        packets.tell(packet, &turn)
    }

    /// Nothing more will come soon: what was held is decided.
    private mutating func flush(_ turn: inout Turn) {
        if speaksPackets, let packet = BerryPacket(candidate) {
            tell(packet, &turn)
            candidate.removeFirst(BerryPacket.length)
        }
        if !speaksPackets {
            while !candidate.isEmpty { passOver(&turn) }
        }
        bci.flush(&turn)
    }
}
