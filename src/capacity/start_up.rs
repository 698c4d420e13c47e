//! How long a bound pod takes to serve: the phases of a start on ECS and of the creation of an ECI instance.

use rand_chacha::ChaCha8Rng;

use super::law::Law;
use crate::rule::{Confidence, Rule};
use crate::units::{Bytes, SimTime, Span};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "eci-start",
        statement: "An ECI instance takes its turn at the token bucket, a sandbox (log-normal, median 6 s, \
                    sigma 0.35), the image pull, one second to start its containers, and the application's \
                    own time to be Ready.",
        source: "scaled to ACK, \"Schedule pods to elastic container instances through virtual nodes\", \
                 where two small pods are Running at 14 s",
        confidence: Confidence::Estimate,
    },
    Rule {
        id: "ecs-start",
        statement: "On a warm ECS node containers start one second after the pod was bound, and after the \
                    pull where the image is missing.",
        source: "measured on ACK nodes by a third party",
        confidence: Confidence::Observed,
    },
    Rule {
        id: "image-pull",
        statement: "An image takes its size over 60 MB/s from a registry in the same network and 8 MB/s \
                    across the internet, one image after the other; a cached one takes half a second on ECI \
                    and nothing on ECS.",
        source: "the public rate is near ECI, \"Use image caches to accelerate the creation of elastic \
                 container instances\": 386 MB in 50 s",
        confidence: Confidence::Estimate,
    },
];

/// Where an image comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageSource {
    /// It is there: on the ECS node, or in ECI's image cache.
    Cached,
    /// A registry in the same network, such as ACR through its VPC address.
    Vpc,
    /// A registry across the internet.
    Public,
}

/// An image that a pod needs; the same image in two containers is pulled once, so it is to be told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// What is transferred.
    pub size: Bytes,
    /// Where from.
    pub source: ImageSource,
}

/// Whether the images of a pod are pulled one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PullOrder {
    /// One after the other.
    #[default]
    Serial,
    /// All at once, each with the full bandwidth.
    Parallel,
}

/// How long images take to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullModel {
    /// Bytes per second from a registry in the same network.
    pub vpc_bytes_per_second: u64,
    /// Bytes per second across the internet.
    pub public_bytes_per_second: u64,
    /// The time that a cached image still takes.
    pub cached: Span,
    /// Whether a pod's images queue for each other.
    pub order: PullOrder,
}

impl PullModel {
    /// The bandwidths are estimates; the public one is near the 386 MB in 50 s of "Use image caches to accelerate the
    /// creation of elastic container instances".
    const BANDWIDTHS: Self = Self {
        vpc_bytes_per_second: 60_000_000,
        public_bytes_per_second: 8_000_000,
        cached: Span::ZERO,
        order: PullOrder::Serial,
    };

    /// The time until all `images` are there, rounded up to the nanosecond.
    pub fn duration(&self, images: &[Image]) -> Span {
        let each = images.iter().map(|image| self.one(*image));
        match self.order {
            PullOrder::Serial => each.fold(Span::ZERO, |sum, span| sum + span),
            PullOrder::Parallel => each.max().unwrap_or_default(),
        }
    }

    fn one(&self, image: Image) -> Span {
        let bytes_per_second = match image.source {
            ImageSource::Cached => return self.cached,
            ImageSource::Vpc => self.vpc_bytes_per_second,
            ImageSource::Public => self.public_bytes_per_second,
        };
        let nanos = image.size.0.max(0) as u128 * 1_000_000_000;
        Span(nanos.div_ceil(u128::from(bytes_per_second.max(1))).try_into().unwrap_or(u64::MAX))
    }
}

/// How an ECI instance comes to life once the creation call is admitted.
#[derive(Clone, Debug, PartialEq)]
pub struct EciStartModel {
    /// From the admitted call to the start of the image pull: placement and sandbox, not billed.
    pub sandbox: Law,
    /// The image pull; the bill starts with it.
    pub pull: PullModel,
    /// From the pulled images to the started containers.
    pub container_start: Law,
}

impl Default for EciStartModel {
    /// Estimates that keep within the documented 14 s for two small pods and 15 s for a batch with cached images:
    /// sandbox log-normal (median 6 s, sigma 0.35), half a second for a cached image, one second to start containers.
    fn default() -> Self {
        Self {
            sandbox: Law::LogNormal { median: Span::from_secs(6), sigma: 0.35 },
            pull: PullModel { cached: Span::from_millis(500), ..PullModel::BANDWIDTHS },
            container_start: Law::Constant(Span::from_secs(1)),
        }
    }
}

/// The instants of one ECI instance's creation, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EciStart {
    /// The creation call passed the rate limit.
    pub admitted: SimTime,
    /// The image pull starts, and with it the bill.
    pub pull_from: SimTime,
    /// The containers run.
    pub started: SimTime,
    /// The pod is Ready.
    pub ready: SimTime,
}

impl EciStartModel {
    /// Draws the creation of an instance whose call is admitted at `admitted`; `readiness` is the application's own
    /// law from started containers to Ready.
    pub fn draw(
        &self,
        admitted: SimTime,
        images: &[Image],
        readiness: &Law,
        generator: &mut ChaCha8Rng,
    ) -> EciStart {
        let pull_from = admitted + self.sandbox.draw(generator);
        let started = pull_from + self.pull.duration(images) + self.container_start.draw(generator);
        EciStart { admitted, pull_from, started, ready: started + readiness.draw(generator) }
    }
}

