import DriverKit
import Glibc

/// What a number of the kernel's means for a Bluetooth connection.
///
/// The numbers of a connection that failed or ended are the kernel's translation of the controller's error codes
/// (Core 5.4, Vol 1, Part F): several codes share one, and those that it does not know become `ENOSYS`.
enum BluetoothFailure {
    /// When it failed.
    enum Step { case opening, connecting, connected }

    static func error(
        _ call: String, _ errno: Int32, _ name: String, at step: Step, isEncrypted: Bool = false,
        _ switches: RadioSwitches
    ) -> LinkError {
        let seen = "\(name): \(call): \(SystemError.text(of: errno)), errno \(errno)"
        if let error = ofTheBox(call, errno, name, seen, switches) { return error }
        return switch step {
        case .opening: ofOpening(call, errno, seen)
        case .connecting: ofConnecting(call, errno, seen, isEncrypted: isEncrypted)
        case .connected: ofConnected(call, errno, seen)
        }
    }

    /// The adapter and the kernel, whatever the device does.
    private static func ofTheBox(
        _ call: String, _ errno: Int32, _ name: String, _ seen: String, _ switches: RadioSwitches
    ) -> LinkError? {
        switch errno {
        case EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT:
            .bluetooth(
                .adapterMissing,
                "\(seen): the kernel's module 'bluetooth' is not loaded, or the service may not use AF_BLUETOOTH")
        case ERFKILL: .bluetooth(.radioBlocked, seen)
        case ENODEV, ENETDOWN, EHOSTUNREACH:
            .bluetooth(switches.isBlocked ? .radioBlocked : .adapterMissing, "\(seen): no adapter is switched on")
        case EPERM: .bluetooth(.notPermitted, seen)
        case EBUSY where switches.isBluetoothdRunning: .bluetooth(.bluetoothdInTheWay, seen)
        case EBUSY: .system(call: call, errno: errno, "\(name) (its attribute channel is in use on this box)")
        case EMLINK: .system(call: call, errno: errno, "\(name) (the adapter has no room for another connection)")
        default: nil
        }
    }

    private static func ofOpening(_ call: String, _ errno: Int32, _ seen: String) -> LinkError {
        switch errno {
        case EACCES: .bluetooth(.notPermitted, seen)
        case EADDRNOTAVAIL: .bluetooth(.adapterMissing, seen)
        default: .system(call: call, errno: errno, seen)
        }
    }

    private static func ofConnecting(
        _ call: String, _ errno: Int32, _ seen: String, isEncrypted: Bool
    ) -> LinkError {
        switch errno {
        // Authentication failed; the key is missing there.
        case EACCES, EBADE: .bluetooth(.bondForgottenByDevice, seen)
        // When encryption is refused, the kernel gives the channel up or ends the connection, whichever is first.
        case ECONNREFUSED where isEncrypted, ECONNABORTED where isEncrypted:
            .bluetooth(.bondForgottenByDevice, "\(seen): encryption did not begin")
        case EHOSTDOWN, ETIMEDOUT: .bluetooth(.notAdvertising, seen)
        case ECONNREFUSED: .bluetooth(.noAnswer, seen)
        // It was heard and did not come to the first meeting (0x3E), or went at once.
        case ENOSYS, ECONNRESET, ECONNABORTED, ENOTCONN, EPIPE:
            .bluetooth(.linkLost, "\(seen): it began and was not completed")
        case EOPNOTSUPP: .bluetooth(.adapterMissing, "\(seen): the adapter has no Bluetooth LE, or it is off")
        default: .system(call: call, errno: errno, seen)
        }
    }

    private static func ofConnected(_ call: String, _ errno: Int32, _ seen: String) -> LinkError {
        switch errno {
        case EACCES, EBADE: .bluetooth(.bondForgottenByDevice, seen)
        case ETIMEDOUT: .bluetooth(.linkLost, "\(seen): out of reach")
        case ECONNRESET: .bluetooth(.linkLost, "\(seen): the device ended it")
        case EMSGSIZE: .bluetooth(.protocolError, seen)
        default: .bluetooth(.linkLost, seen)
        }
    }
}
