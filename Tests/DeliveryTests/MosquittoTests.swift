import Glibc
import Loop
import Synchronization
import Testing
import Vitals

@testable import Delivery

@Suite("The real link with a real broker", .enabled(if: RealBroker.program != nil), .serialized)
struct MosquittoTests {
    /// The store and the session on one loop with a thread of its own, as in the daemon.
    private struct Station: Sendable {
        let loop: EventLoop
        let store: Store
        let session: BrokerSession

        init(_ loop: EventLoop, _ broker: BrokerSettings, path: String = ":memory:") async throws {
            self.loop = loop
            store = try await Store.open(settings: StoreSettings(path: path, boot: "test"), loop: loop)
            var settings = SessionSettings(root: "homeward/1/gw/")
            settings.pauseFirst = .milliseconds(200)
            settings.pauseLongest = .milliseconds(500)
            session = BrokerSession(
                settings: settings, store: store, link: MosquittoLink(settings: broker, loop: loop), loop: loop)
            Task(executorPreference: loop) { [session] in await session.run() }
        }

        func accept(_ lane: Lane, _ numbers: ClosedRange<Int>, topic: String) async {
            await store.accept(numbers.map { Home.draft(lane, $0, topic: topic) }, keeping: [])
        }

        /// Waits up to ten seconds.
        func until(_ isSo: @Sendable () -> Bool) async -> Bool {
            for _ in 0 ..< 500 {
                if isSo() { return true }
                await Sleeper(loop: loop).sleep()
            }
            return false
        }

        var depth: Int64 { store.report.lanes.values.reduce(0) { $0 + $1.depth } }
    }

    private actor Sleeper: LoopActor {
        nonisolated let loop: EventLoop
        init(loop: EventLoop) { self.loop = loop }
        func sleep() async { await loop.sleep(until: loop.now + .milliseconds(20)) }
    }