/// How a pod starts on an ECS node that is ready.
#[derive(Clone, Debug, PartialEq)]
pub struct EcsStartModel {
    /// The pull of the images that the node lacks.
    pub pull: PullModel,
    /// From the present images to the started containers.
    pub container_start: Law,
}

impl Default for EcsStartModel {
    /// One second from scheduled to started on a warm node, as measured on ACK nodes by a third party (observed).
    fn default() -> Self {
        Self { pull: PullModel::BANDWIDTHS, container_start: Law::Constant(Span::from_secs(1)) }
    }
}

/// The instants of one pod's start on ECS, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcsStart {
    /// The containers run.
    pub started: SimTime,
    /// The pod is Ready.
    pub ready: SimTime,
}

impl EcsStartModel {
    /// Draws the start of a pod that the node's kubelet sees at `bound`; `images` that the node has are
    /// [`ImageSource::Cached`].
    pub fn draw(
        &self,
        bound: SimTime,
        images: &[Image],
        readiness: &Law,
        generator: &mut ChaCha8Rng,
    ) -> EcsStart {
        let started = bound + self.pull.duration(images) + self.container_start.draw(generator);
        EcsStart { started, ready: started + readiness.draw(generator) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, generator};

    const MB: i64 = 1_000_000;
    const ONE_SECOND: Law = Law::Constant(Span::from_secs(1));

    fn image(megabytes: i64, source: ImageSource) -> Image {
        Image { size: Bytes(megabytes * MB), source }
    }

    fn draws(pod: u32) -> ChaCha8Rng {
        generator(1, Purpose::EciStart, Stream::of(0, pod))
    }

    /// rule: image-pull
    #[test]
    fn a_pull_takes_bytes_over_bandwidth() {
        let pull = EciStartModel::default().pull;
        let seconds = |images: &[Image]| pull.duration(images).as_secs_f64();
        // "Use image caches": a flink image of 386 MB takes 50 s from Docker Hub and next to nothing when cached.
        assert!((45.0..50.0).contains(&seconds(&[image(386, ImageSource::Public)])));
        assert_eq!(pull.duration(&[image(386, ImageSource::Cached)]), Span::from_millis(500));
        assert_eq!(pull.duration(&[image(60, ImageSource::Vpc)]), Span::from_secs(1));
        assert_eq!(pull.duration(&[]), Span::ZERO);
    }

    #[test]
    fn serial_pulls_add_up_and_parallel_ones_overlap() {
        let images =
            [image(60, ImageSource::Vpc), image(120, ImageSource::Vpc), image(9, ImageSource::Cached)];
        let serial = EciStartModel::default().pull;
        assert_eq!(serial.duration(&images), Span::from_millis(3_500));
        let parallel = PullModel { order: PullOrder::Parallel, ..serial };
        assert_eq!(parallel.duration(&images), Span::from_secs(2));
    }

    /// rule: eci-start
    #[test]
    fn phases_of_a_creation_follow_each_other() {
        let model = EciStartModel { sandbox: Law::Constant(Span::from_secs(6)), ..EciStartModel::default() };
        let images = [image(120, ImageSource::Vpc)];
        let start = model.draw(SimTime::from_secs(10), &images, &ONE_SECOND, &mut draws(0));
        let expected = EciStart {
            admitted: SimTime::from_secs(10),
            pull_from: SimTime::from_secs(16),
            started: SimTime::from_secs(19),
            ready: SimTime::from_secs(20),
        };
        assert_eq!(start, expected);
    }

    /// ACK, "Schedule pods to elastic container instances through virtual nodes", its listing: two small pods Running
    /// at an age of 14 s.
    /// rule: eci-start
    #[test]
    fn a_small_pod_is_ready_after_about_nine_to_fourteen_seconds() {
        let images = [image(70, ImageSource::Vpc)];
        let ready =
            |pod| EciStartModel::default().draw(SimTime::ZERO, &images, &ONE_SECOND, &mut draws(pod)).ready;
        let mut seconds: Vec<f64> = (0..999).map(|pod| ready(pod).as_secs_f64()).collect();
        seconds.sort_by(f64::total_cmp);
        assert!((9.0..10.0).contains(&seconds[499]), "median {}", seconds[499]);
        assert!((13.0..15.0).contains(&seconds[949]), "95 % {}", seconds[949]);
    }

    /// rule: ecs-start
    #[test]
    fn a_warm_node_starts_in_a_second_and_a_cold_one_pulls_first() {
        let start = |source| {
            EcsStartModel::default().draw(SimTime::ZERO, &[image(300, source)], &ONE_SECOND, &mut draws(0))
        };
        assert_eq!(start(ImageSource::Cached).started, SimTime::from_secs(1));
        assert_eq!(start(ImageSource::Cached).ready, SimTime::from_secs(2));
        assert_eq!(start(ImageSource::Vpc).started, SimTime::from_secs(6));
    }

    #[test]
    fn a_cached_image_changes_nothing_but_the_pull() {
        let start = |source| {
            EciStartModel::default().draw(SimTime::ZERO, &[image(600, source)], &ONE_SECOND, &mut draws(4))
        };
        let (cached, pulled) = (start(ImageSource::Cached), start(ImageSource::Vpc));
        assert_eq!(cached.pull_from, pulled.pull_from);
        assert_eq!(pulled.ready.since(cached.ready), Span::from_millis(9_500));
    }
}
