import CSystemd
import Glibc

/// What a service tells its manager (sd_notify(3)). Without one, nothing happens.
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
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    private static func send(_ state: String) { _ = unsafe sd_notify(0, state) }
}
