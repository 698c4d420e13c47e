//! ECI and ACS instances in whole runs: from a scenario's text to what becomes of its pods, figures worked out by hand.

#[path = "eci/acs.rs"]
mod acs;
#[path = "eci/bill.rs"]
mod bill;
#[path = "eci/refusals.rs"]
mod refusals;
#[path = "eci/room.rs"]
mod room;
#[path = "eci/spot.rs"]
mod spot;
#[path = "eci/trial.rs"]
mod trial;
