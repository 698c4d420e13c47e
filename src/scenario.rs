//! A scenario: the file as it was typed, and the manifests that it refers to, with everything wrong in them told at once.
//!
//! [`read()`] loads the files, puts in what a variant changes, and checks names and types. What the values mean
//! together (does the instance type exist, does the expression parse) is the next step's matter.

mod coming;
pub mod diagnostic;
pub mod drafting;
pub mod file;
pub mod import;
pub mod inventory;
pub mod notation;
mod open;
mod order_of_units;
mod outlook;
pub mod patch;
pub mod path;
mod price_list;
pub mod problem;
mod read;
mod resolve;
mod scheduler_config;
pub mod starter;
mod stock;
mod trace_file;
pub mod unmodelled;

pub use open::open;
pub use outlook::outlook_of_manifests;
pub use price_list::price_list;
pub use read::{
    BASE, InputFile, Loaded, LoadedObject, LoadedStep, Locator, Manifests, ReadOptions, read, read_data_file,
    read_lone_document, read_manifests, schema,
};
pub use resolve::{Resolved, resolve};
pub use scheduler_config::scheduler_config;
pub use stock::{missing_nodes, take_stock};
