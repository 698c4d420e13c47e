//! What metrics-server knows of the pods: their cpu time, read at fixed intervals and averaged in between, and what they
//! serve when they are read, which says how much memory they hold.
//!
//! metrics-server reads each pod's accumulated cpu time every `--metric-resolution` and tells the mean between the last
//! two readings (kubernetes-sigs/metrics-server, pkg/storage/pod.go). So the HPA always sees the past: a load that
//! begins now is in full view only one whole interval later, and a new pod has no sample until it has been read twice.
//! Not modelled: a container that is at least 10 s old at its first reading, yet younger than the interval, has a sample
//! at once there (`freshContainerMinMetricsResolution`), and the kubelet itself refreshes its readings only every 10
//! to 15 s: readings are taken earlier instead, by what that and the phases of the clocks make on average.

use crate::rule::{Confidence, Rule};
use crate::slab::Slab;
use crate::units::{MicroCpu, MilliCpu, SimTime, Span};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "pod-metrics",
        statement: "Cpu usage is the mean between the last two readings, 15 s apart; a pod has no sample \
                    until it was read twice.",
        source: "kubernetes-sigs/metrics-server, pkg/storage/pod.go",
        confidence: Confidence::Source,
    },
    Rule {
        id: "pod-metrics-memory",
        statement: "Memory usage is that of the last reading, not a mean, and is told where cpu is.",
        source: "kubernetes-sigs/metrics-server, pkg/storage/types.go `resourceUsage`",
        confidence: Confidence::Source,
    },
    Rule {
        id: "pod-metrics-age",
        statement: "What an autoscaler sees was read 12.5 s before it looks: 7.5 s ago by metrics-server on average, \
                     which got from the kubelet what was 5 s old on average.",
        source: "inferred from metrics-server's `--metric-resolution` of 15 s, the kubelet's \
                  `--housekeeping-interval` of 10 s, and that clocks of different processes are not in step",
        confidence: Confidence::Estimate,
    },
];

/// `--metric-resolution`, the time between two readings, as metrics-server's manifests set it.
pub const DEFAULT_RESOLUTION: Span = Span::from_secs(15);

/// Half of the kubelet's `--housekeeping-interval` (pkg/kubelet/cadvisor/cadvisor_linux.go): how old what it tells is on
/// average.
const MEAN_KUBELET_AGE: Span = Span::from_secs(5);

/// How old readings are on average when somebody looks who is not in step with metrics-server (rule pod-metrics-age). It
/// stays below the time between two readings.
pub fn default_age(resolution: Span) -> Span {
    Span((resolution.0 / 2 + MEAN_KUBELET_AGE.0).min(resolution.0 / 6 * 5))
}

/// The mean usage of a pod between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When the window ended: the time of the last reading.
    pub timestamp: SimTime,
    /// The time between the two readings.
    pub window: Span,
    /// The mean usage, rounded up as `Quantity.MilliValue()` rounds nanocores up.
    pub cpu: MilliCpu,
    /// The requests per second, in thousandths, that the pod had to serve at the last reading.
    pub milli_rate: u32,
}

/// Cpu time that all who follow it use alike: see [`MetricsServer::open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountId(u32);

/// The meter of one pod: see [`MetricsServer::begin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterId(u32);

/// Cpu time in micro-cores times nanoseconds.
type CpuTime = u128;

/// What each of its followers has used, if it had followed from the beginning.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    used: CpuTime,
    /// `used` at the reading before the last and at the last.
    read: [CpuTime; 2],
    /// Requests per second, in thousandths: now, and at the last reading.
    milli_rate: u32,
    read_rate: u32,
}

/// How one pod's cpu time follows from an account.
#[derive(Clone, Copy, Debug)]
struct Meter {
    account: AccountId,
    /// What the pod has used less what the account has, modulo 2^128.
    offset: CpuTime,
    /// How many readings there were when it began to follow; what is below is as of then.
    followed_at: u32,
    /// How many of them had read the pod; all above one are as good as two.
    times_read: u8,
    /// Cpu time at the last of them.
    last: CpuTime,
    /// Cpu time between the last two.
    recent: CpuTime,
    /// The rate at the last of them.
    rate: u32,
}

/// The meters of all running pods.
///
/// Pods that use the same share an account, so that telling a usage and reading all meters cost as much as there are
/// accounts, however many pods follow them.
#[derive(Clone, Debug)]
pub struct MetricsServer {
    accounts: Slab<Account>,
    meters: Slab<Meter>,
    /// How many readings there were.
    readings: u32,
    /// When the last was.
    last: SimTime,
    /// The time between the last two.
    window: Span,
}

/// Whoever follows it uses nothing.
const IDLE: AccountId = AccountId(0);

impl Default for MetricsServer {
    fn default() -> Self {
        let mut accounts = Slab::default();
        let first = AccountId(accounts.put(Account::default()));
        assert_eq!(first, IDLE, "the first account is the one of those who use nothing");
        Self { accounts, meters: Slab::default(), readings: 0, last: SimTime::ZERO, window: Span::ZERO }
    }
}

