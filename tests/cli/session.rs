//! A folder with files in it, in which the program is run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use tempfile::TempDir;

/// What `kubectl get nodes,pods,services,configmaps,secrets,replicasets,namespaces -A -o yaml` prints of a small cluster.
pub(crate) const CLUSTER: &str = include_str!("cluster.yaml");
/// A Service and a Deployment that were written by hand.
pub(crate) const GATEWAY: &str = include_str!("gateway.yaml");
/// A scenario in which pods come and go by chance; it needs [`PRICES`] as `prices.yaml`.
pub(crate) const CHANCE: &str = include_str!("chance.yaml");
/// The price list that is shipped.
pub(crate) const PRICES: &str = include_str!("../../prices/cn-hangzhou-usd.yaml");

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

    /// Where a file is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The bytes of a file.
    pub(crate) fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).expect("a file can be read")
    }

    /// With something on the standard input.
    pub(crate) fn piping(self, text: &str) -> Self {
        Self { stdin: text.to_owned(), ..self }
    }

    /// Takes a file away.
    #[allow(dead_code, reason = "only some of the tests that share this file take any away")]
    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.folder.path().join(name)).expect("a file can be removed");
    }

    /// Every file below a folder by its relative name.
    pub(crate) fn files(&self, dir: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.folder.path().join(dir);
        let (mut found, mut open) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(&next).expect("a folder can be read") {
                let path = entry.expect("a folder can be read").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("it lies below").to_owned();
                    found.insert(name, fs::read(&path).expect("a file can be read"));
                }
            }
        }
        found
    }

    /// Runs `overspill` with the words of `args`.
    pub(crate) fn run(&self, args: &str) -> Ran {
        self.run_with(&args.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs `overspill` with the words of `args` on so many threads.
    pub(crate) fn run_on(&self, threads: &str, args: &str) -> Ran {
        self.run_in(&[("RAYON_NUM_THREADS", threads)], args)
    }

    /// Runs `overspill` with the words of `args` and these variables in its environment.
    pub(crate) fn run_in(&self, variables: &[(&str, &str)], args: &str) -> Ran {
        self.start(&args.split_whitespace().collect::<Vec<_>>(), variables)
    }

    /// Runs `overspill` with `args`, which may hold spaces.
    pub(crate) fn run_with(&self, args: &[&str]) -> Ran {
        self.start(args, &[])
    }

    fn start(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = Command::new(assert_cmd::cargo::cargo_bin!("overspill"))
            .args(args)
            .envs(variables.iter().copied())
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
