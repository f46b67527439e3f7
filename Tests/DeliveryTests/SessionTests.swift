import Loop
import Simulation
import Testing
import Vitals

@testable import Delivery

@Suite("The session with a broker")
struct SessionTests {
    /// Runs `work` in simulated time and hands on what it throws.
    private func simulate<Result: Sendable>(
        _ work: @escaping @Sendable (EventLoop) async throws -> Result
    ) throws -> Result {
        let outcome: Swift.Result<Result, any Error>? = EventLoop.simulate(until: .boot + .seconds(100_000)) {
            loop in
            do { return .success(try await work(loop)) } catch { return .failure(error) }
        }
        return try #require(outcome).get()
    }

    @Test("What was accepted reaches the broker, and the store forgets it")
    func delivers() throws {
        try simulate { loop in
            let home = try await Home(loop)
            home.begin()
            await home.wait(.seconds(1))
            await home.accept(.reading, 1 ... 100)
            #expect(await home.isDelivered(within: .seconds(60)))
            let numbers = home.record.taken.compactMap { Home.member("number", of: $0.payload) }
            #expect(numbers == (1 ... 100).map(String.init))
            let status = home.session.status
            #expect(status.state == .live)
            #expect(status.lanes[.reading]?.delivered == 100)
            #expect(status.lanes[.reading]?.depth == 0)
            #expect(status.lanes[.reading]?.fromCommit.count == 100)
            #expect(status.lanes[.reading]?.oldestAgeMilliseconds == nil)
        }
    }

    @Test("The will, the birth and the farewell name the same connection")
    func status() throws {
        try simulate { loop in
            let home = try await Home(loop)
            home.begin()
            await home.wait(.seconds(1))
            await home.session.stop(before: loop.now + .seconds(3))
            let messages = home.record.messages.filter { $0.topic == Home.root + "status" }
            #expect(messages.map { Home.member("state", of: $0.payload) } == ["online", "offline"])
            #expect(Set(messages.map { Home.member("connection", of: $0.payload) }).count == 1)
            #expect(messages.allSatisfy { $0.isRetained })
            #expect(home.session.status.state == .stopped)
        }
    }

    @Test("A stop delivers first what the broker takes")
    func stopDelivers() throws {
        try simulate { loop in
            let home = try await Home(loop)
            home.begin()
            await home.wait(.seconds(1))
            await home.accept(.reading, 1 ... 50)
            await home.session.stop(before: loop.now + .seconds(30))
            #expect(home.record.taken.count { $0.topic == Home.root + "test/reading" } == 50)
            await home.wait(.seconds(1))
            #expect(home.store.report.lanes[.reading]?.depth == 0)
        }
    }

