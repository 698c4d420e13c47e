//! Given a CronJob, when the controller looks at it, then it decides so.

use jiff::tz::TimeZoneDatabase;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn spec(schedule: &str) -> Spec {
    Spec {
        written: schedule.to_owned(),
        schedule: Schedule::parse(schedule).unwrap(),
        zone_name: None,
        zone: TimeZone::UTC,
        concurrency: Concurrency::Allow,
        starting_deadline: None,
        suspend: false,
        successful_history: 3,
        failed_history: 1,
    }
}

/// The next instants of a schedule in a time zone, as the clock there shows them.
#[track_caller]
fn check(schedule: &str, zone: &str, from: &str, expected: &[&str]) {
    let zone = TimeZoneDatabase::bundled().get(zone).unwrap();
    let schedule = Schedule::parse(schedule).unwrap();
    let mut now = at(from);
    for expected in expected {
        now = schedule.next(now, &zone).unwrap_or_else(|| panic!("nothing before {expected}"));
        assert_eq!(now.to_zoned(zone.clone()).strftime("%F %R %Z").to_string(), *expected);
    }
}

/// rule: cron-schedule
#[test]
fn schedules_are_read_as_cron_has_them() {
    let from = "2026-01-05T08:59:30Z";
    check("* * * * *", "UTC", from, &["2026-01-05 09:00 UTC", "2026-01-05 09:01 UTC"]);
    check("*/15 9-10 * * *", "UTC", from, &["2026-01-05 09:00 UTC", "2026-01-05 09:15 UTC"]);
    check("50/5 * * * *", "UTC", "2026-01-05T08:51:00Z", &["2026-01-05 08:55 UTC", "2026-01-05 09:50 UTC"]);
    check("0 0 1,15 * ?", "UTC", from, &["2026-01-15 00:00 UTC", "2026-02-01 00:00 UTC"]);
    check(
        "30 6-16/4 * * Mon-Fri",
        "UTC",
        "2026-01-09T14:00:00Z",
        &["2026-01-09 14:30 UTC", "2026-01-12 06:30 UTC"],
    );
    check("0 0 29 FEB *", "UTC", from, &["2028-02-29 00:00 UTC"]);
    check("@hourly", "UTC", from, &["2026-01-05 09:00 UTC", "2026-01-05 10:00 UTC"]);
    check("@weekly", "UTC", from, &["2026-01-11 00:00 UTC"]);
    check("@monthly", "UTC", from, &["2026-02-01 00:00 UTC"]);
    check("@yearly", "UTC", from, &["2027-01-01 00:00 UTC"]);
    let every = Schedule::parse("@every 90s").unwrap();
    assert_eq!(every.next(at("2026-01-05T08:00:00.5Z"), &TimeZone::UTC), Some(at("2026-01-05T08:01:30Z")));
    let never = Schedule::parse("0 0 31 2 *").unwrap();
    assert_eq!(never.next(at(from), &TimeZone::UTC), None);
}

/// Both kinds of day restricted: either will do. A step of 2 restricts, one of 1 does not.
///
/// rule: cron-schedule
#[test]
fn days_of_month_and_week_are_alternatives() {
    let from = "2026-01-05T00:00:00Z";
    check(
        "0 0 13 * 5",
        "UTC",
        from,
        &["2026-01-09 00:00 UTC", "2026-01-13 00:00 UTC", "2026-01-16 00:00 UTC"],
    );
    check("0 0 */1 * 5", "UTC", from, &["2026-01-09 00:00 UTC", "2026-01-16 00:00 UTC"]);
    check(
        "0 0 */2 * 5",
        "UTC",
        from,
        &["2026-01-07 00:00 UTC", "2026-01-09 00:00 UTC", "2026-01-11 00:00 UTC"],
    );
}

/// 02:30 does not come on the last Sunday of March in Berlin, and comes twice on the last of October.
///
/// rule: cron-schedule
#[test]
fn clocks_that_are_put_forward_or_back_are_followed() {
    check(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T00:00:00Z",
        &["2026-03-28 02:30 CET", "2026-03-30 02:30 CEST"],
    );
    check(
        "30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T12:00:00Z",
        &["2026-10-25 02:30 CEST", "2026-10-25 02:30 CET", "2026-10-26 02:30 CET"],
    );
    check("0 8 * * *", "Asia/Shanghai", "2026-01-05T00:30:00Z", &["2026-01-06 08:00 CST"]);
}

#[test]
fn what_is_no_schedule_is_refused() {
    for (text, wrong) in [
        ("* * * *", "expected exactly 5 fields"),
        ("60 * * * *", "outside of what the minute can be, 0 to 59"),
        ("* * * * 7", "outside of what the day of the week can be, 0 to 6"),
        ("* * 0 * *", "outside of what the day of the month can be"),
        ("5-1 * * * *", "beyond end of range"),
        ("*/0 * * * *", "should be a positive number"),
        ("* * * foo *", "is no month"),
        ("@often", "unrecognized descriptor"),
        ("TZ=UTC * * * * *", "use timeZone field instead"),
        ("@every soon", "is not a duration"),
    ] {
        let told = Schedule::parse(text).unwrap_err();
        assert!(told.contains(wrong), "{text}: {told}");
    }
}

const MIDNIGHT: &str = "2026-01-05T00:00:00Z";

fn hourly(change: impl FnOnce(&mut Spec)) -> CronJob {
    let mut spec = spec("0 * * * *");
    change(&mut spec);
    CronJob::new("report", spec, at(MIDNIGHT))
}

fn job(number: u32, finished: Option<bool>) -> Child {
    let started = Some(SimTime::from_secs(u64::from(number)));
    Child { number, name: format!("report-{number}"), started, finished }
}

