/// A folder of recordings, handed in: the evaluation itself opens no files.
public protocol RecordFolder {
    /// Names of the files, sorted.
    func names() throws -> [String]
    func bytes(of name: String) throws -> [UInt8]
}
