import Delivery
import Loop
import Vitals

/// The one door for a technician's commands: each connection is a conversation of one request.
extension HomeAgent {
    /// At a time; one more is told that it is busy.
    static let conversationsMax = 8

    func openDoor() {
        guard connections?.listener != nil else { return }
        Task(executorPreference: loop) { await self.admit() }
    }

    func closeDoor() {
        connections?.listener?.close()
        for conversation in conversations.values {
            conversation.finish(CommandFailure(.stopping, "homeward is stopping"))
        }
    }

    private func admit() async {
        guard let listener = connections?.listener else { return }
        while !isStopping, let link = await listener.accept() {
            conversationNumber += 1
            let number = conversationNumber
            let conversation = Conversation(number, link, on: loop)
            guard !isStopping else {
                conversation.finish(CommandFailure(.stopping, "homeward is stopping"))
                return
            }
            guard conversations.count < Self.conversationsMax else {
                conversation.finish(CommandFailure(.busy, "\(Self.conversationsMax) others are being served"))
                continue
            }
            conversations[number] = conversation
            Task(executorPreference: loop) { await self.read(number) }
            Task(executorPreference: loop) { await self.serve(number) }
        }
    }

    private func read(_ number: Int) async { await conversations[number]?.read() }

    private func serve(_ number: Int) async {
        guard let conversation = conversations[number] else { return }
        defer { conversations[number] = nil }
        let line = await conversation.nextLine(before: loop.now + Conversation.requestMax, on: loop)
        guard let line else {
            return conversation.finish(CommandFailure(.badRequest, "no request came"))
        }
        do throws(CommandFailure) {
            let request = try CommandRequest(parsing: line)
            try await carryOut(request, for: conversation)
            conversation.finish(nil)
        } catch {
            conversation.finish(error)
        }
    }

    private func carryOut(
        _ request: CommandRequest, for conversation: Conversation
    ) async throws(CommandFailure) {
        guard !isStopping else { throw CommandFailure(.stopping, "homeward is stopping") }
        switch request {
        case .status: await tellStatus(conversation)
        case .devices: tellDevices(conversation)
        case .scan(let seconds): try await scan(seconds: seconds, conversation)
        case .watch(let device): try await watch(device, conversation)
        case .pair, .unpair, .assign, .unassign, .record: try await change(request, for: conversation)
        }
    }

    /// What changes something or hands out raw bytes is written into the journal: who, what, and what became of it.
    private func change(_ request: CommandRequest, for conversation: Conversation) async throws(CommandFailure) {
        let peer = conversation.peer
        do throws(CommandFailure) {
            let result = try await result(of: request, for: conversation)
            world.log(.notice, "command \(request.words) by \(peer): \(result)")
        } catch {
            world.log(.notice, "command \(request.words) by \(peer): refused, \(error.code), \(error.text)")
            throw error
        }
    }

    private func result(
        of request: CommandRequest, for conversation: Conversation
    ) async throws(CommandFailure) -> String {
        switch request {
        case .pair(let pairing):
            return "done, \(try await pair(pairing, conversation))"
        case .unpair(let device):
            try await unpair(device)
            conversation.send(event: "unpaired") { $0.member("device", device.text) }
        case .assign(let device, let patient, let seconds):
            let assignment = try await assign(
                device, to: patient, missingAfterSeconds: seconds, by: conversation.by)
            conversation.send(event: "assigned") { json in
                json.member("device", device.text)
                json.member("patient", patient.text)
                json.member("from", rfc3339(utcNanoseconds: assignment.from))
                json.member("missingAfterSeconds", ifPresent: seconds)
            }
        case .unassign(let device):
            let assignment = try await unassign(device)
            conversation.send(event: "unassigned") { json in
                json.member("device", device.text)
                RegistryText.write(assignment, &json)
            }
            return "done, it was of \(assignment.patient)"
        case .record(let device, let seconds): return try await record(device, seconds: seconds, conversation)
        case .status, .devices, .scan, .watch: break
        }
        return "done"
    }

    // MARK: Watching

    private func watch(_ device: Identifier?, _ conversation: Conversation) async throws(CommandFailure) {
        if let device { _ = try session(device) }
        let watcher = feed.add(device: device) { conversation.ring() }
        defer { feed.remove(watcher) }
        for session in sessions where device.map({ $0 == session.setup.id }) ?? true {
            conversation.send(event: "link") { json in
                json.member("device", session.setup.id.text)
                json.link(session.twin)
            }
        }
        while !conversation.isEnded {
            watcher.hand { conversation.send($0) }
            await conversation.rest(before: loop.now + Self.watchRest)
        }
    }

    /// A client whose buffer was full is tried again this often.
    static let watchRest: Duration = .seconds(1)
}

extension CommandRequest {
    /// What is asked for, as the journal tells it.
    fileprivate var words: String {
        switch self {
        case .status: "status"
        case .devices: "devices"
        case .scan(let seconds): "scan \(seconds) s"
        case .pair(let pairing): "pair \(pairing.address)"
        case .unpair(let device): "unpair \(device)"
        case .assign(let device, let patient, let seconds):
            "assign \(device) to \(patient)\(seconds.map { ", missed after \($0) s" } ?? "")"
        case .unassign(let device): "unassign \(device)"
        case .watch(let device): "watch \(device?.text ?? "all")"
        case .record(let device, let seconds): "record \(device) \(seconds) s"
        }
    }
}
