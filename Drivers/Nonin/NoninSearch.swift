/// Decides what the bytes in front of it are, while the data format is not known.
///
/// Format 7 has no fixed first byte, format 8 no checksum, and either can look like the other for a while; so
/// formats 2 and 7 count as found with a first frame and two more, all with good checksums, and format 8 with
/// three frames in a row or, alone, when silence follows.
enum NoninSearch {
    /// More than any candidate needs.
    static let bytesMax = 96

    enum Found: Sendable {
        case frames(isFormat2: Bool)
        case shortFrames
        case spot(NoninSpot, length: Int)
        case reply(NoninReply, length: Int)
        case needsMore, nothing
    }

    static func examine(_ bytes: Span<UInt8>) -> Found {
        guard !bytes.isEmpty else { return .needsMore }
        switch bytes[0] {
        case 0x00:
            switch NoninSpot.find(bytes) {
            case .spot(let spot, let length): return .spot(spot, length: length)
            case .needsMore: return .needsMore
            case .no: return .nothing
            }
        case 0x02:
            switch NoninReply.find(bytes) {
            case .reply(let reply, let length): return .reply(reply, length: length)
            case .needsMore: return .needsMore
            case .no: return .nothing
            }
        case 0x01: return frames(bytes, isFormat2: true)
        case 0x80...: return framesOrShort(bytes)
        default: return .nothing
        }
    }

    private static func framesOrShort(_ bytes: Span<UInt8>) -> Found {
        let long = frames(bytes, isFormat2: false)
        if case .frames = long { return long }
        let short = shortFrames(bytes)
        if case .nothing = short { return long }
        return short
    }

    private static func frames(_ bytes: Span<UInt8>, isFormat2: Bool) -> Found {
        for number in 0 ..< 3 {
            let start = number * NoninFrame.length
            guard bytes.count >= start + NoninFrame.length else { return .needsMore }
            guard let frame = NoninFrame(bytes, at: start, isFormat2: isFormat2) else { return .nothing }
            if frame.isFirst != (number == 0) { return isLone(bytes, isFormat2: isFormat2) ? .needsMore : .nothing }
        }
        return .frames(isFormat2: isFormat2)
    }

    /// One frame of format 2 from the middle of a packet, and nothing behind it yet: perhaps all there is.
    private static func isLone(_ bytes: Span<UInt8>, isFormat2: Bool) -> Bool {
        isFormat2 && bytes.count == NoninFrame.length
    }

    private static func shortFrames(_ bytes: Span<UInt8>) -> Found {
        for index in 0 ..< min(12, bytes.count) where (bytes[index] >= 0x80) != (index % 4 == 0) {
            return .nothing
        }
        return bytes.count < 12 ? .needsMore : .shortFrames
    }

    /// What the bytes are when nothing follows: where good frames begin that reach to the end.
    static func examineLast(_ bytes: Span<UInt8>) -> (start: Int, Found)? {
        for start in 0 ..< max(0, bytes.count - 3) {
            let rest = bytes.extracting(start ..< bytes.count)
            if areFrames(rest, isFormat2: true) { return (start, .frames(isFormat2: true)) }
            if rest.count >= 10, areFrames(rest, isFormat2: false) { return (start, .frames(isFormat2: false)) }
            if areShortFrames(rest) { return (start, .shortFrames) }
        }
        return nil
    }

    private static func areFrames(_ bytes: Span<UInt8>, isFormat2: Bool) -> Bool {
        guard bytes.count % NoninFrame.length == 0 else { return false }
        for start in stride(from: 0, to: bytes.count, by: NoninFrame.length)
        where NoninFrame(bytes, at: start, isFormat2: isFormat2) == nil { return false }
        return !bytes.isEmpty
    }

    private static func areShortFrames(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count % NoninShortFrame.length == 0 else { return false }
        for start in stride(from: 0, to: bytes.count, by: NoninShortFrame.length) {
            guard let frame = NoninShortFrame(bytes, at: start), frame.isPlausible else { return false }
        }
        return !bytes.isEmpty
    }
}