    /// Runs `work` on a loop in real time; gives up after half a minute.
    private func run(_ work: @escaping @Sendable (EventLoop) async throws -> Void) throws {
        let waiter = PollWaiter()
        let loop = EventLoop(name: "test", waiter: waiter)
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        Task(executorPreference: loop) {
            do {
                try await work(loop)
                outcome.withLock { $0 = .success(()) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
        }
        let end = loop.now + .seconds(30)
        loop.run { outcome.withLock { $0 != nil } || loop.now > end }
        try #require(outcome.withLock { $0 }, "it did not end").get()
    }

    private func settings(_ port: UInt16) -> BrokerSettings {
        BrokerSettings(host: "127.0.0.1", port: port, clientID: "homeward-test")
    }

    @Test(
        "What is accepted arrives in order and leaves the store", arguments: BrokerSettings.ProtocolVersion.allCases
    )
    func delivers(_ version: BrokerSettings.ProtocolVersion) throws {
        let broker = try RealBroker()
        let heard = try RealSubscriber(port: broker.port)
        var settings = settings(broker.port)
        settings.version = version
        try run { [settings] loop in
            let station = try await Station(loop, settings)
            await station.accept(.reading, 1 ... 300, topic: "reading")
            #expect(await station.until { station.depth == 0 })
            let status = station.session.status
            #expect(status.state == .live)
            #expect(status.lanes[.reading]?.delivered == 300)
            await station.session.stop(before: loop.now + .seconds(3))
        }
        usleep(200_000)
        let lines = heard.lines
        let numbers = lines.filter { $0.contains("gw/reading") }.compactMap {
            Home.member("number", of: Array($0.utf8))
        }
        #expect(numbers == (1 ... 300).map(String.init))
        #expect(lines.first?.contains(#""state":"online""#) == true)
        #expect(lines.last?.contains(#""reason":"stopped""#) == true)
    }

    @Test("A topic that the broker's rules forbid is held, and the others flow")
    func denied() throws {
        let broker = try RealBroker(rules: "topic write homeward/1/gw/status\ntopic write homeward/1/gw/good\n")
        let port = broker.port
        let settings = settings(port)
        try run { loop in
            let station = try await Station(loop, settings)
            await station.accept(.reading, 1 ... 1, topic: "bad")
            await station.accept(.alert, 1 ... 5, topic: "good")
            #expect(await station.until { station.store.report.lanes[.alert]?.depth == 0 })
            #expect(await station.until { station.session.status.publishesRefused > 0 })
            #expect(station.session.status.publishRefusedLast == "bad: reason 0x87")
            #expect(station.depth == 1)
            await station.session.stop(before: loop.now + .seconds(1))
        }
    }

    @Test("A broker that goes away and comes back gets what it missed")
    func restart() throws {
        let broker = try RealBroker()
        let held = Mutex(broker)
        let settings = settings(broker.port)
        try run { loop in
            let station = try await Station(loop, settings)
            #expect(await station.until { station.session.status.state == .live })
            held.withLock { $0.stop() }
            #expect(await station.until { station.session.status.state != .live })
            await station.accept(.alert, 1 ... 20, topic: "alert")
            #expect(station.depth == 20)
            #expect(station.session.status.troubleLast != nil)
            try held.withLock { try $0.start() }
            #expect(await station.until { station.depth == 0 })
            #expect(station.session.status.connections == 2)
            #expect(station.session.status.alertsWithoutSubscriber == 20)
            await station.session.stop(before: loop.now + .seconds(3))
        }
    }

    @Test("A connection that dies leaves its will")
    func will() throws {
        let broker = try RealBroker()
        let heard = try RealSubscriber(port: broker.port)
        let settings = settings(broker.port)
        try run { loop in
            let station = try await Station(loop, settings)
            #expect(await station.until { station.session.status.state == .live })
        }
        // The loop is gone, and nobody answers for the connection: another one with the same name takes its place.
        try run { loop in
            let station = try await Station(loop, settings)
            #expect(await station.until { station.session.status.state == .live })
            await station.session.stop(before: loop.now + .seconds(3))
        }
        usleep(200_000)
        let states = heard.lines.filter { $0.contains("gw/status") }
        #expect(states.contains { $0.contains(#""reason":"connection lost""#) })
    }

    @Test("A wrong password is named, and what to do about it")
    func wrongPassword() throws {
        let folder = try TemporaryFolder()
        try folder.write("passwords", [])
        try folder.write("password", Array("secret\nmore".utf8))
        let broker = try RealBroker(more: "allow_anonymous false\npassword_file \(folder.file("passwords"))\n")
        var settings = settings(broker.port)
        settings.user = "gw"
        settings.passwordFile = folder.file("password")
        try run { [settings] loop in
            let station = try await Station(loop, settings)
            #expect(await station.until { station.session.status.troubleLast != nil })
            let trouble = station.session.status.troubleLast ?? ""
            #expect(trouble.contains("refuses the user name or password") || trouble.contains("does not authorise"))
            await station.session.stop(before: loop.now + .seconds(1))
        }
    }

    @Test(
        "Over TLS only a broker is spoken to whose certificate carries its name",
        .enabled(if: RealCertificates.program != nil),
        arguments: [("IP:127.0.0.1", true), ("DNS:elsewhere", false)])
    func tls(_ name: String, _ isRight: Bool) throws {
        let certificates = try RealCertificates(for: name)
        let broker = try RealBroker(more: certificates.brokerLines)
        var settings = settings(broker.port)
        settings.tls = BrokerSettings.TLS(authorityFile: certificates.authorityFile)
        try run { [settings] loop in
            let station = try await Station(loop, settings)
            await station.accept(.alert, 1 ... 3, topic: "alert")
            if isRight {
                #expect(await station.until { station.depth == 0 })
            } else {
                #expect(await station.until { station.session.status.failuresInRow > 1 })
                #expect(station.session.status.troubleLast?.contains("TLS") == true)
                #expect(station.depth == 3)
            }
            await station.session.stop(before: loop.now + .seconds(1))
        }
    }

    @Test("A password file that is not there is named")
    func noPassword() throws {
        var settings = settings(1)
        settings.user = "gw"
        settings.passwordFile = "/nonexistent/password"
        let will = BrokerMessage(topic: "status", payload: [], isRetained: true)
        #expect(throws: BrokerLinkError.self) { try MosquittoClient(settings, will: will) }
    }

    @Test("An authority file that is not there is named")
    func noAuthority() throws {
        var settings = settings(1)
        settings.tls = BrokerSettings.TLS(authorityFile: "/nonexistent/ca.pem")
        let will = BrokerMessage(topic: "status", payload: [], isRetained: true)
        #expect(throws: BrokerLinkError.self) { try MosquittoClient(settings, will: will) }
    }
}
