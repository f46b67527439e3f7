/// Why a Bluetooth device is not connected, in the words of the one who has to do something about it.
public enum BluetoothProblem: String, Hashable, Sendable, CaseIterable {
    case notAdvertising = "not-advertising"
    case heldByAnotherCentral = "held-by-another-central"
    case outOfRange = "out-of-range"
    case bondForgottenByDevice = "bond-forgotten-by-device"
    case bondStaleHere = "bond-stale-here"
    case notPaired = "not-paired"
    case wrongPasskey = "wrong-passkey"
    case pairingRefused = "pairing-refused"
    case radioBlocked = "radio-blocked"
    case adapterMissing = "adapter-missing"
    case bluetoothdInTheWay = "bluetoothd-in-the-way"
    case notPermitted = "not-permitted"
    case unsupportedModel = "unsupported-model"
    case noAnswer = "no-answer"
    case protocolError = "protocol-error"
    case linkLost = "link-lost"

    /// What has happened.
    public var cause: String {
        switch self {
        case .notAdvertising: "the device was not heard"
        case .heldByAnotherCentral: "the device is connected to something else, a phone perhaps"
        case .outOfRange: "the device is too far away"
        case .bondForgottenByDevice: "the device has forgotten that it was paired with this box"
        case .bondStaleHere: "the keys that this box holds for the device are no longer good"
        case .notPaired: "the device wants to be paired first"
        case .wrongPasskey: "the passkey was wrong"
        case .pairingRefused: "the device refused to be paired"
        case .radioBlocked: "the radio is switched off (rfkill)"
        case .adapterMissing: "there is no Bluetooth adapter"
        case .bluetoothdInTheWay: "bluetoothd is running and uses the adapter too"
        case .notPermitted: "homeward may not use the adapter"
        case .unsupportedModel: "the device is none that a driver knows"
        case .noAnswer: "the device is connected and does not answer"
        case .protocolError: "the device broke the rules of the protocol"
        case .linkLost: "the connection was lost"
        }
    }

    /// What to do, with the address of the device where it is typed.
    public func remedy(for device: BluetoothAddress) -> String {
        remedy.replacing("'homeward pair ADDRESS'", with: "'homeward pair \(device)'")
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .notAdvertising: "switch it on, wake it, hold it near, and try again"
        case .heldByAnotherCentral: "close the vendor's app, or switch Bluetooth off on that phone"
        case .outOfRange: "bring it within a few metres of the box"
        case .bondForgottenByDevice, .bondStaleHere: "run 'homeward pair ADDRESS' again: it makes new keys"
        case .notPaired: "run 'homeward pair ADDRESS'"
        case .wrongPasskey: "try again, and type the six digits that the device shows"
        case .pairingRefused: "put it into pairing mode (see its manual), and try again"
        case .radioBlocked: "run 'rfkill unblock bluetooth', or use the switch of the box"
        case .adapterMissing: "plug the Bluetooth adapter in"
        case .bluetoothdInTheWay: "run 'systemctl disable --now bluetooth'"
        case .notPermitted: "start it by its systemd unit, which grants CAP_NET_ADMIN"
        case .unsupportedModel: "see 'homeward drivers' for what is known; send the list of services above"
        case .noAnswer: "switch the device off and on"
        case .protocolError: "switch the device off and on; if it comes again, report it with the text above"
        case .linkLost: "nothing: it is connected again when it is heard"
        }
    }
}
