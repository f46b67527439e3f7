import Loop
import Simulation
import Testing
import Vitals

@Suite("A bell")
struct BellTests {
    @Test("keeps one ring that nobody waited for, and only one")
    func kept() {
        let outcomes = EventLoop.simulate { loop in
            let bell = Bell(on: loop)
            bell.ring()
            bell.ring()
            let first = await bell.wait(before: loop.now + .seconds(1))
            return [first, await bell.wait(before: loop.now + .seconds(1))]
        }
        #expect(outcomes == [.ready, .deadline])
    }

    @Test("wakes everyone who waits")
    func everyone() {
        let diary = Diary()
        _ = EventLoop.simulate { loop in
            nonisolated(unsafe) let bell = Bell(on: loop)
            for name in ["a", "b", "c"] {
                Task(executorPreference: loop) {
                    _ = unsafe await bell.wait()
                    diary.note(name)
                }
            }
            await loop.sleep(until: loop.now + .seconds(1))
            unsafe bell.ring()
            await loop.sleep(until: loop.now + .seconds(1))
        }
        #expect(diary.all == ["a", "b", "c"])
    }

    @Test("is heard by one whose deadline came at the very same moment")
    func ringAtDeadline() {
        let outcomes = EventLoop.simulate { loop in
            nonisolated(unsafe) let bell = Bell(on: loop)
            let deadline = loop.now + .seconds(1)
            // Its timer is the earlier one of the two, so that it rings while the other's deadline is due.
            Task(executorPreference: loop) {
                await loop.sleep(until: deadline)
                unsafe bell.ring()
            }
            await loop.sleep(until: loop.now)
            let first = unsafe await bell.wait(before: deadline)
            let second = unsafe await bell.wait(before: deadline + .seconds(1))
            return [first, second]
        }
        #expect(outcomes?.filter { $0 == .ready }.count == 1)
    }

    @Test("is heard by a waiter whose deadline has come but whose turn has not")
    func ringAfterDeadline() {
        let outcomes = EventLoop.simulate { loop in
            nonisolated(unsafe) let bell = Bell(on: loop)
            let deadline = loop.now + .seconds(1)
            var outcomes: [EventLoop.Outcome] = []
            nonisolated(unsafe) var waiter: EventLoop.Outcome?
            Task(executorPreference: loop) {
                unsafe waiter = await bell.wait(before: deadline)
            }
            await loop.sleep(until: deadline)
            unsafe bell.ring()
            await loop.sleep(until: loop.now)
            if let outcome = unsafe waiter { outcomes.append(outcome) }
            outcomes.append(unsafe await bell.wait(before: loop.now + .seconds(1)))
            return outcomes
        }
        // The ring went to one of the two, and was not lost between them.
        #expect(outcomes?.filter { $0 == .ready }.count == 1)
    }
}
