import Glibc
import Linux
import Loop
import Synchronization
import Testing
import Vitals

/// Runs `work` on a loop of the kernel's on this thread, and returns its result. Fails after `seconds`.
func onLoop<Result: Sendable>(
    seconds: Int = 10, _ work: @escaping @Sendable (EventLoop) async throws -> Result
) throws -> Result {
    let loop = EventLoop(name: "test", waiter: try KernelWaiter())
    let box = Mutex<Swift.Result<Result, any Error>?>(nil)
    Task(executorPreference: loop) {
        do {
            let result = try await work(loop)
            box.withLock { $0 = .success(result) }
        } catch {
            box.withLock { $0 = .failure(error) }
        }
    }
    let limit = loop.now + .seconds(seconds)
    Task(executorPreference: loop) { await loop.sleep(until: limit) }
    loop.run { box.withLock { $0 != nil } || loop.now >= limit }
    return try #require(box.withLock { $0 }).get()
}

extension PseudoTerminal {
    /// The kernel carries bytes across a pseudo-terminal in its own time.
    func comesToHold(_ count: Int) -> Bool {
        for _ in 0 ..< 2000 where waitingBytes != count { usleep(1000) }
        return waitingBytes == count
    }
}

/// The two ends of a pipe that does not block.
struct Pipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let result = unsafe pipe(&ends)
        try #require(result == 0)
        (read, write) = (ends[0], ends[1])
    }

    func put(_ count: Int = 1) {
        let bytes = [UInt8](repeating: 0x55, count: count)
        _ = unsafe Glibc.write(write, bytes, count)
    }

    func take() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = unsafe Glibc.read(read, &bytes, bytes.count)
    }

    func close() {
        _ = Glibc.close(read)
        _ = Glibc.close(write)
    }
}
