//! Ages as kubectl prints them.

use crate::units::{SimTime, Span};

/// A length of time in the one or two units that matter (apimachinery/pkg/util/duration/duration.go `HumanDuration` at
/// v1.34.1): `38s`, `8m49s`, `96m`, `3h5m`, `16d`, `2y84d`.
pub fn human_duration(span: Span) -> String {
    let seconds = span.0 / Span::from_secs(1).0;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let days = hours / 24;
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 24 * 8 => two(days, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{days}d"),
        () if hours < 24 * 365 * 8 => two(days / 365, "y", days % 365, "d"),
        () => format!("{}y", days / 365),
    }
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small}{small_unit}")
    }
}

/// How old something is at `at`. The API server keeps the whole second of an object's creation.
pub(super) fn age(at: SimTime, created: SimTime) -> String {
    human_duration(at.since(SimTime::from_secs(created.whole_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hours: u64, minutes: u64, seconds: u64, expected: &str) {
        let span = Span::from_secs(hours * 3600 + minutes * 60 + seconds);
        assert_eq!(human_duration(span), expected);
    }

    /// apimachinery/pkg/util/duration/duration_test.go `TestHumanDuration` and `TestHumanDurationBoundaries`.
    #[test]
    fn durations_print_as_upstream() {
        for (hours, minutes, seconds, expected) in [
            (0, 0, 0, "0s"),
            (0, 0, 1, "1s"),
            (0, 1, 10, "70s"),
            (0, 1, 59, "119s"),
            (0, 2, 0, "2m"),
            (0, 2, 1, "2m1s"),
            (0, 3, 10, "3m10s"),
            (0, 9, 59, "9m59s"),
            (0, 10, 0, "10m"),
            (0, 70, 10, "70m"),
            (0, 179, 59, "179m"),
            (3, 0, 0, "3h"),
            (3, 1, 0, "3h1m"),
            (3, 10, 0, "3h10m"),
            (7, 59, 59, "7h59m"),
            (8, 0, 0, "8h"),
            (47, 59, 59, "47h"),
            (48, 0, 0, "2d"),
            (49, 0, 0, "2d1h"),
            (24 * 8 - 1, 0, 0, "7d23h"),
            (24 * 8, 0, 0, "8d"),
            (24 * 365 * 2 - 1, 0, 0, "729d"),
            (24 * 365 * 2, 0, 0, "2y"),
            (24 * (365 * 2 + 1), 0, 0, "2y1d"),
            (24 * 365 * 8 - 1, 0, 0, "7y364d"),
            (24 * 365 * 8, 0, 0, "8y"),
            (24 * 365 * 9, 0, 0, "9y"),
        ] {
            check(hours, minutes, seconds, expected);
        }
    }

    /// The ages in Alibaba Cloud ASM, "Schedule pods to virtual nodes and inject sidecars".
    #[test]
    fn the_ages_of_the_documents_can_be_printed() {
        check(0, 0, 38, "38s");
        check(0, 8, 49, "8m49s");
        check(0, 96, 12, "96m");
        check(24 * 16 + 5, 0, 0, "16d");
    }

    #[test]
    fn an_age_counts_from_the_whole_second_of_creation() {
        assert_eq!(age(SimTime(20_100_000_000), SimTime(10_900_000_000)), "10s");
    }
}
