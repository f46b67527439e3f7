import Glibc

/// The terminal of a person: how big it is, and how it is kept quiet while a picture is drawn on it.
public enum Terminal {
    /// Standard input is a terminal: somebody can be asked.
    public static var hasInput: Bool { isatty(STDIN_FILENO) == 1 }

    /// Columns and rows of standard output; `nil` when it is no terminal, or does not know.
    public static var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Keys are not shown and do not suspend the program, until ``restore()``. Ctrl-C still interrupts.
    public final class Quiet {
        private var before: termios?

        public init() {
            var settings = termios()
            guard isatty(STDIN_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
            before = settings
            settings.c_lflag &= ~tcflag_t(ECHO | ECHONL)
            // The key that suspends, Ctrl-Z: a picture left behind would be in the way of the shell.
            unsafe withUnsafeMutableBytes(of: &settings.c_cc) { keys in unsafe keys[Int(VSUSP)] = 0 }
            _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }

        /// As it was before; what was typed meanwhile is dropped. May be called twice.
        public func restore() {
            guard var settings = before else { return }
            before = nil
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        }

        deinit { restore() }
    }
}
