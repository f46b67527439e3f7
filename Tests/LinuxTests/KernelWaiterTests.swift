import Glibc
import Linux
import Loop
import Synchronization
import Testing
import Vitals

@Suite("The kernel's waiter")
struct KernelWaiterTests {
    @Test("returns at the deadline, not before and not much later")
    func deadline() throws {
        let waiter = try KernelWaiter()
        for milliseconds in [0, 1, 7, 30] {
            let deadline = waiter.now + .milliseconds(milliseconds)
            waiter.wait(until: deadline)
            #expect(waiter.now >= deadline)
            #expect(waiter.now - deadline < .milliseconds(500))
        }
    }

    @Test("sleeps without using the processor")
    func noBusyLoop() throws {
        let waiter = try KernelWaiter()
        var (before, after) = (timespec(), timespec())
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
        for _ in 0 ..< 20 { waiter.wait(until: waiter.now + .milliseconds(10)) }
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
        let used = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
        #expect(used < 20_000_000)
    }

    @Test("calls the handler of a ready descriptor again and again until it is read")
    func levelTriggered() throws {
        let waiter = try KernelWaiter()
        let pipe = try Pipe()
        defer { pipe.close() }
        var calls = 0
        let watch = try waiter.watch(pipe.read, for: .readable) { calls += 1 }
        pipe.put()
        waiter.wait(until: waiter.now + .seconds(5))
        waiter.wait(until: waiter.now + .seconds(5))
        #expect(calls == 2)
        pipe.take()
        waiter.wait(until: waiter.now + .milliseconds(5))
        #expect(calls == 2)
        waiter.end(watch)
    }

    @Test("tells reading from writing, and changes between them")
    func interests() throws {
        let waiter = try KernelWaiter()
        let pipe = try Pipe()
        defer { pipe.close() }
        var calls = 0
        let watch = try waiter.watch(pipe.write, for: []) { calls += 1 }
        waiter.wait(until: waiter.now + .milliseconds(5))
        #expect(calls == 0)
        try waiter.change(watch, to: .writable)
        waiter.wait(until: waiter.now + .seconds(5))
        #expect(calls == 1)
        try waiter.change(watch, to: [])
        waiter.wait(until: waiter.now + .milliseconds(5))
        #expect(calls == 1)
        waiter.end(watch)
    }

    @Test("drops an event of a closed descriptor whose number another one has taken, within one batch")
    func reusedDescriptor() throws {
        let waiter = try KernelWaiter()
        let (first, second) = (try Pipe(), try Pipe())
        var stale = 0
        var reused: Pipe?
        var reusedCalls = 0
        var secondWatch: Watch?
        let firstWatch = try waiter.watch(first.read, for: .readable) {
            first.take()
            if let secondWatch { waiter.end(secondWatch) }
            second.close()
            do {
                let pipe = try Pipe()
                reused = pipe
                _ = try waiter.watch(pipe.read, for: .readable) { reusedCalls += 1 }
            } catch {
                Issue.record(error)
            }
        }
        secondWatch = try waiter.watch(second.read, for: .readable) { stale += 1 }
        first.put()
        second.put()
        waiter.wait(until: waiter.now + .seconds(5))
        #expect(reused?.read == second.read)
        #expect(stale == 0)
        #expect(reusedCalls == 0)
        reused?.put()
        waiter.wait(until: waiter.now + .seconds(5))
        #expect(reusedCalls == 1)
        waiter.end(firstWatch)
        first.close()
        reused?.close()
    }

    @Test("lets a handler end its own watch and one whose event comes later in the batch")
    func endDuringHandler() throws {
        let waiter = try KernelWaiter()
        let (first, second) = (try Pipe(), try Pipe())
        defer {
            first.close()
            second.close()
        }
        var calls: [String] = []
        var watches: [Watch] = []
        for (name, pipe) in [("first", first), ("second", second)] {
            try watches.append(
                waiter.watch(pipe.read, for: .readable) {
                    calls.append(name)
                    for watch in watches { waiter.end(watch) }
                })
        }
        first.put()
        second.put()
        waiter.wait(until: waiter.now + .seconds(5))
        waiter.wait(until: waiter.now + .milliseconds(5))
        #expect(calls == ["first"])
    }

