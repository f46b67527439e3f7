public import Delivery
public import Loop
import Synchronization
public import Vitals

/// How badly a simulated broker behaves. Shares are of 1, of what they are asked for.
public struct BrokerMood: Sendable {
    /// Of connections: nobody is there, no answer comes, the answer is no, or it closes before it answers.
    public var unreachable = 0.0
    public var silent = 0.0
    public var refusing = 0.0
    public var hangingUp = 0.0
    /// Of messages: the connection closes before it is taken, or after it was taken and before it is said.
    public var losing = 0.0
    public var forgetting = 0.0
    /// Of messages: taken, and never acknowledged.
    public var mute = 0.0
    /// Of acknowledgements: said twice.
    public var stuttering = 0.0
    /// Of messages: refused with "not authorised" by chance.
    public var denying = 0.0
    /// Topics refused with "not authorised", whole.
    public var deniedTopics: Set<String> = []
    /// An acknowledgement takes up to so long.
    public var slowness: Duration = .milliseconds(20)
    public var receiveMaximum = 65_535
    /// The reason given when nobody has subscribed.
    public var reasonTaken: UInt8 = 0

    public init() {}
}

/// What a broker saw, for a test to look at. The broker and the test share it.
public final class BrokerRecord: Sendable {
    public struct Message: Hashable, Sendable {
        public var connection: Int
        public var at: Instant
        public var topic: String
        public var payload: [UInt8]
        public var isRetained: Bool
        /// Whether the broker refused it.
        public var isDenied: Bool
    }

    private struct Content {
        var messages: [Message] = []
        var transcript: [String] = []
        var mood: BrokerMood
    }

    private let content: Mutex<Content>

    public init(_ mood: BrokerMood = BrokerMood()) { content = Mutex(Content(mood: mood)) }

    public var messages: [Message] { content.withLock { $0.messages } }
    /// What the broker took.
    public var taken: [Message] { messages.filter { !$0.isDenied } }
    public var transcript: [String] { content.withLock { $0.transcript } }
    public var mood: BrokerMood {
        get { content.withLock { $0.mood } }
        set { content.withLock { $0.mood = newValue } }
    }

    func add(_ message: Message) { content.withLock { $0.messages.append(message) } }
    func say(_ line: String, at now: Instant) {
        content.withLock { $0.transcript.append("\(now.nanoseconds / 1_000_000) \(line)") }
    }
}

/// A broker in simulated time that refuses, forgets, stutters and falls silent, as its mood and its seed say.
public final class ForgetfulBroker: BrokerLink {
    private let loop: EventLoop
    private let record: BrokerRecord
    private var dice: Dice
    private var handler: ((BrokerEvent) -> Void)?
    private var will: BrokerMessage?
    private var isAccepted = false
    /// It has gone, and the other side does not know yet: nothing arrives any more.
    private var isGone = false
    private var due: [(at: Instant, event: BrokerEvent)] = []
    private var connections = 0

    public init(record: BrokerRecord, seed: UInt64, loop: EventLoop) {
        self.record = record
        self.loop = loop
        dice = Dice(seed: seed)
    }

    public var protocolName: String { "simulated" }
    public var nextTick: Instant { due.first?.at ?? .never }

    public func connect(
        will: BrokerMessage, _ handler: @escaping (BrokerEvent) -> Void
    ) throws(BrokerLinkError) {
        close()
        let mood = record.mood
        connections += 1
        record.say("connect", at: loop.now)
        if dice.falls(mood.unreachable) { throw .unreachable("nobody is there") }
        self.handler = handler
        self.will = will
        isAccepted = false
        isGone = false
        if dice.falls(mood.silent) { return }
        if dice.falls(mood.refusing) {
            let codes: [UInt8] = [0x88, 0x89, 0x86, 0x87, 0x97]
            return later(.refused(BrokerRefusal(mqtt5: codes.randomElement(using: &dice) ?? 0x88)))
        }
        if dice.falls(mood.hangingUp) { return later(.ended(reason: "hung up")) }
        later(.accepted(receiveMaximum: mood.receiveMaximum))
    }

    public func publish(_ message: BrokerMessage, token: UInt64) throws(BrokerLinkError) {
        guard handler != nil else { throw .lost("there is no connection") }
        if isGone { return }
        let mood = record.mood
        if dice.falls(mood.losing) { return go("lost") }
        let isDenied = mood.deniedTopics.contains(message.topic) || dice.falls(mood.denying)
        record.add(
            BrokerRecord.Message(
                connection: connections, at: loop.now, topic: message.topic, payload: message.payload,
                isRetained: message.isRetained, isDenied: isDenied))
        record.say("\(message.topic) \(String(decoding: message.payload, as: UTF8.self))", at: loop.now)
        if dice.falls(mood.forgetting) { return go("forgot") }
        if dice.falls(mood.mute) { return }
        let answer = BrokerEvent.acknowledged(token: token, reason: isDenied ? 0x87 : mood.reasonTaken)
        later(answer)
        if dice.falls(mood.stuttering) { later(answer) }
    }

    /// Nobody commands in a simulation.
    public func subscribe(to filter: String) throws(BrokerLinkError) {}

    public func tick() {
        while let first = due.first, first.at <= loop.now {
            due.removeFirst()
            record.say("says \(first.event)", at: loop.now)
            let handler = handler
            if case .accepted = first.event { isAccepted = true }
            if case .ended = first.event { leave() }
            handler?(first.event)
        }
    }

    public func disconnect() {
        will = nil
        close()
    }

    public func close() {
        guard handler != nil else { return }
        record.say("closed", at: loop.now)
        leave()
    }

    /// Whoever goes without a word has a will.
    private func leave() {
        handler = nil
        due = []
        guard isAccepted, let will else { return }
        self.will = nil
        record.add(
            BrokerRecord.Message(
                connection: connections, at: loop.now, topic: will.topic, payload: will.payload,
                isRetained: will.isRetained, isDenied: false))
    }

    private func go(_ reason: String) {
        isGone = true
        later(.ended(reason: reason))
    }

    /// Answers keep their order.
    private func later(_ event: BrokerEvent) {
        let earliest = due.last?.at ?? loop.now
        due.append((max(earliest, loop.now + dice.duration(upTo: record.mood.slowness)), event))
    }
}
