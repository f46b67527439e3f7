import Bytes
public import DriverKit
import Vitals

/// The O2Ring and its relatives: numbers and pulse wave asked for every second, stored nights, a clock.
public struct ViatomOxy: Driver {
    public static let manifest = Manifest(
        id: "viatom-oxy", family: "ViatomOxy", vendor: "Viatom (Wellue, Lepu)",
        models: [
            "O2Ring", "Checkme O2", "Checkme O2 Max", "SleepO2", "O2BAND", "WearO2", "SleepU", "Oxylink", "KidsO2",
            "BabyO2", "Oxyfit", "OxyRing", "OxyU", "BBSM S1", "BBSM S2", "BBSM S3", "AI S100", "CMRing",
        ],
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
        metrics: [.oxygenSaturation, .pulseRate, .perfusionIndex, .plethysmogram, .batteryLevel],
        canFetchStored: true, canSetClock: true, silenceSecondsMax: 10, evidence: .vendorDocumentAndCaptures,
        sources: [
            "viatomEcho/LepuBle (the vendor's SDK)", "viatom-develop/LepuDemo", "MackeyStingray/o2r",
            "ecostech/viatom-ble", "home-health-hub/viatom-o2ring-ble", "OSCAR",
        ])

    static let replies = Channel("oxy-reply")
    static let requests = Channel("oxy-request")

    private static let service = BluetoothUUID(high: 0x1483_9AC4_7D7E_415C, low: 0x9A42_1673_40CF_2339)
    private static let replyCharacteristic = BluetoothUUID(high: 0x0734_594A_A8E7_4B1A, low: 0xA6B1_CD52_4305_9A57)
    private static let requestCharacteristic =
        BluetoothUUID(high: 0x8B00_ACE7_EB0B_49B0, low: 0xBBE9_9AEE_0A26_E1A3)
    /// The service is that of the ER1 family too, with other packets: the name decides.
    private static let names = [
        "O2 ", "O2Ring", "O2M", "O2BAND", "O2NCI", "Checkme O2", "CheckmeO2", "SleepO2", "SleepU", "WearO2",
        "Oxylink",
        "KidsO2", "BabyO2", "Oxyfit", "OxyRing", "OxyU", "BBSM S1", "BBSM S2", "BBSM S3", "AI S100", "CMRing",
    ]

    private var finder = PacketFinder<OxyPacket>()
    private var conversation: OxyConversation
    private var quietAt = Instant.never

    public init(settings: DriverSettings) { conversation = OxyConversation(settings) }

    public mutating func begin(_ turn: inout Turn) {
        conversation.begin(&turn)
        turn.wake(at: conversation.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            finder.append(bytes, from: &index)
            while let packet = finder.next(&turn) { conversation.hear(OxyReply(packet), &turn) }
        }
        arm(&turn)
    }

    public mutating func wake(_ turn: inout Turn) {
        if turn.now >= quietAt {
            while let packet = finder.nextAfterQuiet(&turn) { conversation.hear(OxyReply(packet), &turn) }
            quietAt = .never
        }
        // What is not complete by then belongs to no answer that is still awaited.
        if turn.now >= conversation.deadline { finder.abandon(&turn) }
        conversation.wake(&turn)
        turn.wake(at: min(quietAt, conversation.deadline))
    }

    public mutating func end(_ turn: inout Turn) {
        finder.end(&turn)
        conversation.end(&turn)
    }

    private mutating func arm(_ turn: inout Turn) {
        quietAt = finder.isHolding ? turn.now + PacketFinder<OxyPacket>.quiet : .never
        turn.wake(at: min(quietAt, conversation.deadline))
    }
}
