//! A shard: the runs of a sweep that one process makes.

use std::fmt;
use std::str::FromStr;

/// Every so many-th run of a sweep, from one on: neighbouring runs, which tend to take equally long, are in different
/// shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

/// A shard as it is asked for: `I/N`, or `/N` where the environment tells the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardRequest {
    index: Option<u64>,
    of: u64,
}

/// Why a text asks for no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseShardError {
    /// It is not written as one.
    #[error("write the index of the shard and how many there are, as in 0/4, or only /4 in a job array")]
    NotAShard,
    /// There are none.
    #[error("there is at least one shard: write 0/1")]
    NoShards,
    /// Indices end before this one.
    #[error("shards are counted from 0: of {of} the last is {}/{of}", .of - 1)]
    OutOfRange {
        /// How many there are.
        of: u64,
    },
}

/// Why nobody knows which shard is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// The environment does not tell.
    #[error(
        "--shard /{of} takes its index from {KUBERNETES} or {SLURM}, and neither is set: this is no task of a Kubernetes \
         Indexed Job or of a Slurm job array; write --shard I/{of} with I from 0 to {}", .of - 1
    )]
    NoIndex {
        /// How many shards there are.
        of: u64,
    },
    /// A variable of the environment is no number.
    #[error("the environment variable {name} is {value:?}, which is not a whole number")]
    NotANumber {
        /// Its name.
        name: &'static str,
        /// What it says.
        value: String,
    },
    /// A task has no shard.
    #[error(
        "this task has the index {index}, and of {of} shards the last has {}: let the array have {of} tasks, without steps",
        .of - 1
    )]
    TooMany {
        /// The index of the task, counted from 0.
        index: u64,
        /// How many shards there are.
        of: u64,
    },
}

/// What the pods of a Kubernetes Indexed Job get told (*Jobs*, Completion mode, kubernetes.io).
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";
/// What the tasks of a Slurm job array get told (*Job Array Support*, slurm.schedmd.com).
const SLURM: &str = "SLURM_ARRAY_TASK_ID";
/// The smallest index of the array.
const SLURM_FIRST: &str = "SLURM_ARRAY_TASK_MIN";

impl Shard {
    /// All runs.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Whether the run with this number belongs to it.
    pub fn has(self, run: u64) -> bool {
        run % self.of == self.index
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for ShardRequest {
    type Err = ParseShardError;

    fn from_str(text: &str) -> Result<Self, ParseShardError> {
        let (index, of) = text.split_once('/').ok_or(ParseShardError::NotAShard)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| ParseShardError::NotAShard);
        let index = if index.is_empty() { None } else { Some(number(index)?) };
        match (index, number(of)?) {
            (_, 0) => Err(ParseShardError::NoShards),
            (Some(index), of) if index >= of => Err(ParseShardError::OutOfRange { of }),
            (index, of) => Ok(Self { index, of }),
        }
    }
}

impl ShardRequest {
    /// Which shard it is; `variable` tells what the environment says.
    pub fn resolve(self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, ShardError> {
        let of = self.of;
        let number = |name: &'static str| match variable(name) {
            None => Ok(None),
            Some(value) => match value.parse::<u64>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(ShardError::NotANumber { name, value }),
            },
        };
        let index = match (self.index, number(KUBERNETES)?) {
            (Some(index), _) | (None, Some(index)) => index,
            (None, None) => {
                let task = number(SLURM)?.ok_or(ShardError::NoIndex { of })?;
                task.saturating_sub(number(SLURM_FIRST)?.unwrap_or(0))
            }
        };
        if index < of { Ok(Shard { index, of }) } else { Err(ShardError::TooMany { index, of }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, environment: &[(&str, &str)], expected: Result<&str, &str>) {
        let request: ShardRequest = text.parse().unwrap();
        let variable = |name: &str| {
            environment.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned())
        };
        let shard =
            request.resolve(&variable).map(|shard| shard.to_string()).map_err(|error| error.to_string());
        assert_eq!(shard.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn every_run_is_in_one_shard() {
        for of in 1..6 {
            for run in 0..20 {
                let having = (0..of).filter(|&index| Shard { index, of }.has(run)).count();
                assert_eq!(having, 1, "{run} of {of}");
            }
        }
    }

    #[test]
    fn the_index_comes_from_the_array_unless_it_is_named() {
        check("1/4", &[], Ok("1/4"));
        check("1/4", &[("JOB_COMPLETION_INDEX", "2")], Ok("1/4"));
        check("/4", &[("JOB_COMPLETION_INDEX", "2")], Ok("2/4"));
        check("/4", &[("SLURM_ARRAY_TASK_ID", "3")], Ok("3/4"));
        check("/4", &[("SLURM_ARRAY_TASK_ID", "4"), ("SLURM_ARRAY_TASK_MIN", "1")], Ok("3/4"));
        check("/4", &[("JOB_COMPLETION_INDEX", "0"), ("SLURM_ARRAY_TASK_ID", "3")], Ok("0/4"));
    }

    #[test]
    fn what_the_environment_does_not_tell_is_told() {
        check(
            "/4",
            &[("SLURM_ARRAY_TASK_MIN", "1")],
            Err(
                "--shard /4 takes its index from JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID, and neither is set: this is \
                 no task of a Kubernetes Indexed Job or of a Slurm job array; write --shard I/4 with I from 0 to 3",
            ),
        );
        check(
            "/4",
            &[("SLURM_ARRAY_TASK_ID", "4")],
            Err(
                "this task has the index 4, and of 4 shards the last has 3: let the array have 4 tasks, without steps",
            ),
        );
        check(
            "/4",
            &[("JOB_COMPLETION_INDEX", "x")],
            Err("the environment variable JOB_COMPLETION_INDEX is \"x\", which is not a whole number"),
        );
    }

    #[test]
    fn what_is_no_shard_is_told_with_what_to_write() {
        let not_a_shard =
            "write the index of the shard and how many there are, as in 0/4, or only /4 in a job array";
        for (text, told) in [
            ("4", not_a_shard),
            ("a/4", not_a_shard),
            ("1/", not_a_shard),
            ("0/0", "there is at least one shard: write 0/1"),
            ("4/4", "shards are counted from 0: of 4 the last is 3/4"),
        ] {
            assert_eq!(text.parse::<ShardRequest>().unwrap_err().to_string(), told, "{text}");
        }
    }
}
