import Glibc

extension FileDescriptor {
    /// A descriptor of its own for standard input.
    public static func standardInput() throws(SystemError) -> FileDescriptor {
        try copy(STDIN_FILENO, "standard input")
    }

    /// A descriptor of its own for standard output.
    public static func standardOutput() throws(SystemError) -> FileDescriptor {
        try copy(STDOUT_FILENO, "standard output")
    }

    /// A descriptor of its own for standard error.
    public static func standardError() throws(SystemError) -> FileDescriptor {
        try copy(STDERR_FILENO, "standard error")
    }

    public static func openForReading(_ path: String) throws(SystemError) -> FileDescriptor {
        try open(path, O_RDONLY)
    }

    private static func copy(_ number: Int32, _ subject: String) throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .last("dup", subject) }
        return FileDescriptor(owning: copy)
    }
}
