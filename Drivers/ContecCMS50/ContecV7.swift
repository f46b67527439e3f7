public import DriverKit
import Vitals

/// Contec CMS50 oximeters with the vendor's protocol V7.0: live data on request, stored data by user and
/// segment, a clock, and a sign of life every five seconds.
public struct ContecV7: Driver {
    public static let manifest = Manifest(
        id: "contec-cms50-v7", family: "ContecCMS50", vendor: "Contec",
        models: [
            "CMS50D+ from firmware 4.6", "CMS50E", "CMS50F firmware 3.7", "CMS50EW", "CMS50FW", "CMS50IW", "CMS50H",
            "CMS50I", "Pulox PO-250",
        ],
        serial: SerialSettings(baud: 115_200),
        usb: [USBIdentity(vendor: 0x10C4, product: 0xEA60, isGenericBridge: true)],
        // Stop, who are you, go live.
        probe: .query,
        metrics: [.oxygenSaturation, .pulseRate, .perfusionIndex, .plethysmogram], canFetchStored: true,
        canSetClock: true, evidence: .vendorDocumentAndCaptures,
        sources: [
            "Contec, Communication protocol of pulse oximeter V7.0 (2010-07-08)", "MarkMLl/Contec_cms50dplus",
            "OSCAR", "timegrid/CMS50Dplus7", "bmartin427/CMS50", "tobac/cms50ew", "albertcbraun/CMS50FW",
        ])

    private var framer = ContecV7Framer()
    private var live: ContecV7Live
    private var segment = ContecV7Segment()
    private var conversation: ContecV7Conversation
    private var model = ""

    public init(settings: DriverSettings) {
        live = ContecV7Live(reportsWaveforms: settings.reportsWaveforms)
        conversation = ContecV7Conversation(settings)
    }

    public mutating func begin(_ turn: inout Turn) {
        conversation.begin(&turn)
        turn.wake(at: conversation.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        var hasLive = false
        while index < bytes.count {
            if framer.isBetweenPackets, let frame = ContecV7LiveFrame(bytes, at: index) {
                index &+= ContecV7LiveFrame.length
                hasLive = true
                live.tell(frame, &turn)
                continue
            }
            let packet = framer.take(bytes[index], &turn)
            index &+= 1
            if let packet { hasLive = take(packet, &turn) || hasLive }
        }
        if hasLive { conversation.hearLive(turn) }
        turn.wake(at: conversation.deadline)
    }

    public mutating func wake(_ turn: inout Turn) {
        conversation.wake(&segment, &turn)
        turn.wake(at: conversation.deadline)
    }

    public mutating func end(_ turn: inout Turn) {
        framer.end(&turn)
        live.end(&turn)
        conversation.end(&segment, &turn)
    }

    /// `true` for live data.
    private mutating func take(_ packet: ContecV7Packet, _ turn: inout Turn) -> Bool {
        if let frame = ContecV7LiveFrame(packet.bytes.span, at: 0) {
            if packet.lostBytesBefore > 0 { live.interrupt(lostBytes: packet.lostBytesBefore, &turn) }
            live.tell(frame, &turn)
            return true
        }
        tell(packet, &turn)
        conversation.hear(packet, &segment, &turn)
        return false
    }

    private mutating func tell(_ packet: ContecV7Packet, _ turn: inout Turn) {
        switch packet.type {
        case 0x02: takeModel(packet, &turn)
        case 0x03: Self.tellVendor(packet, &turn)
        case 0x04: turn.report(.feature("device-id", Self.trimmed(packet.text(from: 0))))
        case 0x05: turn.report(.feature("user", String(packet[0])))
        case 0x06: turn.report(.feature("protocol-version", String(packet[1])))
        case 0x07:
            segment.takeDate(packet)
            let year = Self.digits(packet[2]) + Self.digits(packet[3])
            let date = [year, Self.digits(packet[4]), Self.digits(packet[5])].joined(separator: "-")
            turn.report(.answered(command: "start-date", result: date))
        case 0x12:
            segment.takeTime(packet)
            let time = [packet[2], packet[3], packet[4]].map(Self.digits).joined(separator: ":")
            turn.report(.answered(command: "start-time", result: time))
        case 0x08: segment.takeLength(packet, &turn)
        case 0x0F: segment.takePairs(packet, &turn)
        case 0x09: segment.takeRecord(packet, &turn)
        case 0x0A: turn.report(.feature("segments", String(packet[1])))
        case 0x0B:
            turn.report(.answered(command: hexadecimal(packet[0]), result: ContecV7.reason(packet[1])))
        case 0x0C: turn.report(.answered(command: "stop", result: "free"))
        case 0x0D: turn.report(.disconnecting(reason: ContecV7.reason(packet[0])))
        case 0x0E:
            segment.hasPerfusion = packet[0] == 0
            turn.report(.feature("perfusion-index", packet[0] == 0 ? "yes" : "no"))
        case 0x10: turn.report(.feature("users", String(packet[0])))
        case 0x11 where packet[0] == 1: turn.report(.hasStored(packet[1] != 0))
        case 0x11: turn.report(.unknown("device notice \(hexadecimal(packet[0]))"))
        case 0x15: segment.hasPerfusion = packet[2] == 0xA1
        default: break
        }
    }

    /// The name comes in parts; the last one is marked with FF.
    private mutating func takeModel(_ packet: ContecV7Packet, _ turn: inout Turn) {
        if packet[0] == 0 { model = "" }
        guard model.utf8.count < 32 else { return }
        model += packet.text(from: 1)
        guard packet[0] != 0 else { return }
        turn.report(DeviceInformation(model: Self.trimmed(model)))
    }

    private static func tellVendor(_ packet: ContecV7Packet, _ turn: inout Turn) {
        let vendor = trimmed(packet.text(from: 0))
        if !vendor.isEmpty { turn.report(DeviceInformation(manufacturer: vendor)) }
    }

    /// Two decimal digits.
    private static func digits(_ byte: UInt8) -> String { byte < 10 ? "0\(byte)" : String(byte) }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        while text.first == " " { text.removeFirst() }
        return String(text)
    }

    private static func reason(_ code: UInt8) -> String {
        switch code {
        case 0: "done"
        case 1: "power-off"
        case 2: "user-change"
        case 3: "recording"
        case 4: "delete-failed"
        case 5: "unsupported"
        default: "unknown-\(hexadecimal(code))"
        }
    }
}