impl MetricsServer {
    /// A metrics-server that has read nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new account.
    pub fn open(&mut self) -> AccountId {
        AccountId(self.accounts.put(Account::default()))
    }

    /// Nobody follows `account` any more, nor will.
    pub fn close(&mut self, account: AccountId) {
        self.accounts.release(account.0);
    }

    /// Each follower of `account` has used `usage` for `step`.
    pub fn used(&mut self, account: AccountId, usage: MicroCpu, step: Span) {
        let used = &mut self.accounts[account.0].used;
        *used = used.wrapping_add(u128::from(usage.0) * u128::from(step.0));
    }

    /// Each follower of `account` serves so many thousandths of a request per second, until something else is told.
    pub fn serves(&mut self, account: AccountId, milli_rate: u32) {
        self.accounts[account.0].milli_rate = milli_rate;
    }

    /// A pod's containers have started: its metering begins. It uses nothing until it follows an account.
    pub fn begin(&mut self) -> MeterId {
        let followed_at = self.readings;
        let nothing =
            Meter { account: IDLE, offset: 0, followed_at, times_read: 0, last: 0, recent: 0, rate: 0 };
        MeterId(self.meters.put(nothing))
    }

    /// From now on the pod uses what `account` tells.
    pub fn follow(&mut self, id: MeterId, account: AccountId) {
        let old = self.meters[id.0];
        let [before, followed] = [old.account, account].map(|account| self.accounts[account.0]);
        self.meters[id.0] = Meter {
            account,
            offset: before.used.wrapping_add(old.offset).wrapping_sub(followed.used),
            followed_at: self.readings,
            times_read: self.times_read(&old),
            last: if self.readings == old.followed_at {
                old.last
            } else {
                before.read[1].wrapping_add(old.offset)
            },
            recent: self.recent(&old),
            rate: self.rate(&old),
        };
    }

    /// From now on the pod uses nothing.
    pub fn rest(&mut self, id: MeterId) {
        self.follow(id, IDLE);
    }

    /// The pod's containers are gone, and its sample with them.
    pub fn remove(&mut self, id: MeterId) {
        self.meters.release(id.0);
    }

    /// Reads all meters. Two readings at one moment are one.
    pub fn scrape(&mut self, now: SimTime) {
        if self.readings > 0 && now == self.last {
            return;
        }
        self.window = now.since(self.last);
        self.last = now;
        self.readings += 1;
        for account in self.accounts.all_mut() {
            account.read = [account.read[1], account.used];
            account.read_rate = account.milli_rate;
        }
    }

    /// The mean usage of a pod between the last two readings; `None` if it has not been read twice.
    pub fn sample(&self, id: MeterId) -> Option<Sample> {
        let meter = &self.meters[id.0];
        (self.times_read(meter) > 1).then(|| self.sample_of(self.recent(meter), self.rate(meter)))
    }

    /// Whether a pod's sample is that of its account, and so that of all others of whom this is true: it has followed
    /// for the last two readings.
    pub fn is_steady(&self, id: MeterId) -> bool {
        self.readings >= self.meters[id.0].followed_at + 2
    }

    /// The sample of the steady followers of an account, if there are any.
    pub fn steady_sample(&self, account: AccountId) -> Sample {
        let Account { read: [before, last], read_rate, .. } = self.accounts[account.0];
        self.sample_of(last.wrapping_sub(before), read_rate)
    }

    /// Cpu time of a pod since its start, in micro-cores times nanoseconds.
    #[cfg(test)]
    pub(crate) fn cpu_time(&self, id: MeterId) -> CpuTime {
        let meter = &self.meters[id.0];
        self.accounts[meter.account.0].used.wrapping_add(meter.offset)
    }

    fn sample_of(&self, used: CpuTime, milli_rate: u32) -> Sample {
        // Thousandths of a core: micro-cores × ns over ns, over 1000.
        let milli = used.div_ceil(u128::from(self.window.0) * 1000);
        Sample { timestamp: self.last, window: self.window, cpu: MilliCpu(milli as i64), milli_rate }
    }

    fn times_read(&self, meter: &Meter) -> u8 {
        (self.readings - meter.followed_at).saturating_add(u32::from(meter.times_read)).min(2) as u8
    }

    /// Cpu time between the last two readings; of a pod that was read once, since its start.
    fn recent(&self, meter: &Meter) -> CpuTime {
        let [before, last] = self.accounts[meter.account.0].read;
        match self.readings - meter.followed_at {
            0 => meter.recent,
            1 => last.wrapping_add(meter.offset).wrapping_sub(meter.last),
            _ => last.wrapping_sub(before),
        }
    }

