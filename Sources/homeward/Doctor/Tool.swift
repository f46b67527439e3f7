import Linux
import Loop
import Vitals

/// A program of the system's, asked for what it says.
enum Tool {
    private static let bytesMax = 1 << 20

    /// Standard output and errors; `nil` when it is not installed, or takes too long.
    static func said(
        _ program: String, _ words: [String], within patience: Duration, on loop: EventLoop
    ) async -> String? {
        do throws(SystemError) {
            let process = try ChildProcess(program, words, output: .pipe, errors: .pipe)
            var bytes: [UInt8] = []
            let deadline = loop.now + patience
            while try await process.ending(before: min(deadline, loop.now + .milliseconds(20)), on: loop) == nil {
                if let more = try process.readOutput(), bytes.count < bytesMax { bytes += more }
                if loop.now >= deadline { return nil }
            }
            while let more = try process.readOutput(), !more.isEmpty, bytes.count < bytesMax { bytes += more }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            return nil
        }
    }
}
