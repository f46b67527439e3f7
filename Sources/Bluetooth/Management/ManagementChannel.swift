import DriverKit
import Loop
import Vitals

/// The open management channel, and who waits for which answer.
///
/// One task reads it; any task may send and then wait for its answer.
final class ManagementChannel {
    struct Answer: Hashable, Sendable {
        var status: ManagementStatus
        var data: [UInt8]
    }

    /// A command on its way.
    final class Request {
        let code: ManagementCommand.Code
        let controller: UInt16
        fileprivate(set) var answer: Answer?
        fileprivate var resume: (() -> Void)?

        fileprivate init(_ code: ManagementCommand.Code, _ controller: UInt16) {
            self.code = code
            self.controller = controller
        }
    }

    private let link: any Link
    private let loop: EventLoop
    private var requests: [Request] = []
    private(set) var isClosed = false

    /// Commands on their way at once; another one is refused.
    static let requestsMax = 64

    init(_ link: any Link, on loop: EventLoop) {
        self.link = link
        self.loop = loop
    }

    func receive(before deadline: Instant) async throws(LinkError) -> ManagementPacket? {
        guard let chunk = try await link.receive(before: deadline) else { return nil }
        return ManagementPacket(chunk.bytes) ?? ManagementPacket(code: 0, controller: 0, parameters: [])
    }

    func send(_ command: ManagementCommand, to controller: UInt16) async throws(LinkError) -> Request {
        guard !isClosed else { throw .closed }
        guard requests.count < Self.requestsMax else { throw .busy("the management channel") }
        let request = Request(command.code, controller)
        requests.append(request)
        do {
            try await link.send(command.packet(to: controller), to: link.channels.first ?? .serial)
        } catch {
            drop(request)
            throw error
        }
        return request
    }

    /// Until the answer is there, the channel is closed, or `deadline`.
    func wait(for request: Request, before deadline: Instant) async -> Answer? {
        if request.answer == nil, !isClosed {
            _ = await loop.wait(before: deadline) { resume in
                if request.answer != nil || isClosed { resume() } else { request.resume = resume }
            }
        }
        request.resume = nil
        return request.answer
    }

    /// Nobody waits for it any more.
    func drop(_ request: Request) { requests.removeAll { $0 === request } }

    /// An answer from the kernel, to the oldest request of that kind.
    func take(code: UInt16, controller: UInt16, _ answer: Answer) {
        guard
            let index = requests.firstIndex(where: { $0.code.rawValue == code && $0.controller == controller })
        else { return }
        let request = requests.remove(at: index)
        request.answer = answer
        request.resume?()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        link.close()
        let waiting = requests
        requests = []
        for request in waiting { request.resume?() }
    }
}
