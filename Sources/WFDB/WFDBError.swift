/// Why a file of a record cannot be read.
public struct WFDBError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// What is wrong, where (line or byte offset) and what to do.
    public var problem: String

    public init(file: String, problem: String) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file): \(problem)" }
}
