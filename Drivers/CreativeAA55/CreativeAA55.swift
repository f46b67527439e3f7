import Bytes
public import DriverKit
import Vitals

/// Creative's (Lepu's) oximeters that speak in packets beginning AA 55, by whichever service carries them.
public struct CreativeAA55: Driver {
    public static let manifest = Manifest(
        id: "creative-aa55", family: "CreativeAA55", vendor: "Shenzhen Creative (Lepu, Viatom)",
        models: [
            "PC-60FW", "PC-60NW", "PC-66B", "PC-68B", "POD-1", "POD-2B", "PF-10", "PF-20", "S5W", "S6W", "S7W",
            "OxySmart", "SP-20", "AP-20",
        ],
        bluetooth: BluetoothProfile(
            recognition: [BluetoothProfile.Recognition(namePrefixes: names)],
            characteristics: [
                use("uart-data", uart, uartData, .subscribe),
                use("uart-command", uart, uartCommand, .writeWithoutResponse),
                use("fff0-data", BluetoothUUID(0xFFF0), BluetoothUUID(0xFFF1), .subscribe),
                use("fff0-command", BluetoothUUID(0xFFF0), BluetoothUUID(0xFFF2), .writeWithoutResponse),
                use("ffb0", BluetoothUUID(0xFFB0), BluetoothUUID(0xFFB2), [.subscribe, .writeWithoutResponse]),
            ], pace: .stream),
        metrics: [
            .oxygenSaturation, .pulseRate, .perfusionIndex, .plethysmogram, .respirationRateAirway,
        ],
        evidence: .vendorDocumentAndCaptures,
        sources: ["viatomEcho/LepuBle (the vendor's SDK)", "sza2/viatom_pc60fw"])

    /// Services FFF0 and FFB0 are used by many others with other bytes: the name decides.
    private static let names = [
        "PC-60F_SN", "PC-60FW", "PC-60NW", "PC-66B", "PC-68B", "POD-1_SN", "POD-2B_SN", "PF-10", "PF-20", "S5W",
        "S6W", "S7W", "OxySmart", "SP-20", "AP-20",
    ]
    private static let uart = BluetoothUUID(high: 0x6E40_0001_B5A3_F393, low: 0xE0A9_E50E_24DC_CA9E)
    private static let uartCommand = BluetoothUUID(high: 0x6E40_0002_B5A3_F393, low: 0xE0A9_E50E_24DC_CA9E)
    private static let uartData = BluetoothUUID(high: 0x6E40_0003_B5A3_F393, low: 0xE0A9_E50E_24DC_CA9E)
    /// One of them is there, by model.
    private static let commandChannels = ["uart-command", "fff0-command", "ffb0"].map { Channel($0) }

    private static func use(
        _ name: String, _ service: BluetoothUUID, _ characteristic: BluetoothUUID,
        _ access: CharacteristicUse.Access
    ) -> CharacteristicUse {
        CharacteristicUse(
            Channel(name), service: service, characteristic: characteristic, access: access, isRequired: false,
            framing: .stream, writeBytesMax: 20)
    }

    private var finder = PacketFinder<CreativePacket>()
    private var live: CreativeLive
    private let reportsWaveforms: Bool

    public init(settings: DriverSettings) {
        live = CreativeLive(reportsWaveforms: settings.reportsWaveforms)
        reportsWaveforms = settings.reportsWaveforms
    }

    /// Most stream by themselves; asking does no harm.
    public mutating func begin(_ turn: inout Turn) {
        guard let channel = Self.commandChannels.first(where: turn.channels.contains) else { return }
        turn.send(CreativePacket.command(0xF0, 0x81), to: channel)
        turn.send(CreativePacket.command(0xF0, 0x82), to: channel)
        turn.send(CreativePacket.command(0x0F, 0x84, [0x01]), to: channel)
        if reportsWaveforms { turn.send(CreativePacket.command(0x0F, 0x85, [0x01]), to: channel) }
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            finder.append(bytes, from: &index)
            while let packet = finder.next(&turn) {
                live.tell(packet, lostBytes: finder.lostBytesBefore, &turn)
            }
        }
        if finder.isHolding { turn.wake(after: PacketFinder<CreativePacket>.quiet) } else { turn.cancelWake() }
    }

    public mutating func wake(_ turn: inout Turn) {
        while let packet = finder.nextAfterQuiet(&turn) {
            live.tell(packet, lostBytes: finder.lostBytesBefore, &turn)
        }
    }

    public mutating func end(_ turn: inout Turn) {
        finder.end(&turn)
        live.end(&turn)
    }
}
