import Bytes
public import DriverKit
import Vitals

/// The small ECG recorders ER1, ER2, DuoEK and VisualBeat: heart rate and ECG asked for twice a second, a clock,
/// the list of what is stored.
public struct ViatomER1: Driver {
    public static let manifest = Manifest(
        id: "viatom-er1", family: "ViatomER1", vendor: "Viatom (Wellue, Lepu)",
        models: ["ER1", "ER1-S", "ER2", "ER2-S", "DuoEK", "VisualBeat (VBeat)", "HHM1", "HHM2", "HHM3"],
        bluetooth: BluetoothProfile(
            recognition: [
                BluetoothProfile.Recognition(namePrefixes: names, services: [service]),
                BluetoothProfile.Recognition(namePrefixes: names),
            ],
            characteristics: [
                CharacteristicUse(
                    replies, service: service, characteristic: replyCharacteristic, access: .subscribe,
                    framing: .stream),
                CharacteristicUse(
                    requests, service: service, characteristic: requestCharacteristic,
                    access: .writeWithoutResponse, writeBytesMax: 20),
            ], pace: .stream),
        metrics: [.heartRate, .ecgLead, .batteryLevel], canSetClock: true, silenceSecondsMax: 10,
        evidence: .vendorDocument,
        sources: [
            "viatomEcho/LepuBle (the vendor's SDK)", "viatom-dev/iOSERModule (the vendor's header)",
            "viatom-develop/LepuDemo",
        ])

    static let replies = Channel("er1-reply")
    static let requests = Channel("er1-request")

    private static let service = BluetoothUUID(high: 0x1483_9AC4_7D7E_415C, low: 0x9A42_1673_40CF_2339)
    private static let replyCharacteristic = BluetoothUUID(high: 0x0734_594A_A8E7_4B1A, low: 0xA6B1_CD52_4305_9A57)
    private static let requestCharacteristic =
        BluetoothUUID(high: 0x8B00_ACE7_EB0B_49B0, low: 0xBBE9_9AEE_0A26_E1A3)
    /// The service is that of the oximeter rings too, with other packets: the name decides. ER3 and M12 have
    /// several leads at another rate, BP2 measures pressure: they are not among them.
    private static let names = ["ER1", "ER2", "DuoEK", "VBeat", "VisualBeat", "HHM1", "HHM2", "HHM3"]

    private var finder = PacketFinder<ER1Format>()
    private var conversation: ER1Conversation
    private var quietAt = Instant.never

    public init(settings: DriverSettings) { conversation = ER1Conversation(settings) }

    public mutating func begin(_ turn: inout Turn) {
        conversation.begin(&turn)
        turn.wake(at: conversation.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            finder.append(bytes, from: &index)
            while let packet = finder.next(&turn) { conversation.hear(ER1Reply(packet), &turn) }
        }
        quietAt = finder.isHolding ? turn.now + PacketFinder<ER1Format>.quiet : .never
        turn.wake(at: min(quietAt, conversation.deadline))
    }

    public mutating func wake(_ turn: inout Turn) {
        if turn.now >= quietAt {
            while let packet = finder.nextAfterQuiet(&turn) { conversation.hear(ER1Reply(packet), &turn) }
            quietAt = .never
        }
        conversation.wake(&turn)
        turn.wake(at: min(quietAt, conversation.deadline))
    }

    public mutating func end(_ turn: inout Turn) {
        finder.end(&turn)
        conversation.end()
    }
}
