import Linux

/// Room, rights and health of the place where everything measured is kept.
enum DiskCheck {
    private static let part = "disk"
    static let freeBytesMin: Int64 = 64 << 20
    private static let freeFilesMin: Int64 = 100

    static func findings(_ box: Box) -> [Finding] {
        let folder = box.dataDirectory
        guard File.exists(folder) else { return [missing(folder)] }
        var findings: [Finding] = []
        do throws(SystemError) {
            findings += room(folder, try DiskSpace(of: folder), box)
        } catch {
            findings.append(
                .unseen(
                    part, "disk-unseen", "the room in \(folder) cannot be seen", proof: "\(error)",
                    remedy: "run 'sudo homeward doctor'"))
        }
        if let facts = FileFacts(folder) { findings += rights(folder, facts, box) }
        findings += setAside(folder)
        if findings.isEmpty { return [] }
        return findings
    }

    private static func missing(_ folder: String) -> Finding {
        if FileFacts.caller.user != 0, folder.hasPrefix("/var/lib/") {
            return .unseen(
                part, "data-unseen", "\(folder) is not there, or you may not see it", proof: nil,
                remedy: "run 'sudo homeward doctor'")
        }
        return .warning(
            part, "data-missing", "there is no data directory yet: the daemon has never run here",
            proof: "\(folder) is not there",
            remedy: "start the daemon: 'sudo systemctl start homeward'; it makes the directory")
    }

    private static func room(_ folder: String, _ space: DiskSpace, _ box: Box) -> [Finding] {
        if space.isReadOnly {
            return [
                .fault(
                    part, "disk-read-only", "the disk is read-only: nothing measured can be kept",
                    proof: "\(folder) is on a file system that is mounted read-only",
                    remedy: "look for errors of the disk with 'sudo dmesg --level=err', replace a dying card, and "
                        + "mount it for writing again")
            ]
        }
        let free = "\(megabytes(space.freeBytes)) of \(megabytes(space.totalBytes)) are free in \(folder)"
        if space.freeBytes < freeBytesMin || space.freeFiles < freeFilesMin {
            return [
                .fault(
                    part, "disk-full", "the disk is full, or nearly: what is measured will be lost",
                    proof: space.freeFiles < freeFilesMin ? "room for \(space.freeFiles) more files" : free,
                    remedy:
                        "make room: 'sudo journalctl --vacuum-size=50M' and 'sudo apt-get clean', or a larger disk")
            ]
        }
        let wanted = Int64(box.configuration?.outboxBytesMax ?? 0)
        if space.freeBytes < wanted {
            return [
                .warning(
                    part, "disk-small", "there is less room than the outbox may take in a long outage",
                    proof: "\(free); outbox.bytesMax is \(megabytes(wanted))",
                    remedy: "make room, or set a smaller outbox.bytesMax in \(box.file)")
            ]
        }
        return [.fine(part, "disk-room", free)]
    }

    private static func rights(_ folder: String, _ facts: FileFacts, _ box: Box) -> [Finding] {
        var findings: [Finding] = []
        if facts.mode & 0o077 != 0 {
            findings.append(
                .warning(
                    part, "data-open", "other users of this box can look into the data directory",
                    proof: "\(folder) has mode \(String(facts.mode, radix: 8))",
                    remedy: "run 'sudo chmod 700 \(folder)'"))
        }
        let service = box.service
        if facts.user != service.user, service.user != 0 {
            findings.append(
                .fault(
                    part, "data-owner", "the data directory belongs to another user: the daemon cannot write",
                    proof: "\(folder) belongs to \(box.userName(facts.user)), the daemon is \(service.name)",
                    remedy: "run 'sudo chown -R \(service.name) \(folder)'"))
        }
        return findings
    }

    private static func setAside(_ folder: String) -> [Finding] {
        let names = ((try? File.names(in: folder)) ?? []).filter { $0.hasPrefix("outbox.sqlite3.damaged") }
        guard let last = names.last else { return [] }
        return [
            .warning(
                part, "outbox-set-aside", "an outbox was damaged once, and was set aside",
                proof: "\(folder)/\(last)", remedy: "keep the file, and report it with 'homeward support-bundle'")
        ]
    }

    static func megabytes(_ bytes: Int64) -> String { "\(bytes >> 20) MiB" }
}
