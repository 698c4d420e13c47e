//! Keyed draws: what a pod draws depends on the seed, the purpose and the pod, never on who drew before.
//!
//! So one pod has the same start-up time under every policy, and policies are compared on common random numbers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a draw is for; each purpose has draws of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Choice among nodes with the same best score; stream: pod and attempt.
    TieBreak = 1,
    /// Start-up of a pod on an ECS node; stream: pod.
    EcsStart = 2,
    /// Creation of an ECI instance; stream: pod.
    EciStart = 3,
    /// Interarrival times of a pod source; stream: source and arrival number.
    Arrival = 4,
    /// Lifetimes of a pod source's pods; stream: source and arrival number.
    Lifetime = 5,
    /// The five letters at the end of a pod's name; stream: workload and ordinal.
    PodName = 6,
    /// The time that a pod takes to shut down; stream: pod.
    Shutdown = 7,
    /// Where the preemption search starts and its last pick; stream: pod and attempt.
    Preemption = 8,
    /// The number that stands for a pod's UID; stream: pod.
    PodUid = 9,
    /// The time that an injected proxy takes to be ready; stream: pod.
    ProxyReady = 16,
    /// How long the work of a pod takes; stream: pod and restart.
    Work = 30,
    /// Whether the work of a pod fails; stream: pod and restart.
    WorkFailure = 31,
    /// The time that a sidecar takes to be ready; stream: pod and container.
    SidecarReady = 32,
    /// The time that a sidecar takes to stop; stream: pod and container.
    SidecarStop = 33,
    /// The time that a container takes to be ready after it was started again; stream: pod and restart.
    RestartReady = 34,
    /// The name of an ECI instance; stream: pod.
    InstanceId = 21,
    /// The order in which an ECI instance's zones are tried; stream: pod.
    ZoneOrder = 22,
    /// When a spot instance is taken back; stream: pod.
    SpotReclaim = 23,
    /// The time that a sidecar takes to stop for its upgrade; stream: pod and restart.
    UpgradeStop = 45,
    /// The time that an upgraded sidecar takes to start; stream: pod and restart.
    SidecarRestart = 46,
    /// The time that an upgraded sidecar takes to be ready; stream: pod and restart.
    SidecarReadiness = 47,
    /// The time that a hot upgrade takes to move the state over; stream: pod and restart.
    Migration = 48,
    /// When a burst of traffic begins and ends; stream: shape and burst.
    Burst = 60,
    /// How long traffic stays in a state, and which is next; stream: shape and stay.
    TrafficState = 61,
    /// How far traffic strays from its shape; stream: shape and interval.
    Noise = 62,
    /// How many requests arrive by chance; stream: shape and interval.
    Requests = 63,
    /// How many pods of a source arrive together; stream: source and arrival number.
    BatchSize = 80,
    /// How long a node runs until it fails by law; stream: node and failure.
    NodeFailure = 90,
    /// How long it is down then; stream: node and failure.
    NodeRepair = 91,
    /// When the spot instance of a node is taken back; stream: node.
    SpotNode = 92,
    /// How long its pool takes to get another; stream: node.
    SpotReplacement = 93,
    /// How long a node that comes takes to be ready; stream: the node that it stands in for.
    NodeBoot = 94,
    /// Which of equally good node groups grows; stream: scan of the node autoscaler.
    Expander = 100,
    /// How long a new node takes to come; stream: node group and ordinal.
    NodeProvision = 101,
    /// Whether it comes at all; stream: node group and ordinal.
    NodeCreation = 102,
}

/// The entity that draws, folded into one stream number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// The stream of the `ordinal`-th member of `group`, such as the pods of one workload.
    pub const fn of(group: u32, ordinal: u32) -> Self {
        Self(((group as u64) << 32) | ordinal as u64)
    }

    /// A stream of its own for each `round` of one entity, such as the attempts of one pod.
    #[must_use]
    pub const fn round(self, round: u32) -> Self {
        Self(mix(self.0 ^ mix(round as u64 + 1)))
    }
}

/// A generator of the draws of `stream` for `purpose` under `seed`.
pub fn generator(seed: u64, purpose: Purpose, stream: Stream) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(stream.0);
    generator
}

/// A number above 0 and up to 1, from the top 53 bits of one output.
pub fn unit(generator: &mut ChaCha8Rng) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    ((generator.next_u64() >> 11) + 1) as f64 * STEP
}

/// A number of the exponential law with mean 1, from one output.
pub fn standard_exponential(generator: &mut ChaCha8Rng) -> f64 {
    -libm::log(unit(generator))
}

/// A standard normal number by Box and Muller's method, from two outputs.
pub fn standard_normal(generator: &mut ChaCha8Rng) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(unit(generator)));
    radius * libm::cos(std::f64::consts::TAU * unit(generator))
}

/// One of the numbers from 0 to `count - 1`, each as likely as any other, from one output.
pub fn below(generator: &mut ChaCha8Rng, count: usize) -> usize {
    ((u128::from(generator.next_u64()) * count as u128) >> 64) as usize
}

/// Puts `all` into an order that is drawn: every order is as likely as every other.
pub fn shuffle<T>(all: &mut [T], seed: u64, purpose: Purpose, stream: Stream) {
    let mut draws = generator(seed, purpose, stream);
    for last in (1..all.len()).rev() {
        all.swap(last, below(&mut draws, last + 1));
    }
}

/// The finaliser of splitmix64: a bijection that spreads neighbouring numbers.
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_the_same_on_every_machine_and_in_every_release() {
        let mut draws = generator(1, Purpose::TieBreak, Stream::of(2, 3));
        assert_eq!(
            [draws.next_u64(), draws.next_u64()],
            [16_853_085_347_284_021_236, 1_413_156_997_954_018_017]
        );
    }

    #[test]
    fn purposes_streams_and_seeds_draw_apart() {
        let first = |seed, purpose, stream| generator(seed, purpose, stream).next_u64();
        let base = first(1, Purpose::TieBreak, Stream::of(0, 1));
        assert_ne!(base, first(2, Purpose::TieBreak, Stream::of(0, 1)));
        assert_ne!(base, first(1, Purpose::EciStart, Stream::of(0, 1)));
        assert_ne!(base, first(1, Purpose::TieBreak, Stream::of(1, 0)));
        assert_ne!(base, first(1, Purpose::TieBreak, Stream::of(0, 1).round(1)));
    }

    #[test]
    fn every_order_is_drawn_as_often_as_every_other() {
        let mut orders = std::collections::BTreeMap::<[u8; 3], u32>::new();
        for ordinal in 0..600 {
            let mut all = [0, 1, 2];
            shuffle(&mut all, 1, Purpose::ZoneOrder, Stream::of(0, ordinal));
            *orders.entry(all).or_default() += 1;
        }
        // 100 of each of the six are expected; four standard deviations are 37.
        assert!(orders.len() == 6 && orders.values().all(|count| (63..=137).contains(count)), "{orders:?}");
    }
}
