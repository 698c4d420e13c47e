//! Names of pods that a controller creates.
//!
//! Source: apimachinery/pkg/util/rand/rand.go `String`, apiserver/pkg/storage/names/generate.go at tag v1.34.1.

use rand::RngExt;
use rustc_hash::FxHashSet;

use crate::random::{Purpose, Stream, generator};

/// Letters and digits that make no words and are not mistaken for each other.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many of them a name ends with.
const LENGTH: usize = 5;

/// Suffixes that one ReplicaSet has given away.
pub type Suffixes = FxHashSet<String>;

/// `REPLICASET-xxxxx`; a suffix that is taken is drawn again, as the API server refuses a name that exists.
pub fn of_replica(replica_set: &str, seed: u64, draws: Stream, taken: &mut Suffixes) -> String {
    let mut draws = generator(seed, Purpose::PodName, draws);
    loop {
        let suffix: String =
            (0..LENGTH).map(|_| char::from(ALPHABET[draws.random_range(0..ALPHABET.len())])).collect();
        if taken.insert(suffix.clone()) {
            return format!("{replica_set}-{suffix}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_drawn_again() {
        let mut taken = Suffixes::default();
        let mut name = || of_replica("web-1", 1, Stream::of(0, 0), &mut taken);
        let (first, second) = (name(), name());
        assert_ne!(first, second);
        assert!(first.starts_with("web-1-") && first.len() == "web-1-".len() + 5, "{first}");
    }
}
