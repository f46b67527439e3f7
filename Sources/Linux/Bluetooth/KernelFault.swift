/// What is known to be wrong with a kernel.
enum KernelFault {
    /// Of these the backport "Bluetooth: L2CAP: the channel holds its connection" frees the channel of a lost link
    /// twice when it is closed, and the kernel ends the process: `kernel BUG` in `hci_chan_del`.
    private static let doubleFreeVersions: Set<String> = ["6.1.191", "6.1.192"]

    /// - Parameter version: as in `/proc/version`. Debian's names begin with `6.1.0-56-amd64` and tell the version
    ///   at their end: `Debian 6.1.192-2`.
    /// - Returns: cause and remedy.
    static func text(version: String) -> String? {
        let words = version.split { !($0 == "." || $0.isASCII && $0.isNumber) }.map(String.init)
        guard let word = words.first(where: doubleFreeVersions.contains) else { return nil }
        return "Linux \(word) ends this program when the connection to a device is lost (fault in its Bluetooth): "
            + "boot another kernel, on Debian 12 linux-image-6.1.0-54"
    }
}
