//! A folder with files in it, in which the program is run.

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

/// What `kubectl get nodes,pods,services,configmaps,secrets,replicasets,namespaces -A -o yaml` prints of a small cluster.
pub(crate) const CLUSTER: &str = include_str!("cluster.yaml");
/// A Service and a Deployment that were written by hand.
pub(crate) const GATEWAY: &str = include_str!("gateway.yaml");

/// A folder of its own.
pub(crate) struct Session {
    folder: TempDir,
    stdin: String,
}

/// What the program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), stdin: String::new() }
    }

    /// With a file; the folders of its name are made.
    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
        self
    }

    /// The text of a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("a file can be read")
    }

    /// The bytes of a file.
    pub(crate) fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).expect("a file can be read")
    }

    /// With something on the standard input.
    pub(crate) fn piping(self, text: &str) -> Self {
        Self { stdin: text.to_owned(), ..self }
    }

    /// Runs `overspill` with the words of `args`.
    pub(crate) fn run(&self, args: &str) -> Ran {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
            .args(args.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("RUST_BACKTRACE")
            .env("COLUMNS", "100")
            .write_stdin(self.stdin.as_str())
            .output()
            .expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Ran {
            code: output.status.code().expect("the program ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Ran {
    /// The results of a run that went well and had nothing to complain of.
    #[track_caller]
    pub(crate) fn printed(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The complaints of a run that was refused.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{}", self.stderr);
        self.stderr
    }
}
