/// A record: its header, and the bytes of its signal files.
public struct Record: Sendable {
    public let header: RecordHeader
    /// As the header says, or as many as the shortest signal file holds.
    public let frameCount: Int
    private let groups: [Group]
    /// For each signal of the header: its group, and its place in a frame of it.
    private let places: [Place]

    /// Signals that share a file.
    private struct Group: Sendable {
        var bytes: [UInt8]
        var format: SignalFormat
        var byteOffset: Int
        var samplesPerFrame: Int
        var frameCount: Int {
            format.sampleCount(bytes: max(0, bytes.count - byteOffset)) / max(1, samplesPerFrame)
        }
    }

    private struct Place: Sendable {
        var group: Int
        var first: Int
    }

    /// - Parameters:
    ///   - name: of the record: its header is `name.hea`.
    ///   - read: gives a file's bytes; what it throws is told as the file's problem.
    public init(named name: String, read: (String) throws -> [UInt8]) throws(WFDBError) {
        let header = try RecordHeader(parsing: try Self.bytes(of: "\(name).hea", read), file: "\(name).hea")
        try self.init(header: header, read: read)
    }

    public init(header: RecordHeader, read: (String) throws -> [UInt8]) throws(WFDBError) {
        var groups: [Group] = []
        var places: [Place] = []
        var file: String?
        for signal in header.signals {
            if signal.file != file {
                let bytes = try Self.bytes(of: signal.file, read)
                groups.append(
                    Group(
                        bytes: bytes, format: signal.format, byteOffset: signal.byteOffset, samplesPerFrame: 0))
                file = signal.file
            }
            let last = groups.count - 1
            guard groups[last].format == signal.format, groups[last].byteOffset == signal.byteOffset else {
                throw WFDBError(
                    file: "\(header.name).hea",
                    problem: "the signals in '\(signal.file)' differ in format or offset: one file has one of each")
            }
            places.append(Place(group: last, first: groups[last].samplesPerFrame))
            groups[last].samplesPerFrame += signal.samplesPerFrame
        }
        self.header = header
        self.groups = groups
        self.places = places
        let held = groups.map(\.frameCount).min() ?? 0
        frameCount = groups.isEmpty ? header.frameCount ?? 0 : min(held, header.frameCount ?? held)
        if let promised = header.frameCount, frameCount < promised,
            let short = groups.firstIndex(where: { $0.frameCount < promised }),
            let place = places.firstIndex(where: { $0.group == short })
        {
            throw WFDBError(
                file: header.signals[place].file,
                problem: "it ends at byte \(groups[short].bytes.count) with \(groups[short].frameCount) samples of "
                    + "each signal, and the header promises \(promised): fetch it again")
        }
    }

    private static func bytes(of file: String, _ read: (String) throws -> [UInt8]) throws(WFDBError) -> [UInt8] {
        do { return try read(file) } catch let error as WFDBError { throw error } catch {
            throw WFDBError(file: file, problem: "it cannot be read: \(error)")
        }
    }

    /// Of one signal; higher than the header's when its frames hold several samples.
    public func sampleRateHz(of signal: Int) -> Double {
        guard header.signals.indices.contains(signal) else { return header.sampleRateHz }
        return header.sampleRateHz * Double(header.signals[signal].samplesPerFrame)
    }

    /// The samples of some frames of one signal as the converter gave them; ``SignalFormat/missing`` where the file
    /// says so, and behind the end of a signal with a skew. Frames that the record does not have are left out.
    public func samples(of signal: Int, frames: Range<Int>) -> [Int32] {
        guard header.signals.indices.contains(signal) else { return [] }
        let frames = frames.clamped(to: 0 ..< frameCount)
        let specification = header.signals[signal]
        let place = places[signal]
        let group = groups[place.group]
        let marker = group.format.marker
        let end = group.frameCount
        var samples: [Int32] = []
        samples.reserveCapacity(frames.count * specification.samplesPerFrame)
        let bytes = group.bytes.span
        for frame in frames {
            let held = frame + specification.skewFrames
            let first = held &* group.samplesPerFrame &+ place.first
            for index in 0 ..< specification.samplesPerFrame {
                guard held < end else {
                    samples.append(SignalFormat.missing)
                    continue
                }
                let value = group.format.sample(first + index, in: bytes, from: group.byteOffset)
                samples.append(value == marker ? SignalFormat.missing : value)
            }
        }
        return samples
    }

    /// The same in the signal's unit; not a number where nothing was measured.
    public func physical(of signal: Int, frames: Range<Int>) -> [Float] {
        guard header.signals.indices.contains(signal) else { return [] }
        let specification = header.signals[signal]
        return samples(of: signal, frames: frames).map(specification.physical)
    }

    /// The signals whose checksum in the header is not that of their samples.
    public var signalsWithWrongChecksum: [Int] {
        header.signals.indices.filter { signal in
            guard let told = header.signals[signal].checksum else { return false }
            return told != checksum(of: signal)
        }
    }

    /// Of all its samples as they lie in the file, added up in 16 bits.
    public func checksum(of signal: Int) -> Int16 {
        guard header.signals.indices.contains(signal) else { return 0 }
        var specification = header.signals[signal]
        specification.skewFrames = 0
        let place = places[signal]
        let group = groups[place.group]
        let bytes = group.bytes.span
        var sum: Int32 = 0
        for frame in 0 ..< frameCount {
            for index in 0 ..< specification.samplesPerFrame {
                let at = frame * group.samplesPerFrame + place.first + index
                sum &+= group.format.sample(at, in: bytes, from: group.byteOffset)
            }
        }
        return Int16(truncatingIfNeeded: sum)
    }
}
