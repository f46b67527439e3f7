import Glibc
import Linux
import Loop
import Simulation
import Synchronization
import Testing
import Vitals

/// What happened, in order. Used by tasks of one loop.
final class Diary: Sendable {
    private let lines = Mutex<[String]>([])
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

@Suite("The loop")
struct EventLoopTests {
    @Test("runs jobs in the order of their coming")
    func jobOrder() {
        let diary = Diary()
        let result: Bool? = EventLoop.simulate { loop in
            for number in 0 ..< 100 {
                Task(executorPreference: loop) { diary.note("\(number)") }
            }
            await loop.sleep(until: loop.now + .seconds(1))
            return true
        }
        #expect(result == true)
        #expect(diary.all == (0 ..< 100).map { "\($0)" })
    }

    @Test("wakes sleepers in the order of their deadlines, equal ones in the order of their coming")
    func timerOrder() {
        let diary = Diary()
        _ = EventLoop.simulate { loop in
            let start = loop.now
            for (name, seconds) in [("c", 3), ("a", 1), ("d", 3), ("b", 2), ("e", 3)] {
                Task(executorPreference: loop) {
                    await loop.sleep(until: start + .seconds(seconds))
                    diary.note("\(name)\((loop.now - start).wholeMilliseconds)")
                }
            }
            await loop.sleep(until: start + .seconds(10))
        }
        #expect(diary.all == ["a1000", "b2000", "c3000", "d3000", "e3000"])
    }

    @Test("does not wait for a deadline that has passed")
    func pastDeadline() {
        let elapsed = EventLoop.simulate { loop in
            await loop.sleep(until: loop.now + .seconds(5))
            let before = loop.now
            await loop.sleep(until: .boot)
            await loop.sleep(until: loop.now)
            return (loop.now - before).wholeNanoseconds
        }
        #expect(elapsed == 0)
    }

    @Test("ends a wait once, by whichever comes first", arguments: [1, 2, 3])
    func race(seconds: Int) {
        let outcome = EventLoop.simulate { loop in
            let start = loop.now
            return await loop.wait(before: start + .seconds(2)) { resume in
                nonisolated(unsafe) let resume = resume
                Task(executorPreference: loop) {
                    await loop.sleep(until: start + .seconds(seconds))
                    unsafe resume()
                    unsafe resume()
                }
            }
        }
        // At the same moment the deadline was there first.
        #expect(outcome == (seconds < 2 ? .ready : .deadline))
    }

    @Test("accepts an end within the beginning of a wait")
    func endAtOnce() {
        let outcome = EventLoop.simulate { loop in await loop.wait(before: loop.now + .seconds(1)) { $0() } }
        #expect(outcome == .ready)
    }

    @Test("goes on with others while one task sleeps again and again")
    func fairness() {
        let diary = Diary()
        _ = EventLoop.simulate { loop in
            let end = loop.now + .seconds(1)
            for name in ["a", "b"] {
                Task(executorPreference: loop) {
                    for _ in 0 ..< 3 {
                        diary.note(name)
                        await loop.sleep(until: loop.now)
                    }
                }
            }
            await loop.sleep(until: end)
        }
        #expect(diary.all == ["a", "b", "a", "b", "a", "b"])
    }

    @Test("is the same from job to job for the same seed, whatever runs beside it", arguments: 0 ..< 8)
    func determinism(seed: Int) {
        func run() -> [String] {
            let diary = Diary()
            _ = EventLoop.simulate { loop in
                var seeds = Seed(UInt64(seed))
                for name in 0 ..< 10 {
                    let own = seeds.fork()
                    Task(executorPreference: loop) {
                        var own = own
                        for _ in 0 ..< 30 {
                            await loop.sleep(until: loop.now + .milliseconds(Int.random(in: 0 ... 9, using: &own)))
                            diary.note("\(name) \(loop.now.nanoseconds)")
                        }
                    }
                }
                await loop.sleep(until: loop.now + .seconds(2))
            }
            return diary.all
        }
        let first = run()
        #expect(first.count == 300)
        #expect(first == run())
    }
}

@Suite("A loop on a thread")
struct LoopThreadTests {
    @Test("is woken by other threads, and runs everything on the one thread")
    func crossThread() throws {
        let home = try LoopThread(name: "home")
        let others = try (0 ..< 3).map { try LoopThread(name: "other-\($0)") }
        let counter = Counted()
        for other in others {
            Task(executorPreference: other.loop) {
                for _ in 0 ..< 200 {
                    Task(executorPreference: home.loop) {
                        counter.add()
                    }
                }
            }
        }
        let limit = home.loop.now + .seconds(10)
        while counter.count < 600, home.loop.now < limit { usleep(1000) }
        for thread in others + [home] {
            thread.stop()
            thread.join()
            thread.join()
        }
        #expect(counter.count == 600)
        #expect(counter.threads == 1)
    }

    @Test("runs an actor that lives on it, and hands values to another loop and back")
    func actors() throws {
        let (one, two) = (try LoopThread(name: "one"), try LoopThread(name: "two"))
        let diary = Diary()
        let (near, far) = (Resident(on: one.loop), Resident(on: two.loop))
        Task(executorPreference: one.loop) {
            for number in 0 ..< 100 {
                let (here, there) = (await near.thread(), await far.thread())
                if here == there { diary.note("same thread") }
                if number == 99 { diary.note("done") }
            }
        }
        let limit = one.loop.now + .seconds(10)
        while diary.all.isEmpty, one.loop.now < limit { usleep(1000) }
        #expect(diary.all == ["done"])
        for thread in [one, two] {
            thread.stop()
            thread.join()
        }
    }

    @Test("wakes for a job of another thread in well under a millisecond, most times")
    func latency() throws {
        let thread = try LoopThread(name: "latency")
        var latencies: [Int64] = []
        for _ in 0 ..< 300 {
            usleep(300)
            let start = thread.loop.now
            let box = Woken()
            Task(executorPreference: thread.loop) {
                box.at.store(thread.loop.now.nanoseconds, ordering: .releasing)
            }
            while box.at.load(ordering: .acquiring) == 0 { sched_yield() }
            latencies.append(box.at.load(ordering: .acquiring) - start.nanoseconds)
        }
        thread.stop()
        thread.join()
        latencies.sort()
        #expect(latencies[150] < 5_000_000)
    }

    private final class Woken: Sendable { let at = Atomic<Int64>(0) }

    private final class Counted: Sendable {
        private let callers = Mutex<[UInt]>([])
        var count: Int { callers.withLock { $0.count } }
        var threads: Int { callers.withLock { Set($0).count } }
        func add() {
            let me = UInt(pthread_self())
            callers.withLock { $0.append(me) }
        }
    }

    private actor Resident: LoopActor {
        nonisolated let loop: EventLoop
        init(on loop: EventLoop) { self.loop = loop }
        func thread() -> UInt { UInt(pthread_self()) }
    }
}
