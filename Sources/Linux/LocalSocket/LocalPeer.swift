import CLinux
import Glibc

/// Who is at the other end of a local socket, as the kernel says it.
struct LocalPeer: CustomStringConvertible {
    let user: UInt32
    let group: UInt32
    let process: Int32
    /// Besides ``group``.
    let groups: [UInt32]
    let userName: String?

    private static let groupsMax = 4096

    init(of socket: Int32) throws(SystemError) {
        var who = clinux_peer()
        guard unsafe clinux_local_peer(socket, &who) == 0 else { throw .last("getsockopt SO_PEERCRED", "a peer") }
        var groups = [gid_t](repeating: 0, count: Self.groupsMax)
        let count = unsafe clinux_local_peer_groups(socket, &groups, Int32(Self.groupsMax))
        self.groups = Array(groups.prefix(max(0, Int(count))))
        user = who.user
        group = who.group
        process = who.process
        userName = Accounts.userName(of: who.user)
    }

    func isIn(_ wanted: UInt32) -> Bool { group == wanted || groups.contains(wanted) }

    /// `uid 1000 (technician)`
    var description: String { "uid \(user)" + (userName.map { " (\($0))" } ?? "") }
}

/// The box's own users and groups. Those of a directory service are not asked for: that may take long, and the
/// device loop would wait.
enum Accounts {
    private static let fileBytesMax = 1 << 20

    static func userName(of number: UInt32) -> String? {
        lines("/etc/passwd").first { $0.count > 2 && $0[2] == String(number) }?[0]
    }

    static func group(named name: String) -> UInt32? {
        lines("/etc/group").first { $0.count > 2 && $0[0] == name }.flatMap { UInt32($0[2]) }
    }

    private static func lines(_ path: String) -> [[String]] {
        let text = (try? File.readText(path, bytesMax: fileBytesMax)) ?? ""
        return text.split(separator: "\n").map { line in
            line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
