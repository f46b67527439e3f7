public import Delivery
import Loop
public import Vitals

/// A courier that also keeps the sessions that it was given. The outbox comes first: a session that cannot be
/// archived is delivered all the same.
public final class ArchivingCourier: Courier {
    private let courier: any Courier
    private let archive: SessionArchive
    private let clock: @Sendable () -> WallClock
    private let log: @Sendable (LogLevel, String) -> Void

    public init(
        _ courier: any Courier, archive: SessionArchive, clock: @escaping @Sendable () -> WallClock,
        log: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        self.courier = courier
        self.archive = archive
        self.clock = clock
        self.log = log
    }

    public func accept(_ drafts: [Draft], keeping keepsakes: [Keepsake]) async {
        await courier.accept(drafts, keeping: keepsakes)
        for draft in drafts where draft.lane == .session {
            do throws(StateError) {
                try await archive.keep(draft.body, utcNanoseconds: clock().utcNanoseconds)
            } catch {
                log(.warning, "a session was not archived, it is delivered all the same: \(error)")
            }
        }
    }

    public func publish(state topic: String, schema: String, body: [UInt8]) async {
        await courier.publish(state: topic, schema: schema, body: body)
    }

    public func keepsakes(withPrefix prefix: String) async -> [Keepsake] {
        await courier.keepsakes(withPrefix: prefix)
    }
}
