import CLinux
import Glibc

/// What else decides about the radio: rfkill, bluetoothd, our own rights. Read from files, cheap enough for every
/// half minute.
struct RadioSwitches: Sendable {
    /// In front of `/sys` and `/proc`.
    var root = ""

    private static let textBytesMax = 4096
    private static let processesMax = 4096

    // MARK: rfkill

    /// An adapter has a switch of its own, `hci0`. A switch of the box, when off, takes the adapter away with its
    /// switch: so those of the box count only when no adapter is there.
    var isBlocked: Bool {
        let all = names("/sys/class/rfkill").compactMap(radioSwitch)
        let adapters = all.filter { $0.name.hasPrefix("hci") }
        return adapters.isEmpty ? all.contains(where: \.isOff) : adapters.allSatisfy(\.isOff)
    }

    /// `nil`: not of Bluetooth.
    private func radioSwitch(_ entry: String) -> (name: String, isOff: Bool)? {
        let folder = "/sys/class/rfkill/\(entry)"
        guard text("\(folder)/type") == "bluetooth" else { return nil }
        return (text("\(folder)/name") ?? "", text("\(folder)/soft") == "1" || text("\(folder)/hard") == "1")
    }

    // MARK: bluetoothd

    /// Of its unit when systemd knows it: `ProtectProc=invisible` hides it from `/proc`.
    var isBluetoothdRunning: Bool {
        let units = ["", "/unified", "/systemd"].map { "/sys/fs/cgroup\($0)/system.slice/bluetooth.service" }
        if units.contains(where: { !(text("\($0)/cgroup.procs") ?? "").isEmpty }) { return true }
        return names("/proc").lazy.filter { $0.utf8.allSatisfy { (0x30 ... 0x39).contains($0) } }
            .prefix(Self.processesMax).contains { text("/proc/\($0)/comm") == "bluetoothd" }
    }

    // MARK: Rights

    /// Whether this process has CAP_NET_ADMIN, number 12; when the system does not tell, the kernel will.
    var mayManage: Bool {
        let line = (text("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        guard let digits = line?.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " }).last,
            let capabilities = UInt64(digits, radix: 16)
        else { return true }
        return capabilities >> 12 & 1 == 1
    }

    // MARK: Files

    /// Without white space at its end; `nil` when it cannot be read.
    func text(_ path: String) -> String? {
        guard let text = try? File.readText(root + path, bytesMax: Self.textBytesMax) else { return nil }
        return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }

    func names(_ folder: String) -> [String] { (try? File.names(in: root + folder)) ?? [] }
}
