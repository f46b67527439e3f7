public import DriverKit
import Vitals

/// Any ECG board, or a bridge to one, that speaks the open format of `docs/open-ecg.md`: a header that says what
/// the numbers mean, at least four times a second, and packets of numbered samples.
///
/// It only listens, and judges nothing by itself.
public struct OpenECG: Driver {
    public static let manifest = Manifest(
        id: "open-ecg", family: "OpenECG", vendor: "anyone",
        models: ["boards and bridges that speak docs/open-ecg.md, version 1"],
        serial: SerialSettings(baud: 115_200), metrics: OpenECGSignal.metrics + [.batteryLevel],
        evidence: .implementations, sources: ["docs/open-ecg.md, our own", "the simulator of the laboratory"])

    private var finder = PacketFinder<OpenECGFormat>()
    private var quietAt = Instant.never
    private var information = DeviceInformation()
    private var battery = LiveNumber(
        .batteryLevel, valid: 0 ... 100, missing: [], framesPerSecond: 60 * headersPerSecond)
    private var signal: OpenECGSignal?
    /// One for each lead.
    private var blocks: [SampleBlock] = []
    /// The number that the next sample should have.
    private var next: UInt32?
    private var leadsOff: UInt8?
    /// Said once until the next good header.
    private var hasToldStray = false
    private let reportsWaveforms: Bool

    private static let headersPerSecond = 4
    private static let sampleBytes = 3
    /// In front of the samples: number of the first, electrodes that are off, nothing yet.
    private static let samplesPlace = 6
    /// A longer hole is a board that was reset: how much is missing is not known.
    private static let holeSecondsMax = 60
    private static let batteryUnknown: UInt8 = 0xFF

    public init(settings: DriverSettings) { reportsWaveforms = settings.reportsWaveforms }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            finder.append(bytes, from: &index)
            while let packet = finder.next(&turn) { take(OpenECGPacket(packet), &turn) }
        }
        quietAt = finder.isHolding ? turn.now + PacketFinder<OpenECGFormat>.quiet : .never
        turn.wake(at: quietAt)
    }

    public mutating func wake(_ turn: inout Turn) {
        guard turn.now >= quietAt else { return }
        while let packet = finder.nextAfterQuiet(&turn) { take(OpenECGPacket(packet), &turn) }
        quietAt = .never
        turn.wake(at: .never)
    }

    public mutating func end(_ turn: inout Turn) {
        finder.end(&turn)
        flush(&turn)
    }

    private mutating func take(_ packet: OpenECGPacket, _ turn: inout Turn) {
        switch packet.kind {
        case OpenECGPacket.header: take(header: packet, &turn)
        case OpenECGPacket.samples: take(samples: packet, &turn)
        default: turn.report(.unknown("kind of packet"))
        }
    }

    // MARK: Header

    private mutating func take(header packet: OpenECGPacket, _ turn: inout Turn) {
        guard let new = OpenECGSignal(packet) else {
            flush(&turn)
            signal = nil
            blocks = []
            return stray("header", &turn)
        }
        hasToldStray = false
        note(packet, leads: new.leads.count, &turn)
        guard new != signal else { return }
        flush(&turn)
        signal = new
        next = nil
        blocks = new.leads.map {
            SampleBlock($0, samplesPerSecond: new.samplesPerSecond, scale: new.scale, isOn: reportsWaveforms)
        }
    }

    private mutating func note(_ packet: OpenECGPacket, leads: Int, _ turn: inout Turn) {
        var place = OpenECGSignal.leadsPlace + leads
        let model = packet.name(at: &place)
        let serialNumber = packet.name(at: &place)
        let firmware = packet.name(at: &place)
        let newer = DeviceInformation(model: model, serialNumber: serialNumber, firmware: firmware)
        let merged = information.merged(with: newer)
        if merged != information {
            information = merged
            turn.report(newer)
        }
        let percent = packet[OpenECGSignal.batteryPlace]
        guard percent != Self.batteryUnknown, battery.isDue(UInt16(percent), flags: 0) else { return }
        turn.report(battery.reading(UInt16(percent), unusable: []))
    }

    // MARK: Samples

    private mutating func take(samples packet: OpenECGPacket, _ turn: inout Turn) {
        guard packet.count > Self.samplesPlace else { return stray("packet without samples", &turn) }
        let off = packet[4]
        if off != leadsOff {
            leadsOff = off
            turn.report(DeviceStatus([.init("leads-off", Int(off))]))
        }
        // Not yet told what they are.
        guard let signal else { return }
        let setBytes = Self.sampleBytes * signal.leads.count
        let bytes = packet.count - Self.samplesPlace
        guard bytes % setBytes == 0 else { return stray("part of a sample", &turn) }
        follow(packet.number32(0), signal, &turn)
        let sets = bytes / setBytes
        for set in 0 ..< sets {
            for lead in blocks.indices {
                let place = Self.samplesPlace + set * setBytes + lead * Self.sampleBytes
                blocks[lead].append(packet.sample(place), doubts: off >> lead & 1 != 0 ? .leadOff : [], &turn)
            }
        }
        next = packet.number32(0) &+ UInt32(truncatingIfNeeded: sets)
    }

    /// What is missing in front of this packet is told with the next block.
    private mutating func follow(_ number: UInt32, _ signal: OpenECGSignal, _ turn: inout Turn) {
        guard let next, number != next else { return }
        let hole = number &- next
        let isKnown = hole <= UInt32(truncatingIfNeeded: Self.holeSecondsMax * signal.samplesPerSecond)
        for lead in blocks.indices { blocks[lead].interrupt(lost: isKnown ? Int(hole) : 0, &turn) }
    }

    private mutating func flush(_ turn: inout Turn) {
        for lead in blocks.indices { blocks[lead].flush(&turn) }
    }

    private mutating func stray(_ what: String, _ turn: inout Turn) {
        guard !hasToldStray else { return }
        hasToldStray = true
        turn.report(.malformed(what))
    }
}
