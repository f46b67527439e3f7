import Loop
import Vitals

/// Group commit: whoever comes while one commit runs shares the next.
extension Store {
    private static let draftsPerCommitMax = 512
    private static let deletionsPerCommitMax = 256
    /// From so many on, deletions do not wait for company.
    private static let deletionsSoon = 64
    private static let deletionRetry: Duration = .seconds(1)
    private static let retryFirst: Duration = .milliseconds(50)
    private static let retryLongest: Duration = .seconds(10)
    /// Payload that goes when the disk is full and nothing else helped.
    private static let evictedBytes: Int64 = 1 << 20

    func commitSoon() {
        guard isCommitting else {
            isCommitting = true
            Task(executorPreference: loop) { [self] in await commitAll() }
            return
        }
        if pending.last?.isUrgent == true { company.ring() }
    }

    private func commitAll() async {
        let interval = Duration.milliseconds(settings.commitIntervalMilliseconds)
        if !pending.contains(where: \.isUrgent), outbox.untold.isEmpty {
            _ = await company.wait(before: loop.now + interval)
        }
        var pause = Self.retryFirst
        while !pending.isEmpty || !outbox.untold.isEmpty {
            let group = takeGroup()
            isCommitThere = false
            if commit(group) {
                pause = Self.retryFirst
            } else {
                repeat {
                    await loop.sleep(until: loop.now + pause)
                    pause = min(pause * 2, Self.retryLongest)
                    if needsReopening { reopen() }
                } while needsReopening
            }
            if isCommitThere {
                committed()
                for waiting in group {
                    waiting.isDone = true
                    waiting.done.take()?()
                }
            } else {
                // Behind the others: one that cannot be committed does not keep them from it.
                pending.append(contentsOf: group)
            }
        }
        isCommitting = false
    }

    /// While commits fail, one at a time, the urgent first.
    private func takeGroup() -> [Waiting] {
        if isFailing {
            guard let index = pending.firstIndex(where: \.isUrgent) ?? pending.indices.first else { return [] }
            return [pending.remove(at: index)]
        }
        var drafts = 0
        let group = pending.prefix { waiting in
            drafts += waiting.batch.drafts.count
            return drafts <= Self.draftsPerCommitMax
        }
        let count = max(group.count, min(1, pending.count))
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }

    /// `true` when it is on disk.
    private func commit(_ group: [Waiting]) -> Bool {
        let keys = Array(deletions.prefix(Self.deletionsPerCommitMax))
        do throws(DatabaseError) {
            try outbox.commit(group.map(\.batch), deleting: keys, isConnected: isConnected, now: loop.now)
            deletions.subtract(keys)
            isCommitThere = true
        } catch {
            isFailing = true
            mend(error)
            guard isCommitThere else { return false }
        }
        return true
    }

    private func committed() {
        isFailing = false
        faults.since = nil
        ballast?.restore(now: loop.now)
        updateReport()
        lanesGrew()
    }

    // MARK: Deleting

    func deleteSoon() {
        if deletions.count >= Self.deletionsSoon, !isFailing {
            delete()
        } else if !isDeleting, !deletions.isEmpty {
            isDeleting = true
            Task(executorPreference: loop) { [self] in await deleteLater() }
        }
    }

    private func deleteLater() async {
        await loop.sleep(until: loop.now + (isFailing ? Self.deletionRetry : Self.deletionPause))
        isDeleting = false
        delete()
        deleteSoon()
    }

    @discardableResult
    private func delete() -> Bool {
        guard !deletions.isEmpty else { return true }
        let keys = Array(deletions)
        do throws(DatabaseError) { try outbox.delete(keys) } catch {
            isFailing = true
            mend(error)
            return false
        }
        isFailing = false
        faults.since = nil
        deletions.subtract(keys)
        updateReport()
        return true
    }

    // MARK: Mending

    /// Does what helps against the error.
    func mend(_ error: DatabaseError) {
        faults.count += 1
        faults.last = error.description
        if faults.since == nil { faults.since = loop.now }
        defer { updateReport() }
        switch error.kind {
        case .full: makeRoom()
        case .damaged: replaceDamaged()
        case .disk, .busy, .other:
            needsReopening = true
            reopen()
        }
    }

    /// Until it succeeds nothing else is tried: only then it is known whether the last commit is on disk.
    private func reopen() {
        do throws(DatabaseError) {
            if try outbox.reopen() { isCommitThere = true }
            needsReopening = false
        } catch {
            faults.last = error.description
            if error.kind == .damaged { replaceDamaged() }
        }
    }

    /// First the ballast; what was delivered goes in the room that it leaves; only then what was not delivered.
    private func makeRoom() {
        let isFreed = ballast?.free(now: loop.now) ?? false
        let keys = Array(deletions)
        if !keys.isEmpty, (try? outbox.delete(keys)) != nil {
            deletions.subtract(keys)
            return
        }
        if !isFreed { try? outbox.evict(bytes: Self.evictedBytes, reason: .diskFull, now: loop.now) }
    }

    private func replaceDamaged() {
        do throws(DatabaseError) {
            try outbox.replaceDamaged()
            faults.setAside += 1
            deletions = []
            needsReopening = false
            commitSoon()
            workArrived()
        } catch {
            faults.last = error.description
            needsReopening = true
        }
    }

    // MARK: Closing

    /// Commits what waits, deletes what was delivered and closes the file. Nothing is accepted after it. It does
    /// not return while commits fail: the caller bounds the wait.
    public func close() async {
        while isCommitting { await loop.sleep(until: loop.now + .milliseconds(1)) }
        delete()
        outbox.close()
    }
}