    /// What a pod served at the last reading.
    fn rate(&self, meter: &Meter) -> u32 {
        if self.readings == meter.followed_at { meter.rate } else { self.accounts[meter.account.0].read_rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_secs(seconds)
    }

    /// A metrics-server with one pod and an account of its own, and a clock.
    struct Metered {
        server: MetricsServer,
        pod: MeterId,
        account: AccountId,
        now: u64,
    }

    impl Metered {
        fn from(seconds: u64) -> Self {
            let mut server = MetricsServer::new();
            let (pod, account) = (server.begin(), server.open());
            server.follow(pod, account);
            Self { server, pod, account, now: seconds }
        }

        /// The pod uses so many cores until `seconds`.
        fn uses(&mut self, cores: u64, seconds: u64) {
            let step = Span::from_secs(seconds - self.now);
            self.server.used(self.account, MicroCpu(cores * 1_000_000), step);
            self.now = seconds;
        }

        fn scrape(&mut self) {
            self.server.scrape(at(self.now));
        }

        fn sample(&self) -> Option<Sample> {
            self.server.sample(self.pod)
        }

        fn cpu(&self) -> Option<i64> {
            self.sample().map(|sample| sample.cpu.0)
        }
    }

    /// rule: pod-metrics
    #[test]
    fn a_pod_has_no_sample_until_it_was_read_twice() {
        let mut pod = Metered::from(10);
        assert_eq!(pod.sample(), None);
        pod.uses(1, 15);
        pod.scrape();
        assert_eq!(pod.sample(), None);
        pod.uses(1, 30);
        pod.scrape();
        let sample =
            Sample { timestamp: at(30), window: DEFAULT_RESOLUTION, cpu: MilliCpu(1000), milli_rate: 0 };
        assert_eq!(pod.sample(), Some(sample));
    }

    /// rule: pod-metrics
    #[test]
    fn usage_is_averaged_over_the_window() {
        let mut pod = Metered::from(0);
        pod.uses(1, 15);
        pod.scrape();
        pod.uses(1, 20);
        pod.uses(3, 25);
        pod.uses(0, 30);
        pod.scrape();
        assert_eq!(pod.cpu(), Some(1334), "5 s of 1, 5 s of 3: 1333.3 rounds up");
        pod.uses(0, 45);
        pod.scrape();
        assert_eq!(pod.cpu(), Some(0));
    }

    #[test]
    fn a_sample_stays_until_the_next_reading_whatever_the_pod_follows() {
        let mut pod = Metered::from(0);
        pod.uses(1, 15);
        pod.scrape();
        pod.uses(1, 30);
        pod.scrape();
        pod.uses(9, 31);
        assert_eq!(pod.cpu(), Some(1000));
        pod.server.rest(pod.pod);
        assert_eq!(pod.cpu(), Some(1000));
        pod.uses(9, 45);
        pod.scrape();
        assert_eq!(pod.cpu(), Some(600), "9 cores for one second of 15");
        pod.uses(9, 60);
        pod.scrape();
        assert_eq!(pod.cpu(), Some(0));
    }

    /// rule: pod-metrics-memory
    #[test]
    fn what_a_pod_serves_is_that_of_the_last_reading() {
        let mut pod = Metered::from(0);
        pod.uses(1, 15);
        pod.scrape();
        pod.server.serves(pod.account, 9_000);
        pod.uses(1, 29);
        pod.server.serves(pod.account, 4_000);
        pod.uses(1, 30);
        pod.scrape();
        let rate = |pod: &Metered| pod.sample().map(|sample| sample.milli_rate);
        pod.server.serves(pod.account, 8_000);
        assert_eq!(rate(&pod), Some(4_000), "no mean, and nothing of what came after");
        pod.server.rest(pod.pod);
        assert_eq!(rate(&pod), Some(4_000), "as it was read");
        pod.uses(1, 45);
        pod.scrape();
        assert_eq!(rate(&pod), Some(0), "it serves nothing any more");
    }

    #[test]
    fn two_readings_at_one_moment_are_one() {
        let mut pod = Metered::from(0);
        pod.uses(1, 15);
        pod.scrape();
        pod.scrape();
        assert_eq!(pod.sample(), None);
    }

    #[test]
    fn steady_followers_have_the_sample_of_their_account() {
        let mut one = Metered::from(0);
        one.uses(1, 15);
        one.scrape();
        one.uses(2, 20);
        let late = one.server.begin();
        one.server.follow(late, one.account);
        one.uses(2, 30);
        one.scrape();
        assert!(one.server.is_steady(one.pod) && !one.server.is_steady(late));
        assert_eq!(one.server.steady_sample(one.account), one.sample().unwrap());
        assert_eq!(one.server.sample(late), None);
        one.uses(3, 45);
        one.scrape();
        assert!(one.server.is_steady(late));
        assert_eq!(one.server.sample(late).unwrap().cpu, MilliCpu(3000));
    }

    #[test]
    fn an_account_that_is_opened_again_is_empty() {
        let mut one = Metered::from(0);
        one.uses(4, 15);
        one.scrape();
        one.server.rest(one.pod);
        one.server.close(one.account);
        assert_eq!(one.server.open(), one.account);
        assert_eq!(one.server.steady_sample(one.account).cpu, MilliCpu(0));
    }
}