fn told(decision: &Decision) -> Vec<(&'static str, &str)> {
    decision.events.iter().map(|(_, reason, message)| (*reason, message.as_str())).collect()
}

/// rule: cron-delay
/// rule: cron-job-names
#[test]
fn a_job_is_created_when_it_is_due_and_not_before() {
    let mut cron_job = hourly(|_| {});
    let early = cron_job.sync(at(MIDNIGHT), &[]);
    assert_eq!((early.create, early.again), (None, Some(at("2026-01-05T01:00:00.1Z"))));
    let due = cron_job.sync(early.again.unwrap(), &[]);
    let scheduled = at("2026-01-05T01:00:00Z");
    assert_eq!((due.create, due.again), (Some(scheduled), Some(at("2026-01-05T02:00:00.1Z"))));
    assert_eq!(job_name("report", scheduled), "report-29459580");
    cron_job.has_created(1, "report-29459580", scheduled);
    assert_eq!(cron_job.sync(at("2026-01-05T01:00:10Z"), &[job(1, None)]).create, None, "it was done");
}

/// Of five times that have passed the last counts, and with a deadline only if it is not too long ago.
///
/// rule: cron-missed
#[test]
fn the_latest_of_missed_times_is_made_up_for() {
    let now = at("2026-01-05T05:10:00Z");
    let late = hourly(|_| {}).sync(now, &[]);
    assert_eq!(late.create, Some(at("2026-01-05T05:00:00Z")));
    let in_time = hourly(|spec| spec.starting_deadline = Some(Span::from_secs(600))).sync(now, &[]);
    assert_eq!(in_time.create, None, "a time that lies just at the deadline has passed it");
    let in_time = hourly(|spec| spec.starting_deadline = Some(Span::from_secs(601))).sync(now, &[]);
    assert_eq!(in_time.create, Some(at("2026-01-05T05:00:00Z")));
    let many = CronJob::new("report", spec("* * * * *"), at(MIDNIGHT)).sync(now, &[]);
    assert_eq!(many.create, Some(now));
    assert_eq!(told(&many)[0].0, "TooManyMissedTimes");
}

/// rule: cron-concurrency
#[test]
fn an_active_job_is_let_run_waited_for_or_replaced() {
    let (first, second) = (at("2026-01-05T01:00:00Z"), at("2026-01-05T02:00:00.1Z"));
    let decide = |concurrency| {
        let mut cron_job = hourly(|spec| spec.concurrency = concurrency);
        cron_job.has_created(7, "report-7", first);
        let decision = cron_job.sync(second, &[job(7, None)]);
        (cron_job, decision)
    };
    let (_, allow) = decide(Concurrency::Allow);
    assert!(allow.create.is_some() && allow.delete.is_empty());
    let (_, replace) = decide(Concurrency::Replace);
    assert!(replace.create.is_some() && replace.delete == [7]);
    assert_eq!(told(&replace), [("SuccessfulDelete", "Deleted job report-7")]);
    let (mut cron_job, forbid) = decide(Concurrency::Forbid);
    assert_eq!((forbid.create, told(&forbid)[0].0), (None, "JobAlreadyActive"));
    assert_eq!(forbid.again, Some(at("2026-01-05T03:00:00.1Z")));
    let made_up = cron_job.sync(at("2026-01-05T02:20:00Z"), &[job(7, Some(true))]);
    assert_eq!(made_up.create, Some(at("2026-01-05T02:00:00Z")), "as soon as the Job has finished");
    assert_eq!(told(&made_up)[0], ("SawCompletedJob", "Saw completed job: report-7, condition: Complete"));
}

#[test]
fn a_suspended_one_creates_nothing_and_goes_on_cleaning_up() {
    let mut cron_job = hourly(|spec| (spec.suspend, spec.failed_history) = (true, 0));
    cron_job.has_created(1, "report-1", at("2026-01-05T01:00:00Z"));
    let decision = cron_job.sync(at("2026-01-05T09:00:00Z"), &[job(1, Some(false))]);
    assert_eq!((decision.create, decision.again, decision.delete.as_slice()), (None, None, [1].as_slice()));
    assert_eq!(told(&decision)[0].1, "Saw completed job: report-1, condition: Failed");
}

/// rule: cron-history
#[test]
fn the_oldest_finished_jobs_go() {
    let mut cron_job = hourly(|spec| spec.successful_history = 2);
    let jobs: Vec<Child> = [(4, true), (1, true), (3, true), (2, false), (5, false), (6, true)]
        .map(|(number, complete)| job(number, Some(complete)))
        .into_iter()
        .chain([job(9, None)])
        .collect();
    let decision = cron_job.sync(at(MIDNIGHT), &jobs);
    assert_eq!(decision.delete, [1, 3, 2]);
}

#[test]
fn a_job_that_somebody_deletes_is_missed() {
    let mut cron_job = hourly(|_| {});
    cron_job.has_created(1, "report-1", at("2026-01-05T01:00:00Z"));
    let decision = cron_job.sync(at("2026-01-05T01:10:00Z"), &[]);
    assert_eq!(told(&decision), [("MissingJob", "Active job went missing: report-1")]);
    assert_eq!(cron_job.active(), 0);
}

/// rule: cron-time-zone
#[test]
fn without_a_time_zone_it_is_utc() {
    assert_eq!(spec("0 8 * * *").zone, TimeZone::UTC);
    let next = Schedule::parse("0 8 * * *").unwrap().next(at(MIDNIGHT), &TimeZone::UTC);
    assert_eq!(next, Some(at("2026-01-05T08:00:00Z")));
}
