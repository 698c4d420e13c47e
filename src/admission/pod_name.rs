//! Names of pods that a controller makes: the API server completes the `generateName` that it is given.
//!
//! Source: staging/src/k8s.io/apiserver/pkg/storage/names/generate.go `simpleNameGenerator`,
//! staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go `String`, at tag v1.34.1.

use rand::RngExt;

use crate::random::{Purpose, Stream, generator};

/// The letters of random suffixes: no vowels and nothing that looks like one, so that no words come out.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many letters are drawn.
pub const SUFFIX_LENGTH: usize = 5;
/// How much of `generateName` is kept: with the suffix it makes a DNS label of at most 63.
const LONGEST_BASE: usize = 63 - SUFFIX_LENGTH;

/// A name for a pod of ReplicaSet `replica_set`: `<replica_set>-<5 letters>`, the letters keyed by `stream`. Names
/// that are taken are drawn again, as a controller creates again what the API server refuses.
pub fn pod_name(
    replica_set: &str,
    seed: u64,
    stream: Stream,
    mut is_taken: impl FnMut(&str) -> bool,
) -> String {
    let mut draws = generator(seed, Purpose::PodName, stream);
    let base: String = replica_set.chars().chain(['-']).take(LONGEST_BASE).collect();
    loop {
        let letter = |_| char::from(ALPHABET[draws.random_range(0..ALPHABET.len())]);
        let name: String = base.chars().chain((0..SUFFIX_LENGTH).map(letter)).collect();
        if !is_taken(&name) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_owners_and_five_letters() {
        let name = pod_name("web-5d9c", 1, Stream::of(0, 0), |_| false);
        let suffix = name.strip_prefix("web-5d9c-").unwrap();
        assert!(suffix.len() == 5 && suffix.bytes().all(|letter| ALPHABET.contains(&letter)), "{name}");
        assert_eq!(name, pod_name("web-5d9c", 1, Stream::of(0, 0), |_| false));
        assert_ne!(name, pod_name("web-5d9c", 1, Stream::of(0, 1), |_| false));
        assert_ne!(name, pod_name("web-5d9c", 2, Stream::of(0, 0), |_| false));
    }

    #[test]
    fn a_taken_name_is_drawn_again() {
        let first = pod_name("web", 1, Stream::of(0, 0), |_| false);
        let second = pod_name("web", 1, Stream::of(0, 0), |name| name == first);
        assert_ne!(first, second);
    }

    #[test]
    fn a_name_is_a_dns_label() {
        let name = pod_name(&"x".repeat(80), 1, Stream::of(0, 0), |_| false);
        assert_eq!(name.len(), 63);
    }
}
