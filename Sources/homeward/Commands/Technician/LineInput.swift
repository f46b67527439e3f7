import Linux
import Loop
import Vitals

/// Lines of standard input, read only when somebody asks for one.
final class LineInput {
    private let descriptor: FileDescriptor
    /// `nil`: a file, or nothing at all, which never makes anybody wait.
    private let readiness: Readiness?
    private var received: [UInt8] = []

    static let lineBytesMax = 4096

    init(on loop: EventLoop) throws(SystemError) {
        descriptor = try FileDescriptor.standardInput()
        do throws(WatchError) { readiness = try Readiness(of: descriptor.number, on: loop) } catch {
            readiness = nil
        }
    }

    deinit { readiness?.end() }

    /// Without its line feed; `nil` at the end of the input. What is too long is cut.
    func next() async -> String? {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = received[..<end].prefix(Self.lineBytesMax)
                received.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            if let readiness { _ = await readiness.wait(for: .readable, before: .never) }
            guard case .bytes(let bytes)? = try? descriptor.read(upTo: Self.lineBytesMax, subject: "standard input")
            else { return lastLine() }
            received += received.count < Self.lineBytesMax ? bytes : bytes.filter { $0 == 0x0A }
        }
    }

    /// What stood behind the last line feed.
    private func lastLine() -> String? {
        guard !received.isEmpty else { return nil }
        defer { received = [] }
        return String(decoding: received.prefix(Self.lineBytesMax), as: UTF8.self)
    }
}
