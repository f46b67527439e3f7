/// How a command ended, for scripts (`sysexits.h`).
enum ExitCode: Int32, Error {
    case success = 0
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// The data are wrong.
    case dataError = 65
    /// A file to be read is not there.
    case noInput = 66
    /// Something needed is not available: a broker, a device.
    case unavailable = 69
    /// A fault of this program.
    case software = 70
    /// The operating system refused something that should work.
    case systemError = 71
    /// A file cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed.
    case inputOutput = 74
    /// Try again later: what was measured could not be stored in time.
    case temporary = 75
    case noPermission = 77
    /// The configuration is wrong.
    case configuration = 78
}

/// An end of a command that is told to a person: what happened, and what to do.
struct CommandError: Error {
    var code: ExitCode
    var text: String

    init(_ code: ExitCode, _ text: String) {
        self.code = code
        self.text = text
    }
}
