/// Makes the header and the signal file of a record out of samples.
public struct RecordWriter: Sendable {
    /// What to call the files: `name.hea` and, for each group of signals, the file that its specification names.
    public struct Files: Sendable {
        public var header: RecordHeader
        public var headerText: String
        /// The signal files, by name.
        public var signals: [(name: String, bytes: [UInt8])]
    }

    /// - Parameters:
    ///   - header: its initial values, checksums and number of frames are filled in.
    ///   - samples: for each signal its samples in the converter's steps, ``SignalFormat/missing`` where nothing
    ///     was measured. The shortest signal says how many frames there are.
    public static func write(_ header: RecordHeader, samples: [[Int32]]) throws(WFDBError) -> Files {
        var header = header
        guard samples.count == header.signals.count else {
            throw WFDBError(
                file: header.name,
                problem: "\(header.signals.count) signals are described and \(samples.count) given")
        }
        let frames = zip(header.signals, samples).map { $1.count / max(1, $0.samplesPerFrame) }.min() ?? 0
        header.frameCount = frames
        var files: [(name: String, bytes: [UInt8])] = []
        var start = 0
        while start < header.signals.count {
            let file = header.signals[start].file
            let end = header.signals[start...].firstIndex { $0.file != file } ?? header.signals.count
            let format = header.signals[start].format
            guard header.signals[start ..< end].allSatisfy({ $0.format == format && $0.skewFrames == 0 }) else {
                throw WFDBError(file: file, problem: "its signals differ in format, or have a skew")
            }
            let group = interleaved(header.signals[start ..< end], samples, frames: frames)
            let space = [UInt8](repeating: 0, count: header.signals[start].byteOffset)
            files.append((file, space + format.encode(group)))
            for signal in start ..< end {
                header.signals[signal].initialValue = samples[signal].first.map { Int(format.stored($0)) } ?? 0
                let count = frames * header.signals[signal].samplesPerFrame
                let sum = samples[signal].prefix(count).reduce(Int32(0)) { $0 &+ format.stored($1) }
                header.signals[signal].checksum = Int16(truncatingIfNeeded: sum)
            }
            start = end
        }
        return Files(header: header, headerText: header.text, signals: files)
    }

    private static func interleaved(
        _ signals: ArraySlice<SignalSpecification>, _ samples: [[Int32]], frames: Int
    ) -> [Int32] {
        var group: [Int32] = []
        group.reserveCapacity(frames * signals.count)
        for frame in 0 ..< frames {
            for signal in signals.indices {
                let count = signals[signal].samplesPerFrame
                group += samples[signal][frame * count ..< (frame + 1) * count]
            }
        }
        return group
    }
}
