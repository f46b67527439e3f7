public import DriverKit
import Glibc
public import Loop
public import Vitals

/// An open serial line to a device. Stays on the loop that it was opened on.
///
/// One task receives; another may send meanwhile. Silence is `nil` at the deadline; a port that was pulled out
/// is ``LinkError/gone(_:)``.
public final class SerialPort: Link {
    private let loop: EventLoop
    private let path: String
    /// `nil` once closed.
    private var line: SerialLine?
    private var marks = MarkDecoder()
    private let readiness: Readiness
    /// Of the time before the port was closed or went away.
    private var errorsLast = LineErrors()
    private let hasParity: Bool

    /// How long a device may refuse to take bytes.
    public static let sendLimit: Duration = .seconds(2)
    private static let readMax = 4096

    /// Opens, locks and sets the line, and drops what was received before.
    public init(path: String, _ settings: SerialSettings, on loop: EventLoop) throws(LinkError) {
        let line = try SerialLine(path: path, settings)
        self.loop = loop
        self.path = path
        hasParity = settings.parity != .none
        do throws(WatchError) {
            readiness = try Readiness(of: line.descriptor.number, on: loop)
        } catch {
            throw .system(call: "epoll_ctl", errno: error.errno, path)
        }
        self.line = consume line
    }

    deinit { readiness.end() }

    // MARK: Link

    public func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        while true {
            guard line != nil else { throw .closed }
            let outcome = await readiness.wait(for: .readable, before: deadline)
            // Also at the deadline: what has come in time is not silence.
            if let chunk = try read() { return chunk }
            if outcome == .deadline { return nil }
        }
    }

    public func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        let deadline = loop.now + Self.sendLimit
        var rest = bytes[...]
        while !rest.isEmpty {
            if let written = try write(rest) {
                rest = rest.dropFirst(written)
            } else if await readiness.wait(for: .writable, before: deadline) == .deadline {
                throw .system(
                    call: "write", errno: ETIMEDOUT,
                    "\(path) (\(rest.count) of \(bytes.count) bytes not taken in \(Self.sendLimit))")
            }
        }
    }

    public func close() {
        guard line != nil else { return }
        errorsLast = lineErrors
        readiness.end()
        line = nil
    }

    public var lineErrors: LineErrors {
        guard line != nil else { return errorsLast }
        let counted = line?.errorsCounted() ?? LineErrors()
        // A driver that counts knows framing from parity; a mark alone does not.
        let isCounted = counted.framing > 0 || counted.parity > 0
        errorsLast = LineErrors(
            breaks: max(errorsLast.breaks, counted.breaks, marks.breaks),
            framing: max(errorsLast.framing, isCounted ? counted.framing : hasParity ? 0 : marks.damaged),
            parity: max(errorsLast.parity, isCounted ? counted.parity : hasParity ? marks.damaged : 0),
            overruns: max(errorsLast.overruns, counted.overruns))
        return errorsLast
    }

    // MARK: Steps

    /// `nil`: nothing there, or nothing but marks.
    private func read() throws(LinkError) -> Chunk? {
        let input: FileDescriptor.Input?
        do throws(SystemError) {
            input = try line?.descriptor.read(upTo: Self.readMax, subject: path)
        } catch {
            throw LinkError(error)
        }
        let now = loop.now
        switch input {
        case nil: throw .closed
        case .wouldBlock: return nil
        case .end: throw .gone(path)
        case .bytes(let bytes):
            let clean = line?.hasMarks ?? false ? marks.decode(bytes) : bytes
            return clean.isEmpty ? nil : Chunk(clean, at: now)
        }
    }

    /// `nil`: it takes nothing now.
    private func write(_ bytes: ArraySlice<UInt8>) throws(LinkError) -> Int? {
        guard line != nil else { throw .closed }
        do throws(SystemError) {
            return try line?.descriptor.write(bytes, subject: path)
        } catch {
            throw LinkError(error)
        }
    }
}
