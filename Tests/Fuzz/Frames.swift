import DriverKit
import Foundation

/// Bytes that come on one pipe.
struct Piece {
    var channel: Channel
    var bytes: [UInt8]
}

/// Where the bytes of a trial come from.
enum Frames { case random, mutated }

extension SplitMix64 {
    /// Bytes without a plan, with a liking for those that begin frames.
    mutating func randomFrame(on channels: [Channel]) -> Piece {
        Piece(channel: channels[below(channels.count)], bytes: randomBytes())
    }

    private mutating func randomBytes() -> [UInt8] {
        let special: [UInt8] = [0x00, 0x01, 0x02, 0x03, 0x06, 0x0D, 0x0F, 0x80, 0x81, 0xA5, 0xAA, 0xF0, 0xF2, 0xFF]
        return (0 ..< 1 + below(24)).map { _ in below(4) == 0 ? special[below(special.count)] : byte() }
    }

    /// One to three changes: flip, drop, duplicate, insert, truncate, swap, splice.
    mutating func mutatedFrame(_ pool: [Piece]) -> Piece {
        let piece = pool[below(pool.count)]
        var bytes = piece.bytes
        for _ in 0 ..< 1 + below(3) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(7) {
            case 0: bytes[place] ^= 1 << UInt8(below(8))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            case 3: bytes.insert(byte(), at: place)
            case 4: bytes.removeLast(bytes.count - place)
            case 5: bytes.swapAt(place, below(bytes.count))
            default: bytes.insert(contentsOf: pool[below(pool.count)].bytes.prefix(12), at: place)
            }
        }
        return Piece(channel: piece.channel, bytes: bytes)
    }
}

/// What the captures hold from the device: messages whole, streams in pieces of at most 40 bytes.
func framePool(folder: String, driver manifest: Manifest) -> [Piece] {
    var pool: [Piece] = []
    for path in (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
    where path.hasSuffix(".capture") {
        guard let text = try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8),
            let capture = try? Capture(parsing: text), capture["driver"] == manifest.id
        else { continue }
        for line in capture.lines where line.direction == .fromDevice {
            let length = manifest.framing(of: line.channel) == .message ? max(1, line.bytes.count) : 40
            for start in stride(from: 0, to: line.bytes.count, by: length) {
                let bytes = Array(line.bytes[start ..< min(start + length, line.bytes.count)])
                pool.append(Piece(channel: line.channel, bytes: bytes))
            }
        }
    }
    return pool
}
