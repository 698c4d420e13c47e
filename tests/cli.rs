//! The program as a user meets it: pages of help, exit codes, results and complaints.

#[path = "cli/acs.rs"]
mod acs;
#[path = "cli/autoscalers.rs"]
mod autoscalers;
#[path = "cli/bench.rs"]
mod bench;
#[path = "cli/broken.rs"]
mod broken;
#[path = "cli/budgets.rs"]
mod budgets;
#[path = "cli/daemon_sets.rs"]
mod daemon_sets;
#[path = "cli/failures.rs"]
mod failures;
#[path = "cli/get.rs"]
mod get;
#[path = "cli/jobs.rs"]
mod jobs;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/patches.rs"]
mod patches;
#[path = "cli/replications.rs"]
mod replications;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/schedule.rs"]
mod schedule;
#[path = "cli/services.rs"]
mod services;
#[path = "cli/session.rs"]
mod session;
#[path = "cli/stateful_sets.rs"]
mod stateful_sets;
#[path = "cli/status.rs"]
mod status;
#[path = "cli/summary_page.rs"]
mod summary_page;
#[path = "cli/traffic.rs"]
mod traffic;
#[path = "cli/validate.rs"]
mod validate;
