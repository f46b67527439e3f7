import Linux

/// The Bluetooth adapter, and what keeps the daemon from it.
enum RadioCheck {
    private static let part = "radio"
    /// Kernels that end the process that closes a channel whose link was lost.
    private static let brokenKernels = ["6.1.191", "6.1.192"]
    /// CAP_NET_ADMIN in capability sets (linux/capability.h).
    private static let networkAdministrator: UInt64 = 12

    static func findings(_ box: Box) -> [Finding] {
        if let configuration = box.configuration, !configuration.isBluetoothEnabled {
            return [.fine(part, "radio-off", "Bluetooth is switched off in the configuration")]
        }
        let system = LinuxBluetooth(on: box.loop, system: box.root)
        var findings = kernel(box)
        if system.isRadioBlocked {
            findings.append(
                .fault(
                    part, "radio-blocked", "a switch keeps the radio off: no Bluetooth device is heard",
                    proof: "rfkill says that Bluetooth is blocked",
                    remedy:
                        "run 'sudo rfkill unblock bluetooth'; when it says 'hard', there is a switch or key on the "
                        + "box"))
        }
        if system.isBluetoothdRunning {
            findings.append(
                .fault(
                    part, "bluetoothd-running", "bluetoothd uses the adapter at the same time, and is in the way",
                    proof: box.process("bluetoothd").map { "process \($0.id) is bluetoothd" }
                        ?? "the unit bluetooth.service has processes",
                    remedy: "run 'sudo systemctl disable --now bluetooth'"))
        }
        findings += capability(box)
        return findings + adapter(box, isFine: findings.isEmpty)
    }

    private static func adapter(_ box: Box, isFine: Bool) -> [Finding] {
        let adapters = box.names("/sys/class/bluetooth").filter { $0.hasPrefix("hci") && !$0.contains(":") }
        guard let first = adapters.first else {
            return [
                .warning(
                    part, "adapter-missing", "there is no Bluetooth adapter: no Bluetooth device can be heard",
                    proof: "/sys/class/bluetooth names none",
                    remedy:
                        "plug one in, look whether 'sudo dmesg' asks for firmware; or set "
                        + "bluetooth.enabled to false "
                        + "when none is wanted")
            ]
        }
        return isFine ? [.fine(part, "adapter-good", "there is a Bluetooth adapter: \(first)")] : []
    }

    private static func kernel(_ box: Box) -> [Finding] {
        let version = box.text("/proc/version") ?? ""
        let words = version.split { !($0.isNumber || $0 == ".") }.map(String.init)
        guard let broken = brokenKernels.first(where: words.contains) else { return [] }
        return [
            .fault(
                part, "kernel-l2cap", "this kernel has a fault that ends the daemon when a Bluetooth link is lost",
                proof: "/proc/version names \(broken)",
                remedy:
                    "run 'sudo apt-get update' and 'sudo apt-get upgrade', and start the box again; until there is "
                    + "a newer one, take the kernel before it: 6.1.190")
        ]
    }

    private static func capability(_ box: Box) -> [Finding] {
        guard let daemon = box.daemon, let set = box.status(daemon, "CapEff")?.first,
            let bits = UInt64(set, radix: 16),
            bits >> networkAdministrator & 1 == 0
        else { return [] }
        return [
            .fault(
                part, "capability-missing", "the daemon may not use the Bluetooth adapter",
                proof: "process \(daemon.id) has no CAP_NET_ADMIN",
                remedy:
                    "take the service file of the package, which has AmbientCapabilities=CAP_NET_ADMIN, and run "
                    + "'sudo systemctl restart homeward'")
        ]
    }
}
