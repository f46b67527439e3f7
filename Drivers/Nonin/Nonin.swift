import Bytes
public import DriverKit
import Vitals

/// Nonin oximeters on a serial line: data formats 2, 7, 8 and 13, told apart by what comes.
public struct Nonin: Driver {
    public static let manifest = Manifest(
        id: "nonin-serial", family: "Nonin", vendor: "Nonin Medical",
        models: ["Onyx II 9560", "WristOx2 3150", "Xpod 3012LP USB", "Xpod 3011", "OEM III"],
        serial: SerialSettings(baud: 9600),
        usb: [USBIdentity(vendor: 0x0403, product: 0x6001, isGenericBridge: true)],
        metrics: [.oxygenSaturation, .pulseRate, .plethysmogram], formats: ["2", "7", "8", "13"],
        canSetClock: true, evidence: .vendorDocument,
        sources: [
            "Nonin, Onyx II Model 9560 Bluetooth OEM Specification 6470-000-01", "mattjlewis/NoninPulseOx",
            "mdpnp/mdpnp", "silverbullet-dk/opentele-client-android", "agricolab/app-nonin",
        ])

    private var commands: NoninCommands
    private var live: NoninLive
    private var short = NoninShortLive()
    private var mode = Mode.searching
    /// What has not been recognised yet.
    private var candidate: [96 of UInt8] = .init(repeating: 0)
    private var candidateCount = 0
    private var gap = Gap()
    private var lostBytes = 0
    private var spotsWithoutTime = 0
    private var quietAt = Instant.never

    private enum Mode: Hashable, Sendable { case searching, format2, format7, format8 }

    public init(settings: DriverSettings) {
        commands = NoninCommands(settings)
        live = NoninLive(reportsWaveforms: settings.reportsWaveforms)
    }

    public mutating func begin(_ turn: inout Turn) {
        commands.begin(&turn)
        turn.wake(at: commands.deadline)
    }

    public mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        var index = 0
        while index < bytes.count {
            if candidateCount == 0 {
                switch mode {
                case .format7: runFrames(bytes, &index, isFormat2: false, &turn)
                case .format2: runFrames(bytes, &index, isFormat2: true, &turn)
                case .format8: runShortFrames(bytes, &index, &turn)
                case .searching: break
                }
                guard index < bytes.count else { break }
            }
            candidate[candidateCount] = bytes[index]
            candidateCount &+= 1
            index &+= 1
            sort(&turn)
        }
        quietAt = candidateCount > 0 ? turn.now + SyncFramer.quiet : .never
        turn.wake(at: min(quietAt, commands.deadline))
    }

    public mutating func wake(_ turn: inout Turn) {
        if turn.now >= quietAt {
            quietAt = .never
            flush(&turn)
        }
        if turn.now >= commands.deadline { commands.wake(&turn) }
        turn.wake(at: min(quietAt, commands.deadline))
    }

    public mutating func end(_ turn: inout Turn) {
        flush(&turn)
        gap.close(&turn)
        live.end(&turn)
    }
}

// Straight from the bytes that came, while the format is known.
extension Nonin {
    private mutating func runShortFrames(_ bytes: Span<UInt8>, _ index: inout Int, _ turn: inout Turn) {
        while let frame = NoninShortFrame(bytes, at: index) {
            index &+= NoninShortFrame.length
            short.tell(frame, &turn)
        }
    }

    @inline(__always)
    private mutating func runFrames(
        _ bytes: Span<UInt8>, _ index: inout Int, isFormat2: Bool, _ turn: inout Turn
    ) {
        while let frame = NoninFrame(bytes, at: index, isFormat2: isFormat2) {
            index &+= NoninFrame.length
            live.tell(frame, &turn)
        }
    }
}

// What the collected bytes are.
extension Nonin {
    /// Takes from the front of the candidate whatever can be told.
    private mutating func sort(_ turn: inout Turn) {
        while candidateCount > 0, step(&turn) {}
    }

    /// `false` when more bytes are needed.
    private mutating func step(_ turn: inout Turn) -> Bool {
        switch mode {
        case .searching: search(&turn)
        case .format8: takeShortFrame(&turn)
        case .format2: takeFrame(isFormat2: true, &turn)
        case .format7: takeFrame(isFormat2: false, &turn)
        }
    }

    private mutating func search(_ turn: inout Turn) -> Bool {
        if commands.step == .format, candidate[0] == 0x06 || candidate[0] == 0x15 {
            commands.acknowledge(candidate[0], &turn)
            remove(1)
            return true
        }
        switch NoninSearch.examine(candidate.span.extracting(0 ..< candidateCount)) {
        case .needsMore: return candidateCount == NoninSearch.bytesMax ? passOver(1, &turn) : false
        case .nothing: return passOver(1, &turn)
        case .frames(let isFormat2): lock(isFormat2 ? .format2 : .format7, &turn)
        case .shortFrames: lock(.format8, &turn)
        case .spot(let spot, let length):
            closeGap(&turn)
            spot.tell(number: &spotsWithoutTime, &turn)
            remove(length)
        case .reply(let reply, let length):
            closeGap(&turn)
            commands.hear(reply, &turn)
            remove(length)
        }
        return true
    }

    private mutating func lock(_ found: Mode, _ turn: inout Turn) {
        closeGap(&turn)
        live.restart()
        mode = found
    }

    private mutating func takeFrame(isFormat2: Bool, _ turn: inout Turn) -> Bool {
        guard candidateCount >= NoninFrame.length else { return false }
        guard let frame = NoninFrame(candidate.span, at: 0, isFormat2: isFormat2) else {
            turn.report(.checksum)
            mode = .searching
            return true
        }
        remove(NoninFrame.length)
        live.tell(frame, &turn)
        return true
    }

    private mutating func takeShortFrame(_ turn: inout Turn) -> Bool {
        for index in 0 ..< min(candidateCount, NoninShortFrame.length)
        where (candidate[index] >= 0x80) != (index == 0) {
            mode = .searching
            return true
        }
        guard candidateCount >= NoninShortFrame.length, let frame = NoninShortFrame(candidate.span, at: 0)
        else { return false }
        remove(NoninShortFrame.length)
        short.tell(frame, &turn)
        return true
    }

    /// Nothing more will come soon: what is there is all there is.
    private mutating func flush(_ turn: inout Turn) {
        guard mode == .searching, candidateCount > 0 else { return }
        guard let (start, found) = NoninSearch.examineLast(candidate.span.extracting(0 ..< candidateCount))
        else { return }
        if start > 0 { _ = passOver(start, &turn) }
        switch found {
        case .frames(let isFormat2): lock(isFormat2 ? .format2 : .format7, &turn)
        case .shortFrames: lock(.format8, &turn)
        default: return
        }
        sort(&turn)
    }

    private mutating func passOver(_ count: Int, _ turn: inout Turn) -> Bool {
        remove(count)
        gap.add(count, &turn)
        lostBytes &+= count
        return true
    }

    private mutating func closeGap(_ turn: inout Turn) {
        gap.close(&turn)
        if lostBytes > 0 { live.interrupt(lostBytes: lostBytes, &turn) }
        lostBytes = 0
    }

    private mutating func remove(_ count: Int) {
        let rest = max(0, candidateCount - count)
        for index in 0 ..< rest { candidate[index] = candidate[index + count] }
        candidateCount = rest
    }
}
