import CLinux
import Glibc
public import Loop
public import Vitals

/// A program started by this one. It does not outlive its owner: what still runs then is killed.
public final class ChildProcess {
    public let processID: Int32
    /// Ready when the process has ended.
    private let handle: FileDescriptor
    private let name: String
    private var output: FileDescriptor?
    /// How it ended, `nil` while it runs.
    public private(set) var ending: Ending?

    /// How a process ended.
    public enum Ending: Hashable, Sendable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)

        public var description: String {
            switch self {
            case .status(let status): "ended with status \(status)"
            case .signal(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// Where standard output or standard error goes.
    public enum Sink: Hashable, Sendable {
        case inherited
        case nowhere
        /// A new file, or the end of one that is there.
        case file(String)
        /// To be read here: ``readOutput(upTo:)``. Both may be.
        case pipe
    }

    /// Starts it. `arguments` without the program's name, which is looked for in PATH when it has no slash;
    /// `environment` as `NAME=value`, by default this program's own.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String]? = nil, folder: String? = nil,
        output: Sink = .inherited, errors: Sink = .inherited
    ) throws(SystemError) {
        var readEnd: FileDescriptor?
        var writeEnd: FileDescriptor?
        if output == .pipe || errors == .pipe { try Self.makePipe(&readEnd, &writeEnd) }
        let pipeEnd = writeEnd?.number
        var outFile: FileDescriptor?
        var errorFile: FileDescriptor?
        try Self.open(output, &outFile)
        try Self.open(errors, &errorFile)
        let process = Self.spawn(
            program, [program] + arguments, environment ?? Environment.all, folder,
            output == .pipe ? pipeEnd : outFile?.number, errors == .pipe ? pipeEnd : errorFile?.number)
        guard process > 0 else { throw .last("posix_spawn", program) }
        let handle = clinux_pidfd(process)
        guard handle >= 0 else {
            let error = SystemError.last("pidfd_open", program)
            _ = Glibc.kill(process, SIGKILL)
            var status: Int32 = 0
            _ = unsafe waitpid(process, &status, 0)
            throw error
        }
        processID = process
        name = program
        self.handle = FileDescriptor(owning: handle)
        self.output = readEnd.take()
    }

    deinit {
        guard collect() == nil else { return }
        _ = Glibc.kill(processID, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(processID, &status, 0) < 0, errno == EINTR {}
    }

    // MARK: While it runs

    /// Asks it to end (SIGTERM).
    public func terminate() { kill(SIGTERM) }

    /// Sends a signal by its number, such as `SIGKILL`. A process that has ended does not mind.
    public func kill(_ signal: Int32) {
        if collect() == nil { _ = Glibc.kill(processID, signal) }
    }

    /// Standard output and errors so far, at most `count` bytes, without waiting; `nil` at their end.
    public func readOutput(upTo count: Int = 65_536) throws(SystemError) -> [UInt8]? {
        switch try output?.read(upTo: count, subject: name) {
        case .bytes(let bytes): bytes
        case .wouldBlock: []
        case .end, nil: nil
        }
    }

    // MARK: Its end

    /// Waits on a loop; `nil` when it still runs at `deadline`.
    public func ending(before deadline: Instant, on loop: EventLoop) async throws(SystemError) -> Ending? {
        let readiness: Readiness
        do throws(WatchError) {
            readiness = try Readiness(of: handle.number, on: loop)
        } catch {
            throw SystemError(call: "epoll_ctl", errno: error.errno, subject: name)
        }
        defer { readiness.end() }
        while collect() == nil {
            if await readiness.wait(for: .readable, before: deadline) == .deadline { return collect() }
        }
        return ending
    }

    /// Holds the calling thread up to that long; `nil` when it still runs.
    public func waitForEnding(atMost limit: Duration) -> Ending? {
        let deadline = Instant(nanoseconds: clinux_boottime_ns()) + limit
        while collect() == nil {
            let left = deadline - Instant(nanoseconds: clinux_boottime_ns())
            guard left > .zero else { return nil }
            var poll = pollfd(fd: handle.number, events: Int16(POLLIN), revents: 0)
            _ = unsafe Glibc.poll(&poll, 1, Int32(clamping: left.wholeMilliseconds + 1))
        }
        return ending
    }

    /// Looks without waiting whether it has ended.
    private func collect() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
        return ending
    }

    // MARK: Starting

    private static func makePipe(
        _ readEnd: inout FileDescriptor?, _ writeEnd: inout FileDescriptor?
    ) throws(SystemError) {
        var (read, write): (Int32, Int32) = (-1, -1)
        guard unsafe clinux_pipe(&read, &write) == 0 else { throw .last("pipe", "the output of a program") }
        readEnd = FileDescriptor(owning: read)
        writeEnd = FileDescriptor(owning: write)
    }

    private static func open(_ sink: Sink, _ file: inout FileDescriptor?) throws(SystemError) {
        switch sink {
        case .inherited, .pipe: break
        case .nowhere: file = try FileDescriptor.open("/dev/null", O_WRONLY)
        case .file(let path): file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
        }
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String], _ folder: String?, _ out: Int32?,
        _ errors: Int32?
    ) -> Int32 {
        unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                guard let folder else {
                    return unsafe clinux_spawn(program, arguments, environment, nil, out ?? -1, errors ?? -1)
                }
                return unsafe clinux_spawn(program, arguments, environment, folder, out ?? -1, errors ?? -1)
            }
        }
    }

    /// The texts as C wants them: an array of pointers with a null at its end.
    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe copies.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an array with a null has a start") }
            return unsafe body(start)
        }
    }
}