    @Test("ignores a change to a watch that was ended, and a second end")
    func endedTwice() throws {
        let waiter = try KernelWaiter()
        let pipe = try Pipe()
        defer { pipe.close() }
        let watch = try waiter.watch(pipe.read, for: .readable) { Issue.record("ended") }
        waiter.end(watch)
        waiter.end(watch)
        try waiter.change(watch, to: .writable)
        pipe.put()
        waiter.wait(until: waiter.now + .milliseconds(5))
    }

    @Test("says that a plain file cannot be watched")
    func plainFile() throws {
        let waiter = try KernelWaiter()
        let file = try FileDescriptor.open("/proc/self/status", O_RDONLY)
        let scratch = try DirectoryScratch()
        let plain = try FileDescriptor.open(scratch.file("plain"), O_RDWR | O_CREAT)
        #expect(throws: WatchError(descriptor: plain.number, errno: EPERM)) {
            _ = try waiter.watch(plain.number, for: .readable) {}
        }
        file.close()
        plain.close()
    }

    @Test("is woken by a ring that came before the wait, and many rings are one")
    func earlyWake() throws {
        let waiter = try KernelWaiter()
        for _ in 0 ..< 100 { waiter.wake() }
        waiter.wait(until: .never)
        let start = waiter.now
        waiter.wait(until: start + .milliseconds(10))
        #expect(waiter.now - start >= .milliseconds(10))
        waiter.wake()
        waiter.wait(until: .never)
    }

    @Test("loses no ring of another thread, however close they come")
    func wakeStorm() throws {
        let waiter = try KernelWaiter()
        let thread = try LoopThread(name: "ringer")
        let ringer = Ringer(waiter, rounds: 2000)
        Task(executorPreference: thread.loop) { ringer.ring() }
        let limit = waiter.now + .seconds(10)
        for round in 1 ... ringer.rounds {
            while ringer.rung.load(ordering: .acquiring) < round, waiter.now < limit { waiter.wait(until: limit) }
            ringer.seen.store(round, ordering: .releasing)
        }
        #expect(waiter.now < limit)
        thread.stop()
        thread.join()
    }

    private final class Ringer: Sendable {
        let rung = Atomic<Int>(0)
        let seen = Atomic<Int>(0)
        private let waiter: KernelWaiter
        let rounds: Int

        init(_ waiter: KernelWaiter, rounds: Int) {
            self.waiter = waiter
            self.rounds = rounds
        }

        /// Once for each time that the other side has seen the ring before.
        func ring() {
            for round in 1 ... rounds {
                while seen.load(ordering: .acquiring) < round - 1 { sched_yield() }
                rung.store(round, ordering: .releasing)
                waiter.wake()
            }
        }
    }

    @Test("goes on waiting when a signal interrupts it")
    func interrupted() throws {
        let waiter = try KernelWaiter()
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        var before = sigaction()
        _ = unsafe sigaction(SIGUSR1, &action, &before)
        defer { _ = unsafe sigaction(SIGUSR1, &before, nil) }
        let me = pthread_self()
        let thread = try LoopThread(name: "signaller")
        Task(executorPreference: thread.loop) {
            for _ in 0 ..< 5 {
                await thread.loop.sleep(until: thread.loop.now + .milliseconds(5))
                _ = pthread_kill(me, SIGUSR1)
            }
        }
        let deadline = waiter.now + .milliseconds(60)
        waiter.wait(until: deadline)
        #expect(waiter.now >= deadline)
        thread.stop()
        thread.join()
    }

    @Test("reports a hang-up once and then keeps quiet about a descriptor without interest")
    func hangUp() throws {
        let waiter = try KernelWaiter()
        let pipe = try Pipe()
        var calls = 0
        var watch: Watch?
        watch = try waiter.watch(pipe.read, for: .readable) {
            calls += 1
            do {
                if let watch { try waiter.change(watch, to: []) }
            } catch {
                Issue.record(error)
            }
        }
        _ = Glibc.close(pipe.write)
        waiter.wait(until: waiter.now + .seconds(5))
        let start = waiter.now
        waiter.wait(until: start + .milliseconds(20))
        #expect(waiter.now - start >= .milliseconds(20))
        #expect(calls == 1)
        if let watch { waiter.end(watch) }
        _ = Glibc.close(pipe.read)
    }
}
