import Linux

/// Users and groups: the daemon's own, and that of the person who asks.
enum PermissionCheck {
    private static let part = "permissions"

    static func findings(_ box: Box) -> [Finding] {
        guard box.userNumber("homeward") != nil else {
            return [
                .unseen(
                    part, "user-missing", "there is no user 'homeward': this box has not got the package",
                    proof: "/etc/passwd does not name it",
                    remedy:
                        "install the package, or run 'sudo systemd-sysusers'; without it the daemon runs "
                        + "as whoever "
                        + "starts it")
            ]
        }
        var findings: [Finding] = []
        let groups = box.groups(of: "homeward").map(box.groupName)
        if groups.contains("dialout") {
            findings.append(.fine(part, "user-good", "the user 'homeward' is there, and in the group 'dialout'"))
        } else {
            findings.append(
                .warning(
                    part, "group-dialout-missing",
                    "the user 'homeward' is not in the group that serial ports belong to",
                    proof: "it is in \(groups.joined(separator: ", "))",
                    remedy: "run 'sudo adduser homeward dialout' and 'sudo systemctl restart homeward'"))
        }
        let caller = FileFacts.caller
        if box.root.isEmpty, caller.user != 0, !caller.groups.map(box.groupName).contains("homeward") {
            findings.append(
                .unseen(
                    part, "caller-not-in-group", "you may not give commands to the daemon",
                    proof: "\(box.userName(caller.user)) is not in the group 'homeward'",
                    remedy:
                        "run 'sudo adduser \(box.userName(caller.user)) homeward' and log in again, or put 'sudo' "
                        + "in front"))
        }
        return findings
    }
}
