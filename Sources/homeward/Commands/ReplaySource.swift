import Bytes
import DriverKit
import Linux
import Vitals

/// Where the bytes of a replay come from, chunk by chunk: a capture, hexadecimal text, or raw bytes.
final class ReplaySource {
    let capture: Capture?
    private let channel: Channel
    private let input: FileDescriptor
    private let name: String
    private var lines: ArraySlice<Capture.Line> = []

    /// Captures and hexadecimal text are read whole; raw bytes stream.
    static let textBytesMax = 256 << 20
    static let chunkBytes = 1 << 16

    init(_ arguments: Arguments) throws(CommandError) {
        name = arguments.operands.first.flatMap { $0 == "-" ? nil : $0 } ?? "standard input"
        channel = arguments["--channel"].map(Channel.init) ?? .serial
        do throws(SystemError) {
            input =
                name == "standard input"
                ? try FileDescriptor.standardInput() : try FileDescriptor.openForReading(name)
        } catch {
            throw CommandError(.noInput, "replay: \(error)")
        }
        let format =
            arguments["--format"] ?? (name.hasSuffix(".bin") ? "bin" : name.hasSuffix(".hex") ? "hex" : "capture")
        switch format {
        case "bin": capture = nil
        case "hex":
            capture = nil
            lines =
                [
                    Capture.Line(
                        at: .boot, direction: .fromDevice, channel: channel, bytes: try Self.hex(input, name))
                ][...]
        case "capture":
            let parsed = try Self.parse(input, name)
            capture = parsed
            lines = parsed.lines[...]
        default:
            throw CommandError(.usage, "replay: --format is '\(format)', allowed are capture, bin and hex")
        }
        streams = format == "bin"
    }

    private let streams: Bool

    /// The box's local time at the start, which drivers use to set clocks.
    var localTimeAtStart: CivilTime? { capture?.localTimeAtStart }

    /// The next bytes from the device; empty ones only let time pass. `nil` at the end.
    func next() throws(CommandError) -> Chunk? {
        if streams { return try nextRaw() }
        while let line = lines.popFirst() {
            return Chunk(line.direction == .fromDevice ? line.bytes : [], from: line.channel, at: line.at)
        }
        return nil
    }

    private func nextRaw() throws(CommandError) -> Chunk? {
        do throws(SystemError) {
            guard case .bytes(let bytes) = try input.read(upTo: Self.chunkBytes, subject: name) else { return nil }
            return Chunk(bytes, from: channel, at: .boot)
        } catch {
            throw CommandError(.inputOutput, "replay: \(error)")
        }
    }

    private static func text(_ input: borrowing FileDescriptor, _ name: String) throws(CommandError) -> String {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while case .bytes(let more) = try input.read(upTo: chunkBytes, subject: name) {
                bytes += more
                guard bytes.count <= textBytesMax else {
                    throw SystemError(call: "read", errno: 27, subject: name)
                }
            }
        } catch {
            throw CommandError(.inputOutput, "replay: \(error)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ input: borrowing FileDescriptor, _ name: String) throws(CommandError) -> [UInt8] {
        let text = try text(input, name)
        do throws(HexError) {
            return try Hex.bytes(text)
        } catch {
            throw CommandError(.dataError, "replay: \(name): \(error)")
        }
    }

    private static func parse(_ input: borrowing FileDescriptor, _ name: String) throws(CommandError) -> Capture {
        let text = try text(input, name)
        do throws(CaptureError) {
            return try Capture(parsing: text)
        } catch {
            throw CommandError(
                .dataError, "replay: \(name): \(error); raw bytes need --format bin, hexadecimal text --format hex")
        }
    }
}
