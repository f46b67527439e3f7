import CLinux
import Glibc

/// What a service tells its manager (sd_notify(3)). Without one, nothing happens.
///
/// One datagram each: systemd's own library would bring four compressors and a cipher library with it.
public enum ServiceNotification {
    /// Settings are read, data is open, work begins.
    public static func ready() { send("READY=1") }

    public static func stopping() { send("STOPPING=1") }

    /// One line for `systemctl status`.
    public static func status(_ text: String) { send("STATUS=\(Journal.escaped(text))") }

    /// "I live." Ask a ``Watchdog`` first.
    public static func feedWatchdog() { send("WATCHDOG=1") }

    /// How often the manager wants to be fed at the least, `nil` when it does not watch. Feed three times as often.
    public static var watchdogInterval: Duration? {
        guard let microseconds = Environment.value(of: "WATCHDOG_USEC").flatMap({ Int64($0) }), microseconds > 0
        else { return nil }
        // Inherited from a parent whose watchdog it is: not ours.
        if let process = Environment.value(of: "WATCHDOG_PID"), process != String(getpid()) { return nil }
        return .microseconds(microseconds)
    }

    private static func send(_ state: String) {
        guard let path = Environment.value(of: "NOTIFY_SOCKET") else { return }
        _ = unsafe clinux_notify(path, state)
    }
}
