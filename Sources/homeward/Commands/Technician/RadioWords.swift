import Bluetooth

/// The states of the radio, in a person's words.
enum RadioWords {
    static func name(_ state: String) -> String {
        switch RadioStatus.State(rawValue: state) {
        case .starting: "starting"
        case .ready: "ready"
        case .deaf: "hears nobody"
        case .recovering: "being restarted"
        case .blocked: "switched off"
        case .missing: "not there"
        case .denied: "not allowed"
        case nil: state
        }
    }

    /// `nil` when nothing is wrong.
    static func trouble(_ state: String) -> String? {
        switch RadioStatus.State(rawValue: state) {
        case .ready, .starting, nil: nil
        case .deaf: "The radio hears nobody at all: it will be restarted if that lasts."
        case .recovering: "The radio did not work, and is being restarted."
        case .blocked: "The radio is switched off (rfkill): run 'rfkill unblock bluetooth'."
        case .missing: "There is no Bluetooth adapter: plug it in."
        case .denied: "homeward may not use the adapter: start it by its systemd unit."
        }
    }
}
