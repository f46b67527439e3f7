public import DriverKit
import Vitals

/// Contec CMS50 oximeters with the first protocol (vendor paper "V5.0A"): a stream of five-byte frames that
/// needs no command, and a download of what is stored.
public struct ContecV5: Driver {
    public static let manifest = Manifest(
        id: "contec-cms50-v5", family: "ContecCMS50", vendor: "Contec",
        models: ["CMS50D+ before firmware 4.6", "CMS50E and CMS50F with older firmware", "CMS-P"],
        serial: SerialSettings(baud: 19_200, parity: .odd),
        usb: [USBIdentity(vendor: 0x10C4, product: 0xEA60, isGenericBridge: true)],
        metrics: [.oxygenSaturation, .pulseRate, .plethysmogram], canFetchStored: true,
        evidence: .vendorDocument,
        sources: [
            "Contec, Communication protocol (V5.0A)", "atbrask/CMS50Dplus", "OSCAR", "nonspecialist/cms-p",
        ])

    private let settings: DriverSettings
    private var live: ContecV5Live
    private var download = ContecV5Download()
    private var quietAt = Instant.never

    public init(settings: DriverSettings) {
        self.settings = settings
        live = ContecV5Live(reportsWaveforms: settings.reportsWaveforms)
    }

    public mutating func begin(_ turn: inout Turn) {
        guard settings.fetchesStored else { return }
        download.begin(&turn)
        turn.wake(at: download.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while download.isActive, index < bytes.count {
            download.take(bytes[index], &live, &turn)
            index &+= 1
        }
        live.decode(bytes, from: index, &turn)
        quietAt = live.framer.isHolding ? turn.now + SyncFramer.quiet : .never
        turn.wake(at: min(quietAt, download.deadline))
    }

    public mutating func wake(_ turn: inout Turn) {
        if turn.now >= quietAt {
            quietAt = .never
            live.flush(&turn)
        }
        if turn.now >= download.deadline { download.wake(&turn) }
        turn.wake(at: min(quietAt, download.deadline))
    }

    public mutating func end(_ turn: inout Turn) {
        if download.isActive { download.end(&live, &turn) }
        live.end(&turn)
    }
}
