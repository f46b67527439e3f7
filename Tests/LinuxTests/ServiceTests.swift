import CSystemd
import Glibc
import Linux
import Loop
import Synchronization
import Testing
import Vitals

@Suite("The service manager", .serialized)
struct ServiceTests {
    @Test("is told that the service is ready, alive, stopping, and how it is")
    func notifications() throws {
        let scratch = try DirectoryScratch()
        let socket = try NotifySocket(scratch.file("notify"))
        _ = unsafe setenv("NOTIFY_SOCKET", scratch.file("notify"), 1)
        defer { _ = unsafe unsetenv("NOTIFY_SOCKET") }
        ServiceNotification.ready()
        ServiceNotification.status("2 devices\nREADY=0")
        ServiceNotification.feedWatchdog()
        ServiceNotification.stopping()
        #expect(socket.next() == "READY=1")
        #expect(socket.next() == "STATUS=2 devices\\nREADY=0")
        #expect(socket.next() == "WATCHDOG=1")
        #expect(socket.next() == "STOPPING=1")
    }

    @Test("hears from us just what systemd's own library would say")
    func likeTheLibrary() throws {
        let scratch = try DirectoryScratch()
        let socket = try NotifySocket(scratch.file("notify"))
        _ = unsafe setenv("NOTIFY_SOCKET", scratch.file("notify"), 1)
        _ = unsafe setenv("WATCHDOG_USEC", "30000000", 1)
        defer {
            _ = unsafe unsetenv("NOTIFY_SOCKET")
            _ = unsafe unsetenv("WATCHDOG_USEC")
        }
        #expect(unsafe sd_notify(0, "READY=1") > 0)
        let library = socket.next()
        ServiceNotification.ready()
        #expect(socket.next() == library)
        var microseconds: UInt64 = 0
        #expect(unsafe sd_watchdog_enabled(0, &microseconds) > 0)
        #expect(ServiceNotification.watchdogInterval == .microseconds(Int64(microseconds)))
    }

    @Test("is not missed when there is none")
    func noManager() {
        ServiceNotification.ready()
        #expect(ServiceNotification.watchdogInterval == nil)
    }

    @Test("says how often it wants to hear of us")
    func interval() {
        _ = unsafe setenv("WATCHDOG_USEC", "30000000", 1)
        _ = unsafe setenv("WATCHDOG_PID", String(getpid()), 1)
        defer {
            _ = unsafe unsetenv("WATCHDOG_USEC")
            _ = unsafe unsetenv("WATCHDOG_PID")
        }
        #expect(ServiceNotification.watchdogInterval == .seconds(30))
    }

    @Test("is fed while every worker gets on or rightly waits, and not when one is stuck")
    func watchdog() {
        let counter = Counter()
        let watchdog = Watchdog(
            [
                Watchdog.Worker(
                    "delivery", progress: { counter.work.load(ordering: .relaxed) },
                    isIdle: { counter.isIdle.load(ordering: .relaxed) })
            ],
            feed: { counter.fed.add(1, ordering: .relaxed) })
        #expect(watchdog.check() == [])
        counter.work.store(1, ordering: .relaxed)
        #expect(watchdog.check() == [])
        #expect(watchdog.check() == ["delivery"])
        #expect(counter.fed.load(ordering: .relaxed) == 2)
        counter.isIdle.store(true, ordering: .relaxed)
        #expect(watchdog.check() == [])
        #expect(counter.fed.load(ordering: .relaxed) == 3)
    }

    @Test("is fed while a loop has nothing to do, and not while it is stuck in a call")
    func stuckLoop() throws {
        let thread = try LoopThread(name: "delivery")
        let gate = Gate()
        let watchdog = Watchdog([Watchdog.Worker(thread.loop)], feed: {})
        for _ in 0 ..< 3 {
            #expect(watchdog.check() == [])
            usleep(20_000)
        }
        Task(executorPreference: thread.loop) { gate.holdThread() }
        usleep(20_000)
        _ = watchdog.check()
        usleep(20_000)
        #expect(watchdog.check() == ["delivery"])
        gate.isOpen.store(true, ordering: .releasing)
        usleep(20_000)
        #expect(watchdog.check() == [])
        thread.stop()
        thread.join()
    }

    private final class Counter: Sendable {
        let work = Atomic<UInt64>(0)
        let isIdle = Atomic<Bool>(false)
        let fed = Atomic<Int>(0)
    }

    private final class Gate: Sendable {
        let isOpen = Atomic<Bool>(false)
        func holdThread() {
            while !isOpen.load(ordering: .acquiring) { usleep(1000) }
        }
    }

    /// The manager's end.
    private struct NotifySocket: ~Copyable {
        private let socket: FileDescriptor

        init(_ path: String) throws {
            socket = FileDescriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
                for (index, byte) in bytes.enumerated() { unsafe target[index] = byte }
            }
            let number = socket.number
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(result == 0)
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
        }

        borrowing func next() -> String? {
            do throws(SystemError) {
                guard case .bytes(let bytes) = try socket.read(upTo: 1000) else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            } catch {
                return nil
            }
        }
    }
}
