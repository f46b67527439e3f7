import Glibc
import Linux
import Loop
import Synchronization
import Testing
import Vitals

@Suite("Signals")
struct SignalsTests {
    @Test("come as values, in their order, and are kept when nobody waits")
    func values() throws {
        let thread = try LoopThread(name: "signals")
        let seen = Mutex<[Signal]>([])
        let isDone = Atomic<Bool>(false)
        let failure = Mutex<SystemError?>(nil)
        Task(executorPreference: thread.loop) {
            do throws(SystemError) {
                let signals = try Signals(on: thread.loop)
                // To this thread only: the others of the test would die of them.
                raise(SIGTERM)
                let first = await signals.next()
                raise(SIGTERM)
                await thread.loop.sleep(until: thread.loop.now + .milliseconds(10))
                let second = await signals.next()
                raise(SIGHUP)
                let third = await signals.next(before: thread.loop.now + .seconds(2))
                let none = await signals.next(before: thread.loop.now + .milliseconds(5))
                seen.withLock { $0 = [first, second] + [third, none].compactMap(\.self) }
            } catch {
                failure.withLock { $0 = error }
            }
            isDone.store(true, ordering: .releasing)
        }
        let limit = thread.loop.now + .seconds(5)
        while !isDone.load(ordering: .acquiring), thread.loop.now < limit { usleep(1000) }
        thread.stop()
        thread.join()
        #expect(failure.withLock { $0 } == nil)
        #expect(seen.withLock { $0 } == [.terminate, .terminate, .hangUp])
    }

    @Test("are blocked on the thread of a loop, but those of faults are not")
    func mask() throws {
        let mask = Mutex<[Int32: Bool]>([:])
        let thread = try LoopThread(name: "a-name-that-is-too-long")
        let name = Mutex("")
        let isDone = Atomic<Bool>(false)
        Task(executorPreference: thread.loop) {
            var set = sigset_t()
            _ = unsafe pthread_sigmask(SIG_BLOCK, nil, &set)
            for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGSEGV, SIGILL] {
                let isBlocked = unsafe sigismember(&set, signal) == 1
                mask.withLock { $0[signal] = isBlocked }
            }
            do throws(SystemError) {
                let found = try File.readText("/proc/thread-self/comm")
                name.withLock { $0 = found }
            } catch {
                name.withLock { $0 = error.description }
            }
            isDone.store(true, ordering: .releasing)
        }
        let limit = thread.loop.now + .seconds(5)
        while !isDone.load(ordering: .acquiring), thread.loop.now < limit { usleep(1000) }
        thread.stop()
        thread.join()
        #expect(name.withLock { $0 } == "a-name-that-is-\n")
        let expected = [
            SIGTERM: true, SIGINT: true, SIGHUP: true, SIGPIPE: true, SIGUSR1: true, SIGSEGV: false, SIGILL: false,
        ]
        #expect(mask.withLock { $0 } == expected)
    }
}
