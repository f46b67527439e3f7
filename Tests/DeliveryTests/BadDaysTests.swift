import Loop
import Simulation
import Testing
import Vitals

@testable import Delivery

@Suite("Bad days, each from a seed")
struct BadDaysTests {
    struct Day: Sendable {
        var accepted: [Lane: Int]
        var messages: [BrokerRecord.Message]
        var transcript: [String]
        var isDelivered: Bool
    }

    /// A home of twenty minutes with a broker as bad as the seed says, which then heals.
    private func day(_ seed: UInt64) throws -> Day {
        let outcome: Result<Day, any Error>? = EventLoop.simulate(until: .boot + .seconds(100_000)) { loop in
            do { return .success(try await Self.live(seed, loop)) } catch { return .failure(error) }
        }
        return try #require(outcome, "the day did not end").get()
    }

    private static func live(_ seed: UInt64, _ loop: EventLoop) async throws -> Day {
        var dice = Dice(seed: seed)
        let home = try await Home(loop, mood: badMood(&dice), seed: seed)
        home.begin()
        var accepted: [Lane: Int] = [:]
        for turn in 0 ..< 120 {
            let lane = Lane.allCases.randomElement(using: &dice) ?? .alert
            let count = Int.random(in: 1 ... (lane == .waveform ? 12 : 4), using: &dice)
            let first = (accepted[lane] ?? 0) + 1
            accepted[lane] = first + count - 1
            await home.accept(lane, first ... first + count - 1, topic: "\(lane.name)/\(turn % 3)")
            if dice.falls(0.2) {
                await home.store.publish(state: "device/\(turn % 5)", schema: "device", body: [0x20])
            }
            await home.wait(dice.duration(upTo: .seconds(20)))
            if dice.falls(0.05) { home.record.mood = badMood(&dice) }
        }
        home.record.mood = BrokerMood()
        let isDelivered = await home.isDelivered(within: .seconds(900))
        await home.session.stop(before: loop.now + .seconds(3))
        return Day(
            accepted: accepted, messages: home.record.messages, transcript: home.record.transcript,
            isDelivered: isDelivered)
    }

    private static func badMood(_ dice: inout Dice) -> BrokerMood {
        func share(_ most: Double, _ dice: inout Dice) -> Double {
            dice.falls(0.5) ? Double.random(in: 0 ... most, using: &dice) : 0
        }
        var mood = BrokerMood()
        mood.unreachable = share(0.8, &dice)
        mood.silent = share(0.4, &dice)
        mood.refusing = share(0.3, &dice)
        mood.hangingUp = share(0.5, &dice)
        mood.losing = share(0.1, &dice)
        mood.forgetting = share(0.1, &dice)
        mood.mute = share(0.1, &dice)
        mood.stuttering = share(0.5, &dice)
        mood.denying = share(0.2, &dice)
        if dice.falls(0.2) { mood.deniedTopics = [Home.root + "reading/1", Home.root + "alert/2"] }
        mood.slowness = dice.duration(upTo: .seconds(3))
        mood.receiveMaximum = dice.falls(0.2) ? Int.random(in: 1 ... 20, using: &dice) : 65_535
        return mood
    }

    @Test("Nothing accepted is lost, renamed or changed, and order holds", arguments: 0 ..< 240)
    func nothingLost(_ seed: Int) throws {
        let day = try day(UInt64(seed))
        #expect(day.isDelivered)
        var contents: [String: [UInt8]] = [:]
        var first: [String: [Int]] = [:]
        var denied: Set<String> = []
        for message in day.messages {
            guard let id = Home.member("id", of: message.payload),
                let lane = Home.member("lane", of: message.payload),
                let seq = Home.member("seq", of: message.payload).flatMap({ Int($0) })
            else {
                Issue.record("a message without a name")
                continue
            }
            #expect(contents[id] == nil || contents[id] == message.payload, "one id, two contents: \(id)")
            contents[id] = message.payload
            if message.isDenied {
                denied.insert(id)
            } else if !(first[lane]?.contains(seq) ?? false) {
                first[lane, default: []].append(seq)
            }
        }
        for lane in Lane.allCases {
            let seen = first[lane.name] ?? []
            #expect(seen.sorted() == Array(1 ..< (day.accepted[lane] ?? 0) + 1))
            // What the broker refused at first, and what waited with it, comes later.
            if denied.isEmpty { #expect(seen == seen.sorted()) }
        }
    }

    @Test("The same seed is the same day, to the last packet", arguments: [1, 17, 99])
    func sameSeed(_ seed: Int) throws {
        let one = try day(UInt64(seed))
        let other = try day(UInt64(seed))
        #expect(one.transcript.count > 100)
        #expect(one.transcript == other.transcript)
    }
}