    @Test("A stop without a broker returns in time")
    func stopWithoutBroker() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.silent = 1
            let home = try await Home(loop, mood: mood)
            home.begin()
            await home.wait(.seconds(5))
            let before = loop.now
            await home.session.stop(before: loop.now + .seconds(3))
            #expect(loop.now - before < .seconds(3))
        }
    }

    @Test("States are sent after each connection, the latest only, under a new name")
    func states() throws {
        try simulate { loop in
            let home = try await Home(loop)
            await home.store.publish(state: "device/a", schema: "device", body: Array(#""battery":1"#.utf8))
            await home.store.publish(state: "device/a", schema: "device", body: Array(#""battery":2"#.utf8))
            home.begin()
            await home.wait(.seconds(2))
            home.record.mood.losing = 1
            await home.accept(.reading, 1 ... 1)
            await home.wait(.seconds(1))
            home.record.mood.losing = 0
            #expect(await home.isDelivered(within: .seconds(120)))
            await home.wait(.seconds(5))
            let states = home.record.taken.filter { $0.topic == Home.root + "device/a" }
            #expect(states.count == 2)
            #expect(states.allSatisfy { Home.member("battery", of: $0.payload) == "2" && $0.isRetained })
            #expect(Set(states.map { Home.member("id", of: $0.payload) }).count == 2)
        }
    }

    @Test("After an outage alerts go before everything else")
    func alertsFirst() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.unreachable = 1
            let home = try await Home(loop, mood: mood)
            home.begin()
            await home.accept(.waveform, 1 ... 100)
            await home.accept(.reading, 1 ... 100)
            await home.accept(.session, 1 ... 3)
            await home.accept(.alert, 1 ... 40)
            await home.wait(.seconds(100))
            home.record.mood.unreachable = 0
            #expect(await home.isDelivered(within: .seconds(100)))
            let lanes = home.record.taken.compactMap { Home.member("lane", of: $0.payload) }
            let expected =
                ["status"] + Array(repeating: "alert", count: 40) + Array(repeating: "session", count: 3)
                + Array(repeating: "reading", count: 100) + Array(repeating: "waveform", count: 100)
            #expect(lanes == expected)
            #expect(
                home.record.taken.dropFirst().allSatisfy { Home.member("delivery", of: $0.payload) == "backfill" })
        }
    }

    @Test("A backlog of waveforms delays an alert by no more than the window")
    func alertOvertakes() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.slowness = .milliseconds(200)
            let home = try await Home(loop, mood: mood)
            await home.accept(.waveform, 1 ... 500)
            home.begin()
            await home.wait(.seconds(2))
            let before = home.record.taken.count
            await home.accept(.alert, 1 ... 1)
            #expect(await home.isDelivered(within: .seconds(600)))
            let position = home.record.taken.firstIndex { Home.member("lane", of: $0.payload) == "alert" }
            #expect((position ?? .max) - before <= 16)
            #expect(home.session.status.lanes[.alert]?.fromCommit.maxMilliseconds ?? .infinity < 400)
        }
    }

    @Test("No more than the window is unacknowledged, and some of it is kept for alerts")
    func window() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.mute = 1
            let home = try await Home(loop, mood: mood)
            await home.accept(.reading, 1 ... 100)
            home.begin()
            await home.wait(.seconds(5))
            #expect(home.session.status.inFlight == 12)
            await home.accept(.alert, 1 ... 100)
            await home.wait(.seconds(1))
            #expect(home.session.status.inFlight == 16)
        }
    }

    @Test("A broker that takes one at a time is given one at a time")
    func receiveMaximum() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.receiveMaximum = 1
            let home = try await Home(loop, mood: mood)
            await home.accept(.reading, 1 ... 20)
            home.begin()
            #expect(await home.isDelivered(within: .seconds(60)))
        }
    }

    @Test("A broker that answers no more is left, and everything goes again under the same names")
    func ackTimeout() throws {
        try simulate { loop in
            let home = try await Home(loop)
            home.begin()
            await home.wait(.seconds(1))
            home.record.mood.mute = 1
            await home.accept(.reading, 1 ... 5)
            await home.wait(.seconds(19))
            #expect(home.session.status.acksTimedOut == 0)
            await home.wait(.milliseconds(1200))
            #expect(home.session.status.acksTimedOut == 1)
            home.record.mood.mute = 0
            #expect(await home.isDelivered(within: .seconds(120)))
            let payloads = home.record.taken.filter { $0.topic.hasSuffix("reading") }.map(\.payload)
            #expect(payloads.count == 10)
            #expect(Array(payloads[..<5]) == Array(payloads[5...]))
            #expect(home.session.status.connections == 2)
        }
    }

    @Test("A refused row is tried alone, then its topic is held and everything else flows")
    func heldTopic() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.deniedTopics = [Home.root + "bad"]
            let home = try await Home(loop, mood: mood)
            home.begin()
            await home.accept(.reading, 1 ... 3, topic: "good")
            await home.accept(.reading, 4 ... 6, topic: "bad")
            await home.accept(.reading, 7 ... 60, topic: "good")
            await home.wait(.seconds(20))
            #expect(home.store.report.lanes[.reading]?.depth ?? 0 > 3)
            await home.wait(.seconds(60))
            #expect(home.store.report.lanes[.reading]?.depth == 3)
            #expect(home.session.status.heldTopics == ["bad"])
            await home.accept(.reading, 61 ... 70, topic: "good")
            await home.accept(.reading, 71 ... 72, topic: "bad")
            await home.wait(.seconds(5))
            #expect(home.store.report.lanes[.reading]?.depth == 5)
            home.record.mood.deniedTopics = []
            #expect(await home.isDelivered(within: .seconds(120)))
            let bad = home.record.taken.filter { $0.topic == Home.root + "bad" }
            #expect(bad.compactMap { Home.member("number", of: $0.payload) } == ["4", "5", "6", "71", "72"])
            let good = home.record.taken.filter { $0.topic == Home.root + "good" }
            #expect(
                good.compactMap { Home.member("number", of: $0.payload) }
                    == (Array(1 ... 3) + Array(7 ... 70)).map(String.init))
            #expect(home.session.status.heldTopics.isEmpty)
        }
    }

    @Test("A topic held before a reconnect is tried once after it and delays nothing")
    func heldOverReconnect() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.deniedTopics = [Home.root + "bad"]
            let home = try await Home(loop, mood: mood)
            home.begin()
            await home.accept(.alert, 1 ... 40, topic: "bad")
            await home.wait(.seconds(100))
            #expect(home.session.status.heldTopics == ["bad"])
            home.record.mood.losing = 1
            await home.accept(.alert, 41 ... 41, topic: "good")
            await home.wait(.seconds(2))
            home.record.mood.losing = 0
            await home.wait(.seconds(60))
            #expect(home.store.report.lanes[.alert]?.depth == 40)
            home.record.mood.deniedTopics = []
            #expect(await home.isDelivered(within: .seconds(120)))
            let bad = home.record.taken.filter { $0.topic == Home.root + "bad" }
            #expect(bad.compactMap { Home.member("number", of: $0.payload) } == (1 ... 40).map(String.init))
        }
    }

    @Test("An alert that nobody has subscribed to is delivered, and counted")
    func nobodyListens() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.reasonTaken = 0x10
            let home = try await Home(loop, mood: mood)
            home.begin()
            await home.accept(.alert, 1 ... 2)
            await home.accept(.reading, 1 ... 2)
            #expect(await home.isDelivered(within: .seconds(60)))
            #expect(home.session.status.alertsWithoutSubscriber == 2)
            #expect(home.session.status.isAlertHeard == false)
        }
    }

    @Test("A refused password is not tried every second, and the reason says what to do")
    func refused() throws {
        try simulate { loop in
            var mood = BrokerMood()
            mood.refusing = 1
            let home = try await Home(loop, mood: mood, seed: 3)
            home.begin()
            await home.wait(.seconds(3600))
            let attempts = home.record.transcript.count { $0.hasSuffix("connect") }
            #expect(attempts > 10 && attempts < 240)
            #expect(home.session.status.troubleLast?.contains("reason 0x") == true)
            #expect(home.session.status.failuresInRow >= UInt64(attempts - 1))
            home.record.mood.refusing = 0
            await home.accept(.alert, 1 ... 1)
            #expect(await home.isDelivered(within: .seconds(301)))
        }
    }

    @Test("An alert is live when the broker is there and its lane is not behind")
    func live() throws {
        try simulate { loop in
            let home = try await Home(loop)
            home.begin()
            await home.wait(.seconds(1))
            await home.accept(.alert, 1 ... 1)
            #expect(await home.isDelivered(within: .seconds(5)))
            #expect(home.record.taken.last.flatMap { Home.member("delivery", of: $0.payload) } == "live")
        }
    }
}
